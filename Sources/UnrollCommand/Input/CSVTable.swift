import Foundation
import Unroll

/// A file of comma-separated values below a line with the columns' names. Nothing is quoted in it.
struct CSVTable {
  /// A line, split at its commas.
  struct Line {
    /// Counted from 1, the header.
    let number: Int
    /// As many as the header has.
    let cells: [String]
  }

  /// The names of the columns.
  let header: [String]
  /// What stands below them. Empty lines are passed over.
  let lines: [Line]
  private let path: String
  private let columns: [String]

  /// Reads the file at `path`, which must have some columns; it may have others too.
  ///
  /// - Throws: `FileError` if it cannot be read, `InputError.unfit` if it has not these columns, or not in every line.
  init(contentsOf path: String, columns: [String]) throws {
    let all = try readText(path).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated().map {
      Line(
        number: $0 + 1,
        cells: $1.split(separator: ",", omittingEmptySubsequences: false).map {
          $0.trimmingCharacters(in: .whitespaces)
        })
    }
    let lines = all.filter { $0.cells != [""] }
    guard let header = lines.first?.cells, Set(columns).isSubset(of: header) else {
      throw InputError.unfit(
        "\(path): no header with the columns \(columns.joined(separator: ",")); found \(lines.first?.shown ?? "nothing")"
      )
    }
    self.path = path
    self.columns = columns
    self.header = header
    self.lines = Array(lines.dropFirst())
    if let line = self.lines.first(where: { $0.cells.count != header.count }) {
      throw flaw(in: line, expected: "\(header.count) values, as in the header")
    }
  }

  /// The lines as values of a type whose keys are the columns' names.
  ///
  /// - Parameters:
  ///   - type: What each line is.
  ///   - expected: What a line should be, for messages.
  ///   - isSound: Whether a value that was read can be believed, given its place from 0.
  /// - Returns: A value for each line.
  /// - Throws: `InputError.unfit`, which names the line.
  func rows<Row: Decodable>(
    of type: Row.Type, expected: String, where isSound: (_ index: Int, Row) -> Bool = { _, _ in true }
  ) throws -> [Row] {
    try lines.enumerated().map { index, line in
      // A line is read as the object of JSON that it stands for: so names and types are those of the writers.
      let pairs = zip(header, line.cells).map { name, cell in "\(Self.json(name)):\(Self.value(cell))" }
      guard let row = try? JSONText.decode(type, from: "{\(pairs.joined(separator: ","))}", admitsNonFinite: true),
        isSound(index, row)
      else { throw flaw(in: line, expected: expected) }
      return row
    }
  }

  /// That a line is not as it should be.
  func flaw(in line: Line, expected: String) -> InputError {
    .unfit("\(path): line \(line.number) is \(line.shown); expected \(expected)")
  }

  /// A cell as a value of JSON: a number where it is one.
  private static func value(_ cell: String) -> String {
    if let whole = Int(cell) { return String(whole) }
    guard let number = Double(cell) else { return json(cell) }
    if number.isFinite { return number.description }
    return json(number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity")
  }

  private static func json(_ text: String) -> String { (try? JSONText.encode(text)) ?? "null" }
}

extension CSVTable.Line {
  /// The line for a message, cut where it is long.
  fileprivate var shown: String {
    let text = cells.joined(separator: ",")
    return text.count > 80 ? text.prefix(79) + "…" : text
  }
}

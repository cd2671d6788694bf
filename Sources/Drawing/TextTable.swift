/// A table with aligned columns for a terminal.
///
/// ```
/// rows  accuracy
/// ────  ────────
///    1    18.1 %
///   28    98.9 %
/// ```
///
/// Columns that hold nothing but numbers are aligned on the right, others on the left. Cells may contain
/// colour sequences; they take no room.
public struct TextTable: Hashable, Sendable {
  /// The names of the columns.
  public let header: [String]
  /// The cells; every row has as many as the header.
  public private(set) var rows: [[String]]

  /// A table with these columns and rows; every row must have a cell for each column.
  public init(header: [String], rows: [[String]] = []) {
    self.header = header
    self.rows = []
    for row in rows { append(row) }
  }

  /// Adds a row at the end, with a cell for each column.
  public mutating func append(_ row: [String]) {
    precondition(row.count == header.count, "a row of \(row.count) cells in a table of \(header.count) columns")
    rows.append(row)
  }

  /// The table as lines, without spaces at their ends and without a newline at the very end.
  public func text(style: TerminalStyle = TerminalStyle()) -> String {
    let lines = ([header] + rows).map { $0.map(Self.singleLine) }
    let columns = header.indices.map { column in
      (
        width: lines.map { $0[column].terminalColumns }.max() ?? 0,
        isNumeric: lines.dropFirst().allSatisfy { Self.isNumeric($0[column]) }
      )
    }
    func joined(_ cells: [String]) -> String {
      let padded = zip(cells, columns).map { $0.padded(to: $1.width, onLeft: $1.isNumeric) }
      return Self.withoutTrailingSpaces(padded.joined(separator: "  "))
    }
    let rule = style.characters == .unicode ? "─" : "-"
    let rules = columns.map { String(repeating: rule, count: $0.width) }.joined(separator: "  ")
    return ([style.inked(joined(lines[0]), .bold), rules] + lines.dropFirst().map(joined)).joined(separator: "\n")
  }

  /// Whether a cell reads as a number, with a unit of per cent or without, as a part of a number ("3/5"), or as the lack of
  /// one.
  private static func isNumeric(_ cell: String) -> Bool {
    let text = cell.withoutColors
    if ["", "·", ".", "-", "–", "nan", "inf", "-inf"].contains(text) { return true }
    guard let first = text.first, first.isNumber || "+-−.".contains(first) else { return false }
    return text.allSatisfy { $0.isNumber || "+-−–.,e%/ ".contains($0) }
  }

  /// A newline within a cell would break the table.
  private static func singleLine(_ cell: String) -> String {
    String(cell.map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }

  private static func withoutTrailingSpaces(_ line: String) -> String {
    String(line.prefix(line.lastIndex { $0 != " " }.map { line.distance(from: line.startIndex, to: $0) + 1 } ?? 0))
  }
}

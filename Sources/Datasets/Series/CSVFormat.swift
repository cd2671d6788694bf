/// How a file of separated values holds its sequences.
///
/// Columns are given by what the header calls them, or by their number from 1 where the header, if there is one, calls
/// none so.
///
/// ```swift
/// // One sequence per line, the class last, or in the column that the header calls label, class or target:
/// CSVFormat()
/// // One step per line, with the sequence that it belongs to:
/// CSVFormat(shape: .long(id: "patient", time: "hour", values: ["pulse", "pressure"]), target: .labels(column: "died"))
/// // A number to be estimated instead of a class:
/// CSVFormat(target: .numbers(column: "price"))
/// ```
public struct CSVFormat: Hashable, Sendable, Codable {
  /// What a line is.
  public enum Shape: Hashable, Sendable, Codable {
    /// A sequence, step after step: every column but the target's is a value, `featuresPerStep` of them, at least 1, to
    /// a step.
    ///
    /// Empty fields at the end of a line, or an end before the header's last column, make a shorter sequence.
    case wide(featuresPerStep: Int = 1)
    /// A step, with the sequence that it belongs to in column `id`.
    ///
    /// `values` are the columns of its features; none of them means all columns that are nothing else. Lines of one
    /// sequence need not stand together. Without `time`, its steps are in the order of its lines; with it, times
    /// (numbers, or dates as `2026-01-31 23:59:59`) must rise from line to line of a sequence, for a file out of
    /// order is a mistake more often than an intention.
    case long(id: String, time: String? = nil, values: [String] = [])
  }

  /// What the sequences are to be answered with.
  ///
  /// Without a column, it is the one that the header calls `label`, `class` or `target`, in any case of letters. Where
  /// it calls none so, it is the last one of `.wide`, and has to be given for `.long`, in which all lines of a sequence
  /// must have the same target.
  public enum Target: Hashable, Sendable, Codable {
    /// A class, of any name.
    case labels(column: String? = nil)
    /// A finite number, to be estimated.
    case numbers(column: String? = nil)
    /// Nothing: all columns are values.
    case none
  }

  /// What stands between two fields.
  public enum Delimiter: String, CaseIterable, Sendable, Codable {
    /// `,`
    case comma
    /// `;`
    case semicolon
    /// A tabulator.
    case tab

    var byte: UInt8 {
      switch self {
      case .comma: UInt8(ascii: ",")
      case .semicolon: UInt8(ascii: ";")
      case .tab: UInt8(ascii: "\t")
      }
    }
  }

  /// What a line is.
  public var shape: Shape
  /// What the sequences are to be answered with.
  public var target: Target
  /// What stands between two fields; `nil` for the one that is most frequent in the first line, outside quotes.
  public var delimiter: Delimiter?
  /// Whether the first line names the columns; `nil` to decide by whether numbers stand in it where values should.
  public var hasHeader: Bool?

  /// A format, of which everything has a default.
  ///
  /// - Parameters:
  ///   - shape: What a line is.
  ///   - target: What the sequences are to be answered with.
  ///   - delimiter: What stands between two fields; `nil` for the most frequent.
  ///   - hasHeader: Whether the first line names the columns; `nil` to decide by its content.
  public init(
    shape: Shape = .wide(), target: Target = .labels(), delimiter: Delimiter? = nil, hasHeader: Bool? = nil
  ) {
    self.shape = shape
    self.target = target
    self.delimiter = delimiter
    self.hasHeader = hasHeader
  }
}

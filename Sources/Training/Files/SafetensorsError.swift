/// A safetensors file that does not keep to the format, or an array that is not what it should be.
///
/// Its description is one line that names the file, the array, what was found and what was expected.
public struct SafetensorsError: Error, Equatable, Sendable {
  /// The rule that is broken.
  public enum Problem: Equatable, Sendable {
    /// The file has fewer than the 8 bytes that give the header's length.
    case fileTooShort(bytes: Int)
    /// The header is longer than the format allows.
    case headerTooLong(bytes: UInt64, limit: Int)
    /// The header would end behind the end of the file.
    case headerBeyondFile(bytes: UInt64, available: Int)
    /// The header is not the JSON that the format asks for; the offset is in bytes from the header's start.
    case syntax(offset: Int, found: String, expected: String)
    /// A string in the header is not UTF-8, or has an escape that stands for no character.
    case invalidText(offset: Int)
    /// Two arrays, or two entries of an object, have the same name.
    case duplicateName(String)
    /// An array's description has an entry that the format does not know.
    case unknownEntry(String)
    /// An array's description lacks an entry.
    case missingEntry(String)
    /// The element type is none of the format.
    case unknownDType(String)
    /// The array's size is beyond what this machine can count, or is no whole number of bytes.
    case uncountableSize(dtype: SafetensorsDType, shape: [Int])
    /// The array's data end before they begin.
    case reversedOffsets(begin: Int, end: Int)
    /// The array's data do not begin where those of the array before it end: there is a hole or an overlap.
    case misplacedData(begin: Int, expected: Int)
    /// The array's data are not as long as its shape says; in bytes.
    case wrongSize(found: Int, expected: Int, dtype: SafetensorsDType, shape: [Int])
    /// The data behind the header are not as long as all arrays together; in bytes.
    case wrongDataSize(found: Int, expected: Int)
    /// The data are larger than this machine's memory; in bytes.
    case tooLargeForMemory(bytes: Int, memory: UInt64)
    /// The array's elements were wanted as floating point numbers.
    case notFloatingPoint(SafetensorsDType)
  }

  /// The rule that is broken.
  public var problem: Problem

  /// The path of the file; nil where only an array is known.
  public var file: String?

  /// The name of the array; nil where the problem is that of the whole file.
  public var array: String?

  /// Creates the error from its parts.
  public init(_ problem: Problem, file: String? = nil, array: String? = nil) {
    self.problem = problem
    self.file = file
    self.array = array
  }
}

extension SafetensorsError: CustomStringConvertible {
  /// The error as one line.
  public var description: String {
    (file.map { "\($0): " } ?? "") + (array.map { "array \(quoted($0)): " } ?? "") + problem.description
  }
}

extension SafetensorsError.Problem: CustomStringConvertible {
  /// What was found and what was expected.
  public var description: String {
    switch self {
    case .fileTooShort(let bytes):
      "not a safetensors file: it has \(bytes) bytes, expected at least 8"
    case .headerTooLong(let bytes, let limit):
      "not a safetensors file: its header would have \(bytes) bytes, the format allows \(limit)"
    case .headerBeyondFile(let bytes, let available):
      "the header should have \(bytes) bytes, but only \(available) follow; the file is cut off or not safetensors"
    case .syntax(let offset, let found, let expected):
      "the header has \(found) at byte \(offset), expected \(expected)"
    case .invalidText(let offset):
      "the header's text at byte \(offset) is not UTF-8, or has an invalid escape"
    case .duplicateName(let name):
      "the header has the name \(quoted(name)) twice"
    case .unknownEntry(let key):
      "unknown entry \(quoted(key)), expected \"dtype\", \"shape\" and \"data_offsets\""
    case .missingEntry(let key):
      "the entry \(quoted(key)) is missing"
    case .unknownDType(let name):
      "unknown element type \(quoted(name)), expected F32, F64, F16, BF16, I64 or another of the format"
    case .uncountableSize(let dtype, let shape):
      "shape \(shortened(shape)) of \(dtype.rawValue) is too large, or not a whole number of bytes"
    case .reversedOffsets(let begin, let end):
      "its data begin at byte \(begin) and end before, at \(end)"
    case .misplacedData(let begin, let expected):
      "its data begin at byte \(begin), expected \(expected), where those before it end"
    case .wrongSize(let found, let expected, let dtype, let shape):
      "it has \(found) bytes of data, expected \(expected) for shape \(shortened(shape)) of \(dtype.rawValue)"
    case .wrongDataSize(let found, let expected):
      "\(found) bytes of data follow the header, expected \(expected); the file is cut off or has been changed"
    case .tooLargeForMemory(let bytes, let memory):
      "it has \(bytes) bytes of data, more than this machine's memory of \(memory)"
    case .notFloatingPoint(let dtype):
      "its elements are \(dtype.rawValue), expected F32, F64, F16 or BF16"
    }
  }
}

/// Names come from a file that is not trusted: what they show on a terminal must stay on the line and be short.
private func quoted(_ name: String) -> String {
  let scalars = name.unicodeScalars
  let shown = scalars.prefix(80).map { $0.escaped(asASCII: true) }.joined()
  return "\"\(shown)\(scalars.count > 80 ? "…" : "")\""
}

private func shortened(_ shape: [Int]) -> String {
  "[\(shape.prefix(8).map(String.init).joined(separator: ", "))\(shape.count > 8 ? ", …" : "")]"
}

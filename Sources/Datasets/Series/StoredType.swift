/// How an element of an array lies in a file.
enum StoredType {
  /// A number; the byte of the greatest weight comes first or last.
  case number(NumberType, isBigEndian: Bool)
  /// NumPy's `S`: text of so many bytes, with zeros after its end.
  case bytes(Int)
  /// NumPy's `U`: text of so many Unicode scalars of four bytes each, with zeros after its end.
  case scalars(Int, isBigEndian: Bool)

  /// Longer texts than this name no class.
  static let greatestTextLength = 1024

  /// Bytes of an element.
  var size: Int {
    switch self {
    case .number(let type, _): type.size
    case .bytes(let count): count
    case .scalars(let count, _): 4 * count
    }
  }

  /// The greatest length of the texts, in bytes or Unicode scalars; 0 for numbers.
  var textLength: Int {
    switch self {
    case .number: 0
    case .bytes(let count), .scalars(let count, _): count
    }
  }

  /// Whether elements are numbers, and not texts.
  var isNumber: Bool {
    if case .number = self { true } else { false }
  }

  /// An element as the name of a class: text as it is, a whole number in decimal digits; `nil` if it is neither.
  func label(_ bytes: UnsafeRawBufferPointer) -> String? {
    switch self {
    case .number(let type, let isBigEndian):
      return type.wholeText(bytes, isBigEndian: isBigEndian)
    case .bytes:
      let used = (bytes.lastIndex { $0 != 0 } ?? -1) + 1
      return String(validating: bytes[..<used], as: UTF8.self)
    case .scalars(let count, let isBigEndian):
      let words: [UInt32] = (0..<count).map { bytes.word(at: 4 * $0, isBigEndian: isBigEndian) }
      let used = (words.lastIndex { $0 != 0 } ?? -1) + 1
      return String(validating: words[..<used], as: UTF32.self)
    }
  }
}

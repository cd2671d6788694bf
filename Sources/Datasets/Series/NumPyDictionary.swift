/// The dictionary in the header of a `.npy` file, `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`: of
/// Python's literals, those that NumPy writes there, and nothing is evaluated.
struct NumPyDictionary {
  /// What is wrong with it, to be put behind the file's name.
  struct Flaw: Error {
    let reason: String

    init(_ reason: String) {
      self.reason = reason
    }
  }

  /// The elements' type in NumPy's spelling.
  let description: String
  /// Whether the first dimension is the fastest.
  let isColumnMajor: Bool
  /// The size of each dimension.
  let shape: [Int]

  /// Reads the text, to its end.
  init(_ text: [UInt8]) throws(Flaw) {
    var parser = Parser(text)
    var (description, isColumnMajor, shape): (String?, Bool?, [Int]?)
    try parser.take("{")
    while !parser.takes("}") {
      let key = try parser.text()
      try parser.take(":")
      switch key {
      case "descr" where description == nil: description = try parser.type()
      case "fortran_order" where isColumnMajor == nil: isColumnMajor = try parser.truth()
      case "shape" where shape == nil: shape = try parser.tuple()
      case "descr", "fortran_order", "shape": throw Flaw("has a NumPy header that gives \(key) twice")
      default: throw Flaw("has a NumPy header with \(quoted(key)); descr, fortran_order and shape were expected")
      }
      guard parser.takes(",") else {
        try parser.take("}")
        break
      }
    }
    try parser.end()
    guard let description, let isColumnMajor, let shape else {
      throw Flaw("has a NumPy header that does not give all of descr, fortran_order and shape")
    }
    (self.description, self.isColumnMajor, self.shape) = (description, isColumnMajor, shape)
  }
}

/// Takes literals one after another, with any white space in front of each.
private struct Parser {
  private var cursor: ByteCursor
  private let count: Int

  init(_ text: [UInt8]) {
    cursor = ByteCursor(text)
    count = text.count
  }

  /// Takes a sign if it comes next.
  mutating func takes(_ sign: Unicode.Scalar) -> Bool {
    skipSpace()
    guard cursor.peek == UInt8(ascii: sign) else { return false }
    _ = cursor.byte()
    return true
  }

  mutating func take(_ sign: Unicode.Scalar) throws(NumPyDictionary.Flaw) {
    guard takes(sign) else { throw flaw("'\(sign)'") }
  }

  /// Nothing but white space may follow.
  mutating func end() throws(NumPyDictionary.Flaw) {
    skipSpace()
    guard cursor.peek == nil else { throw flaw("its end") }
  }

  /// Printable ASCII between quotes of one kind, without any escapes.
  mutating func text() throws(NumPyDictionary.Flaw) -> String {
    skipSpace()
    guard let quote = cursor.peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw flaw("a text in quotes")
    }
    _ = cursor.byte()
    var text: [UInt8] = []
    while let byte = cursor.peek, byte != quote {
      guard (0x20...0x7e).contains(byte), byte != UInt8(ascii: "\\") else { throw flaw("a plain letter") }
      text.append(byte)
      _ = cursor.byte()
    }
    guard cursor.byte() != nil else { throw flaw("the end of a text") }
    return String(decoding: text, as: UTF8.self)
  }

  /// The value of `descr`: a text, or for records a list.
  mutating func type() throws(NumPyDictionary.Flaw) -> String {
    guard !takes("[") else {
      throw .init("holds records with named fields; save each field as an array of its own")
    }
    return try text()
  }

  mutating func truth() throws(NumPyDictionary.Flaw) -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)] where cursor.rest.starts(with: word.utf8) {
      _ = cursor.bytes(word.utf8.count)
      return value
    }
    throw flaw("True or False")
  }

  /// Sizes in parentheses: `()`, `(3,)`, `(3, 4)`. Without its comma, Python takes `(3)` for a number.
  mutating func tuple() throws(NumPyDictionary.Flaw) -> [Int] {
    var sizes: [Int] = []
    try take("(")
    while !takes(")") {
      sizes.append(try number())
      guard takes(",") else {
        guard sizes.count > 1 else { throw flaw("','") }
        try take(")")
        break
      }
    }
    return sizes
  }

  private mutating func number() throws(NumPyDictionary.Flaw) -> Int {
    skipSpace()
    let digits = cursor.rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard !digits.isEmpty else { throw flaw("the size of a dimension") }
    guard let number = Int(String(decoding: digits, as: UTF8.self)) else {
      throw .init("has a NumPy header with a dimension that is too large")
    }
    _ = cursor.bytes(digits.count)
    return number
  }

  private mutating func skipSpace() {
    while let byte = cursor.peek, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") { _ = cursor.byte() }
  }

  private func flaw(_ expected: String) -> NumPyDictionary.Flaw {
    .init("has a damaged NumPy header: at its byte \(count - cursor.rest.count), \(expected) was expected")
  }
}

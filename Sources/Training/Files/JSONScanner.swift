/// Reads the parts of JSON (RFC 8259) that a safetensors header is made of, one after another.
///
/// Every method skips the white space before what it reads, except at the very start, where a header may have none.
/// It throws `SafetensorsError` with `.syntax` if something else is there.
struct JSONScanner {
  private let bytes: [UInt8]
  private var position = 0

  /// Begins at the first byte.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Reads an object, of which `readValue` is given each name and reads the value.
  ///
  /// Throws `.duplicateName` where two names are equal, as Swift compares strings:
  /// two spellings of one character (é, and e with an accent) count as the same.
  mutating func readObject(
    _ readValue: (inout JSONScanner, String) throws(SafetensorsError) -> Void
  ) throws(SafetensorsError) {
    var names: Set<String> = []
    try readList(from: "{", to: "}") { scanner throws(SafetensorsError) in
      let name = try scanner.readString()
      guard names.insert(name).inserted else { throw SafetensorsError(.duplicateName(name)) }
      try scanner.read(":", expected: "a colon")
      try readValue(&scanner, name)
    }
  }

  /// Reads an array of whole numbers from 0 to `Int.max`, of any number of them unless `count` is given.
  mutating func readIntegers(count: Int? = nil) throws(SafetensorsError) -> [Int] {
    var integers: [Int] = []
    try readList(from: "[", to: "]") { scanner throws(SafetensorsError) in
      integers.append(try scanner.readInteger())
    }
    if let count, integers.count != count {
      throw SafetensorsError(
        .syntax(offset: position, found: "a list of \(integers.count)", expected: "a list of \(count) numbers"))
    }
    return integers
  }

  /// Reads a string.
  mutating func readString() throws(SafetensorsError) -> String {
    try read("\"", expected: "a string")
    let start = position
    var text: [UInt8] = []
    while let byte = next() {
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw SafetensorsError(.invalidText(offset: start))
        }
        return string
      case UInt8(ascii: "\\"):
        text += try readEscape()
      case 0..<0x20:
        position -= 1
        throw unexpected("no control character in a string")
      default:
        text.append(byte)
      }
    }
    throw unexpected("the end of a string")
  }

  /// Skips the word `null`, and says whether it was there.
  mutating func skipNull() -> Bool {
    skipWhiteSpace()
    let word = "null".utf8
    guard bytes[position...].starts(with: word) else { return false }
    position += word.count
    return true
  }

  /// Makes sure that nothing but white space follows.
  mutating func readEnd() throws(SafetensorsError) {
    skipWhiteSpace()
    if position < bytes.count { throw unexpected("the end of the header") }
  }
}

extension JSONScanner {
  private mutating func readList(
    from opening: Unicode.Scalar, to closing: Unicode.Scalar,
    _ readElement: (inout JSONScanner) throws(SafetensorsError) -> Void
  ) throws(SafetensorsError) {
    try read(opening, expected: "\"\(opening)\"")
    if skip(closing) { return }
    repeat {
      try readElement(&self)
    } while skip(",")
    try read(closing, expected: "a comma or \"\(closing)\"")
  }

  private mutating func readInteger() throws(SafetensorsError) -> Int {
    skipWhiteSpace()
    let start = position
    var value = 0
    while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isTooLargeByOne) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      if isTooLarge || isTooLargeByOne {
        throw SafetensorsError(.syntax(offset: start, found: "a greater number", expected: "at most \(Int.max)"))
      }
      value = sum
      position += 1
    }
    if position == start { throw unexpected("a whole number") }
    if bytes[start] == UInt8(ascii: "0") && position > start + 1 {
      position = start
      throw unexpected("a number without leading zeros")
    }
    return value
  }

  /// Reads what follows a backslash, and returns its UTF-8.
  private mutating func readEscape() throws(SafetensorsError) -> [UInt8] {
    let start = position - 1
    switch next() {
    case UInt8(ascii: "\""): return [UInt8(ascii: "\"")]
    case UInt8(ascii: "\\"): return [UInt8(ascii: "\\")]
    case UInt8(ascii: "/"): return [UInt8(ascii: "/")]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      // Characters beyond U+FFFF are two escapes, a pair of UTF-16 surrogates.
      guard var units = readHexadecimal().map({ [$0] }) else { break }
      if UTF16.isLeadSurrogate(units[0]), next() == UInt8(ascii: "\\"), next() == UInt8(ascii: "u"),
        let trail = readHexadecimal()
      {
        units.append(trail)
      }
      guard let text = String(validating: units, as: UTF16.self) else { break }
      return Array(text.utf8)
    default: break
    }
    throw SafetensorsError(.invalidText(offset: start))
  }

  private mutating func readHexadecimal() -> UInt16? {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 | UInt16(digit)
    }
    return value
  }

  private mutating func read(_ scalar: Unicode.Scalar, expected: String) throws(SafetensorsError) {
    if !skip(scalar) { throw unexpected(expected) }
  }

  /// Skips a character if it comes next, and says whether it did.
  private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
    skipWhiteSpace()
    guard peek() == UInt8(ascii: scalar) else { return false }
    position += 1
    return true
  }

  private mutating func skipWhiteSpace() {
    if position == 0 { return }
    while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  private mutating func next() -> UInt8? {
    defer { position = min(position + 1, bytes.count) }
    return peek()
  }

  private func peek() -> UInt8? {
    position < bytes.count ? bytes[position] : nil
  }

  private func unexpected(_ expected: String) -> SafetensorsError {
    let found = peek().map { byte in
      (0x21..<0x7F).contains(byte) ? "\"\(Unicode.Scalar(byte))\"" : "the byte \(byte)"
    }
    return SafetensorsError(.syntax(offset: position, found: found ?? "its end", expected: expected))
  }
}

import Foundation

/// The lines of a text file, one after another; only the current one is in memory.
///
/// A line ends with LF or CRLF, and the last may end with the file. A byte order mark in front of the first is
/// skipped, and NUL bytes are refused, which no text file has and most others do. Everything else is left as bytes:
/// most of a file of numbers never has to become text.
struct LineReader {
  /// The longest line, in bytes, that is read: 64 MiB, or five million steps.
  ///
  /// There must be a limit, because a megabyte of gzip can hold a line of a gigabyte.
  static let greatestLength = 1 << 26

  /// The current line without its end, or several lines joined by LF.
  private(set) var bytes: [UInt8] = []
  /// The number of the first of the current lines, from 1.
  private(set) var number = 0

  private let file: FileBytes
  private var chunk = [UInt8](repeating: 0, count: 1 << 16)
  private var unread = 0..<0
  private var linesRead = 0

  init(_ file: FileBytes) {
    self.file = file
  }

  /// The path as given, for messages.
  var path: String { file.name }

  /// Moves on to the next line; false at the end of the file.
  mutating func next() throws(DatasetError) -> Bool {
    bytes.removeAll(keepingCapacity: true)
    number = linesRead + 1
    return try appendLine()
  }

  /// Joins the next line to the current ones, with LF between them; false at the end of the file.
  mutating func join() throws(DatasetError) -> Bool {
    bytes.append(Self.lineFeed)
    guard try appendLine() else {
      bytes.removeLast()
      return false
    }
    return true
  }

  private mutating func appendLine() throws(DatasetError) -> Bool {
    let start = bytes.count
    var hasBegun = false
    var hasEnded = false
    while !hasEnded {
      if unread.isEmpty {
        unread = 0..<(try refill())
      }
      guard !unread.isEmpty else { break }
      hasBegun = true
      let end = chunk.firstIndex(ofByte: Self.lineFeed, in: unread)
      let piece = unread.lowerBound..<(end ?? unread.upperBound)
      guard bytes.count + piece.count <= Self.greatestLength else {
        throw flaw(
          at: start,
          "more than \(Self.greatestLength) bytes without an end of the line; is a quote not closed, or is "
            + "this not a text file?")
      }
      bytes.append(contentsOf: chunk[piece])
      unread = (end.map { $0 + 1 } ?? unread.upperBound)..<unread.upperBound
      hasEnded = end != nil
    }
    guard hasBegun else { return false }
    linesRead += 1
    if bytes.count > start, bytes.last == UInt8(ascii: "\r") {
      bytes.removeLast()
    }
    if linesRead == 1, bytes.starts(with: [0xef, 0xbb, 0xbf]) {
      bytes.removeFirst(3)
    }
    if let offset = bytes.firstIndex(ofByte: 0, in: start..<bytes.count) {
      throw flaw(at: offset, "a NUL byte, which no text file has; if this is UTF-16, save it as UTF-8")
    }
    return true
  }

  private mutating func refill() throws(DatasetError) -> Int {
    try chunk.withUnsafeMutableBufferPointer { [file] output throws(DatasetError) in
      try file.read(into: UnsafeMutableRawBufferPointer(output))
    }
  }

  private static let lineFeed = UInt8(ascii: "\n")
}

// What the formats ask of a line, by offsets in `bytes`.
extension LineReader {
  /// Without the spaces and tabs at both ends.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    let start = skippingBlanks(range)
    var end = range.upperBound
    while start < end, Self.isBlank(bytes[end - 1]) { end -= 1 }
    return start..<end
  }

  /// Where something else than spaces and tabs begins; the end, if nothing does.
  func skippingBlanks(_ range: Range<Int>) -> Int {
    var start = range.lowerBound
    while start < range.upperBound, Self.isBlank(bytes[start]) { start += 1 }
    return start
  }

  /// The words between spaces and tabs.
  func words(in range: Range<Int>) -> [Range<Int>] {
    bytes[range].split(whereSeparator: Self.isBlank).map(\.indices)
  }

  /// The number that stands there, blanks around it aside; `nil` where it is missing.
  ///
  /// - Throws: `DatasetError.malformed` where something else stands there.
  func number(in range: Range<Int>) throws(DatasetError) -> Float? {
    let range = trimmed(range)
    if let decimal = DecimalNumber(bytes[range]) {
      guard let value = decimal.float else {
        throw flaw(at: range.lowerBound, "\(excerpt(range)) is larger than any number in single precision")
      }
      return value
    }
    guard DecimalNumber.isMissing(bytes[range]) else {
      // A comma that is no delimiter, between digits: most likely a German or French table.
      let hasDecimalComma = bytes[range].count { $0 == UInt8(ascii: ",") } == 1
      throw flaw(
        at: range.lowerBound,
        "\(excerpt(range)) is not a number"
          + (hasDecimalComma ? "; numbers have a decimal point" : "; a missing one is written as ? or NaN"))
    }
    return nil
  }

  /// The text that stands there, blanks around it aside.
  ///
  /// - Throws: `DatasetError.malformed` where it is not UTF-8 or could move a terminal's cursor.
  func text(in range: Range<Int>) throws(DatasetError) -> String {
    let range = trimmed(range)
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw flaw(at: range.lowerBound, "\(excerpt(range)) is not UTF-8; save the file as UTF-8")
    }
    if let offset = range.first(where: { Self.isControl(bytes[$0]) }) {
      throw flaw(at: offset, "the control character \(hexadecimal(bytes[offset])) in a text")
    }
    return text
  }

  /// What stands there, in quotes and cut to the length of a message.
  func excerpt(_ range: Range<Int>) -> String {
    // More bytes than a message has characters; not all of a line that may be long.
    quoted(String(decoding: bytes[range].prefix(200), as: UTF8.self))
  }

  /// An error about what stands at `offset`: its line and its column, both from 1, in front of the message.
  ///
  /// Columns count characters as editors do, Unicode scalars that is, and not bytes.
  func flaw(at offset: Int, _ message: String) -> DatasetError {
    let before = bytes[..<min(offset, bytes.count)]
    let start = before.lastIndex(of: Self.lineFeed).map { $0 + 1 } ?? 0
    let line = number + before.count { $0 == Self.lineFeed }
    let column = 1 + before[start...].count { $0 & 0xc0 != 0x80 }
    return .malformed("\(path): line \(line), column \(column): \(message)")
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  private static func isControl(_ byte: UInt8) -> Bool {
    (byte < 0x20 && byte != UInt8(ascii: "\t") && byte != lineFeed) || byte == 0x7f
  }
}

/// A text as messages have it, in quotes.
func quoted(_ text: String) -> String { "'\(printable(text))'" }

/// A text without characters that move a cursor, and cut to 40: one out of a file can be anything.
func printable(_ text: String) -> String {
  let scalars = text.unicodeScalars
  var printable = String.UnicodeScalarView()
  for scalar in scalars.prefix(40) {
    printable.append(scalar.properties.generalCategory == .control ? "\u{fffd}" : scalar)
  }
  return String(printable) + (scalars.dropFirst(40).isEmpty ? "" : "…")
}

/// A number of things: 1 step, 2 steps.
func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}

extension [UInt8] {
  /// `firstIndex(of:)` at the speed of `memchr`, which looks at many bytes at once.
  func firstIndex(ofByte byte: UInt8, in range: Range<Int>) -> Int? {
    withUnsafeBytes { bytes in
      guard let start = UnsafeRawBufferPointer(rebasing: bytes[range]).baseAddress,
        let found = memchr(start, Int32(byte), range.count)
      else { return nil }
      return range.lowerBound + (UnsafeRawPointer(found) - start)
    }
  }
}

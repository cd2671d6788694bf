/// The portable graymap of Netpbm, as text (P2) or binary (P5); of several pictures in one file the first.
enum PGM {
  static func recognizes(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: "P2".utf8) || bytes.starts(with: "P5".utf8)
  }

  static func decode(_ bytes: [UInt8]) throws(ImageFlaw) -> (width: Int, height: Int, pixels: [UInt8]) {
    var cursor = ByteCursor(bytes.dropFirst(2))
    let width = try number(&cursor, "width")
    let height = try number(&cursor, "height")
    let greatest = try number(&cursor, "greatest grey value")
    guard (1...65535).contains(greatest) else {
      throw ImageFlaw("announces \(greatest) as its greatest grey value; 1 to 65535 is allowed")
    }
    let count = try checkedPixelCount(width: width, height: height)
    let samples =
      bytes.starts(with: "P5".utf8)
      ? try binarySamples(count, wide: greatest > 255, &cursor) : try textSamples(count, &cursor)
    guard let strayed = samples.first(where: { $0 > greatest }) else {
      return (width, height, samples.map { UInt8((Int($0) * 255 + greatest / 2) / greatest) })
    }
    throw ImageFlaw("has a grey value of \(strayed), above the announced greatest, \(greatest)")
  }

  private static func binarySamples(
    _ count: Int, wide: Bool, _ cursor: inout ByteCursor
  ) throws(ImageFlaw) -> [UInt16] {
    // Exactly one white space ends the header; the next byte may look like one and is a pixel.
    guard let space = cursor.byte(), isSpace(space), let data = cursor.bytes(wide ? 2 * count : count) else {
      throw ImageFlaw("ends before its last pixel")
    }
    guard wide else {
      return data.map(UInt16.init)
    }
    let first = data.startIndex
    return (0..<count).map { UInt16(data[first + 2 * $0]) << 8 | UInt16(data[first + 2 * $0 + 1]) }
  }

  private static func textSamples(_ count: Int, _ cursor: inout ByteCursor) throws(ImageFlaw) -> [UInt16] {
    // A number and its space take two bytes: checked first, so that a lying header takes no memory.
    guard cursor.rest.count / 2 + 1 >= count else {
      throw ImageFlaw("ends before its last pixel")
    }
    var samples: [UInt16] = []
    samples.reserveCapacity(count)
    for _ in 0..<count {
      samples.append(UInt16(clamping: try number(&cursor, "grey value")))
    }
    return samples
  }

  /// The next decimal number, after any white space and comments.
  private static func number(_ cursor: inout ByteCursor, _ what: String) throws(ImageFlaw) -> Int {
    skipSpace(&cursor)
    var value: Int?
    while let digit = cursor.peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
      _ = cursor.byte()
      value = (value ?? 0) * 10 + Int(digit - UInt8(ascii: "0"))
      guard value ?? 0 <= Int(Int32.max) else {
        throw ImageFlaw("has a \(what) that is too large")
      }
    }
    guard let value else {
      throw ImageFlaw(cursor.peek == nil ? "ends before its \(what)" : "has something other than digits as a \(what)")
    }
    return value
  }

  private static func skipSpace(_ cursor: inout ByteCursor) {
    while let byte = cursor.peek {
      if byte == UInt8(ascii: "#") {
        while let byte = cursor.byte(), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {}
      } else if isSpace(byte) {
        _ = cursor.byte()
      } else {
        return
      }
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0d).contains(byte)
  }
}

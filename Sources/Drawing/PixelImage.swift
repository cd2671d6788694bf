/// A small picture, a pixel for each number: what a heat map of thousands of cells is drawn with, where a rectangle for
/// each would make a file of megabytes.
struct PixelImage {
  /// Pixels of a row, and rows.
  let width, height: Int
  /// Row by row, the places of the colours in the palette.
  private let pixels: [UInt8]
  private let palette: [RGB]

  /// The numbers of `rows` in the colours of a scale; NaN is grey. All rows have one length, at least 1.
  init(_ rows: [[Double]], scale: FittedColorScale) {
    height = rows.count
    width = rows[0].count
    // 255 shades, which nobody can tell from all, and one colour for what is no number.
    palette = (0..<255).map { scale.color(at: Double($0) / 254) } + [Theme.missing.light]
    pixels = rows.joined().map { value in scale.position(of: value).map { UInt8(($0 * 254).rounded()) } ?? 255 }
  }

  /// The picture as an element that fills a box, every pixel with sharp edges: in the words of CSS for browsers, and in
  /// those of SVG 1.1 for whoever does not know them.
  func element(in box: Box) -> SVGElement {
    SVGElement(
      "image",
      [
        "x": box.x, "y": box.y, "width": box.width, "height": box.height, "preserveAspectRatio": "none",
        "image-rendering": "optimizeSpeed", "style": "image-rendering:pixelated",
        "href": "data:image/png;base64," + base64(png),
      ])
  }

  /// The picture as a PNG file (W3C, third edition): an indexed colour for each pixel, in deflate blocks that are only
  /// stored (RFC 1951, section 3.2.4), for these files are small.
  var png: [UInt8] {
    let lines = (0..<height).flatMap { [0] + pixels[$0 * width..<($0 + 1) * width] }
    var stream: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: lines.count, by: 65535) {
      let block = lines[start..<min(start + 65535, lines.count)]
      let count = UInt16(block.count)
      stream += [block.endIndex == lines.count ? 1 : 0]
      stream += [UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8)] + block
    }
    stream += bigEndian(adler32(lines))
    let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 3, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
      + chunk("PLTE", palette.flatMap { [$0.red, $0.green, $0.blue] }) + chunk("IDAT", stream) + chunk("IEND", [])
  }
}

private func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
  let checked = Array(type.utf8) + data
  return bigEndian(UInt32(data.count)) + checked + bigEndian(crc32(checked))
}

private func bigEndian(_ number: UInt32) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
}

/// The check sum of PNG's chunks: ISO 3309's, bit by bit.
private func crc32(_ bytes: [UInt8]) -> UInt32 {
  ~bytes.reduce(UInt32.max) { sum, byte in
    (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
  }
}

/// The check sum of a zlib stream (RFC 1950, section 8.2).
private func adler32(_ bytes: [UInt8]) -> UInt32 {
  let (a, b) = bytes.reduce((UInt32(1), UInt32(0))) { sums, byte in
    let a = (sums.0 + UInt32(byte)) % 65521
    return (a, (sums.1 + a) % 65521)
  }
  return b << 16 | a
}

/// Bytes as text (RFC 4648, section 4).
private func base64(_ bytes: [UInt8]) -> String {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
    for place in 0..<4 {
      text.append(place <= group.count ? digits[Int(bits >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
    }
  }
  return String(decoding: text, as: UTF8.self)
}

import CZlib

/// Writes PNG files of every kind, right or with a flaw: written from the standard, apart from the decoder.
struct PNGEncoder {
  var width: Int
  var height: Int
  var depth: Int
  var colorType: Int
  var isInterlaced = false
  var palette: [UInt8] = []
  var transparency: [UInt8] = []
  /// Called for the filter of each row.
  var filter: () -> Int = { 0 }

  static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  var channels: Int { [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colorType] ?? 1 }

  /// The file for samples of shape [height, width, channels].
  func encode(_ samples: [Int]) -> [UInt8] {
    file(pixels: compress(rows(samples), gzip: false))
  }

  /// The file around any compressed pixel data, in two chunks to see them joined.
  func file(pixels: [UInt8]) -> [UInt8] {
    var file = Self.signature + Self.chunk("IHDR", header)
    if !palette.isEmpty { file += Self.chunk("PLTE", palette) }
    if !transparency.isEmpty { file += Self.chunk("tRNS", transparency) }
    file += Self.chunk("tEXt", Array("Comment\u{0}to be skipped".utf8))
    let half = pixels.count / 2
    return file + Self.chunk("IDAT", Array(pixels.prefix(half))) + Self.chunk("IDAT", Array(pixels.dropFirst(half)))
      + Self.chunk("IEND", [])
  }

  var header: [UInt8] {
    bigEndian(width) + bigEndian(height) + [UInt8(depth), UInt8(colorType), 0, 0, isInterlaced ? 1 : 0]
  }

  static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let checked = Array(type.utf8) + data
    return bigEndian(data.count) + checked + bigEndian(Int(crc32(0, checked, UInt32(checked.count))))
  }

  /// The filtered rows, before compression.
  func rows(_ samples: [Int]) -> [UInt8] {
    let passes =
      isInterlaced
      ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
      : [(0, 0, 1, 1)]
    var result: [UInt8] = []
    for (x0, y0, dx, dy) in passes where x0 < width {
      var above: [UInt8]?
      for y in stride(from: y0, to: height, by: dy) {
        let row = stride(from: x0, to: width, by: dx).flatMap { x in
          (0..<channels).map { samples[(y * width + x) * channels + $0] }
        }
        let packed = pack(row)
        result += filtered(packed, above: above ?? [UInt8](repeating: 0, count: packed.count))
        above = packed
      }
    }
    return result
  }

  private func pack(_ samples: [Int]) -> [UInt8] {
    if depth == 16 {
      return samples.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    }
    var bytes = [UInt8](repeating: 0, count: (samples.count * depth + 7) / 8)
    for (index, sample) in samples.enumerated() {
      let bit = index * depth
      bytes[bit / 8] |= UInt8(sample << (8 - depth - bit % 8))
    }
    return bytes
  }

  private func filtered(_ row: [UInt8], above: [UInt8]) -> [UInt8] {
    let kind = filter()
    let distance = max(1, depth * channels / 8)
    return [UInt8(kind)]
      + row.indices.map { index in
        let a = index < distance ? 0 : Int(row[index - distance])
        let b = Int(above[index])
        let c = index < distance ? 0 : Int(above[index - distance])
        let p = a + b - c
        let nearest = [a, b, c].min { abs(p - $0) < abs(p - $1) } ?? 0
        return row[index] &- UInt8([0, a, b, (a + b) / 2, nearest][min(kind, 4)])
      }
  }
}

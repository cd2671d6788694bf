import CZlib

extension GrayImage {
  /// The picture as the content of a PNG file (ISO/IEC 15948) of 8-bit grey; reading that gives the same pixels. The same
  /// picture always gives the same bytes, with one version of zlib.
  ///
  /// - Precondition: Neither side is beyond 2³¹ − 1 pixels, which the format allows; the compressed pixels fit one chunk,
  ///   of as many bytes.
  public var png: [UInt8] {
    precondition(
      width <= Int(Int32.max) && height <= Int(Int32.max), "a PNG of \(width) × \(height): at most 2147483647 a side")
    // Each row has the number of its filter in front: 0, none.
    var rows: [UInt8] = []
    rows.reserveCapacity(height * (width + 1))
    for start in stride(from: 0, to: pixels.count, by: width) {
      rows.append(0)
      rows += pixels[start..<start + width]
    }
    let header = PNGChunk.bigEndian(width) + PNGChunk.bigEndian(height) + [8, 0, 0, 0, 0]
    return PNGFile.signature + PNGChunk.bytes("IHDR", header) + PNGChunk.bytes("IDAT", Self.deflated(rows))
      + PNGChunk.bytes("IEND", [])
  }

  /// A zlib stream of `bytes`, as small as zlib makes it.
  private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(uLong(bytes.count))
    var compressed = [UInt8](repeating: 0, count: Int(count))
    let status = compress2(&compressed, &count, bytes, uLong(bytes.count), Z_BEST_COMPRESSION)
    // There is room for the worst case, so only memory can lack.
    precondition(status == Z_OK, "zlib cannot compress \(bytes.count) bytes: status \(status)")
    return Array(compressed.prefix(Int(count)))
  }
}

/// A chunk of a PNG file as bytes.
private enum PNGChunk {
  /// Length, type, data and checksum.
  static func bytes(_ type: String, _ data: [UInt8]) -> [UInt8] {
    precondition(data.count <= Int(Int32.max), "\(data.count) bytes in a chunk of a PNG: at most 2147483647")
    let checked = Array(type.utf8) + data
    let checksum = checked.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) }
    return bigEndian(data.count) + checked + bigEndian(Int(checksum))
  }

  static func bigEndian(_ number: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }
}

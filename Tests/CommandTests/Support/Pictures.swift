import CZlib
import Foundation

/// A grey picture as a PGM file.
func pgm(_ pixels: [UInt8], side: Int) -> Data {
  Data("P5\n\(side) \(side)\n255\n".utf8) + pixels
}

/// A grey picture as a PNG file.
func png(_ pixels: [UInt8], side: Int) -> Data {
  let rows = (0..<side).flatMap { [0] + pixels[$0 * side..<($0 + 1) * side] }
  var packed = [UInt8](repeating: 0, count: Int(compressBound(uLong(rows.count))))
  var count = uLongf(packed.count)
  precondition(compress(&packed, &count, rows, uLong(rows.count)) == Z_OK)
  func bytes(_ number: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }
  func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let checked = Array(type.utf8) + data
    return bytes(data.count) + checked + bytes(Int(crc32(0, checked, UInt32(checked.count))))
  }
  let header = bytes(side) + bytes(side) + [8, 0, 0, 0, 0]
  return Data(
    [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + chunk("IHDR", header)
      + chunk("IDAT", Array(packed.prefix(Int(count)))) + chunk("IEND", []))
}

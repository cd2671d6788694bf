import Foundation
import Interchange
import Testing
import Training

/// The records of a TFRecord file, whose checks are right.
func records(of url: URL) throws -> [[UInt8]] {
  var rest = Array(try Data(contentsOf: url))[...]
  func take(_ count: Int) throws -> [UInt8] {
    try #require(rest.count >= count, "the file ends within a record")
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }
  func number(_ bytes: [UInt8]) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
  func check(_ bytes: [UInt8]) throws {
    let crc = crc32c(bytes), masked = (crc >> 15 | crc << 17) &+ 0xA282_EAD8
    #expect(number(try take(4)) == UInt64(masked))
  }
  var records: [[UInt8]] = []
  while !rest.isEmpty {
    let length = try take(8)
    try check(length)
    records.append(try take(Int(number(length))))
    try check(records[records.count - 1])
  }
  return records
}

/// The tags of an event file's values, in their order: scalars and histograms.
func tags(of url: URL) throws -> [String] {
  try records(of: url).dropFirst().flatMap { record in
    // The time, the step (one byte here), the summary's length (a varint), and then the values.
    var rest = record.dropFirst(9)
    func byte() -> UInt8 { rest.popFirst() ?? 0 }
    func varint() -> Int {
      var value = 0, shift = 0, next: UInt8
      repeat {
        next = byte()
        value |= Int(next & 0x7F) << shift
        shift += 7
      } while next & 0x80 != 0
      return value
    }
    #expect(byte() == 0x10)
    _ = varint()
    #expect(byte() == 0x2A)
    _ = varint()
    var tags: [String] = []
    while !rest.isEmpty {
      try #require(byte() == 0x0A)
      let end = varint(), value = rest.prefix(end)
      rest = rest.dropFirst(end)
      let length = Int(try #require(value.dropFirst().first))
      tags.append(String(decoding: value.dropFirst(2).prefix(length), as: UTF8.self))
    }
    return tags
  }
}

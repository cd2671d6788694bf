import Foundation
import Interchange
import TestSupport
import Testing
import Training

@Suite("Event files")
struct EventFileTests {
  /// The examples of RFC 3720, appendix B.4, and the customary one.
  @Test func checks() {
    #expect(crc32c([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(crc32c([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(crc32c(0..<32 as Range<UInt8>) == 0x46DD_794E)
    #expect(crc32c((0..<32 as Range<UInt8>).reversed()) == 0x113F_DB5C)
    #expect(crc32c("123456789".utf8) == 0xE306_9283)
    #expect(crc32c([]) == 0)
  }

  /// Byte by byte as tensorboard's own writer writes it, but for the two scalars in one event.
  @Test func bytesAreTheFormats() throws {
    let folder = try TemporaryFolder()
    let date = Date(timeIntervalSince1970: 1.5)
    let file = try EventFile(in: folder.url, at: date, host: "here")
    #expect(file.url.lastPathComponent == "events.out.tfevents.1.here")
    try file.append(["a": 1, "b": -0.5], step: 300, at: date)
    let records = try records(of: file.url)
    #expect(records.count == 2)
    let time: [UInt8] = [0x09, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F]
    #expect(records[0] == time + [0x1A, 13] + Array("brain.Event:2".utf8))
    let values: [UInt8] = [
      0x0A, 8, 0x0A, 1, 0x61, 0x15, 0, 0, 0x80, 0x3F, 0x0A, 8, 0x0A, 1, 0x62, 0x15, 0, 0, 0, 0xBF,
    ]
    #expect(records[1] == time + [0x10, 0xAC, 0x02, 0x2A, UInt8(values.count)] + values)
  }

  @Test func histogramsInMessages() throws {
    let folder = try TemporaryFolder()
    let date = Date(timeIntervalSince1970: 0)
    let file = try EventFile(in: folder.url, at: date, host: "here")
    try file.append([("h", Histogram(of: [0, 1, 3], bins: 2))], step: 0, at: date)
    let message = try #require(try records(of: file.url).last)
    func doubles(_ values: Double...) -> [UInt8] {
      values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
    }
    var histogram: [UInt8] = []
    for (tag, value) in [(0x09, 0.0), (0x11, 3), (0x19, 3), (0x21, 4), (0x29, 10)] as [(UInt8, Double)] {
      histogram += [tag] + doubles(value)
    }
    histogram += [0x32, 16] + doubles(1.5, 3) + [0x3A, 16] + doubles(2, 1)
    #expect(message.suffix(histogram.count) == histogram[...])
    #expect(message.suffix(histogram.count + 2).first == 0x2A)
  }

  /// Files of one second do not meet.
  @Test func namesAreNeverShared() throws {
    let folder = try TemporaryFolder()
    let date = Date(timeIntervalSince1970: 12.75)
    let names = try (0..<3).map { _ in try EventFile(in: folder.url, at: date, host: "x").url.lastPathComponent }
    #expect(names == ["events.out.tfevents.12.x", "events.out.tfevents.12.x.1", "events.out.tfevents.12.x.2"])
    #expect(throws: FileError.self) { try EventFile(in: folder.url.appending(path: "none")) }
    let own = try EventFile(in: folder.url).url.lastPathComponent
    #expect(own.wholeMatch(of: /events\.out\.tfevents\.\d{10}\.[^\/]+/) != nil, "\(own)")
  }

  @Test func histograms() {
    let histogram = Histogram(of: [-1, -0.5, 0, 0.9, 1, .nan, .infinity], bins: 4)
    #expect(histogram.counts == [1, 1, 1, 2] && histogram.limits == [-0.5, 0, 0.5, 1])
    #expect(histogram.least == -1 && histogram.greatest == 1 && histogram.count == 5)
    #expect(abs(histogram.sum - 0.4) < 1e-6 && abs(histogram.sumOfSquares - 3.06) < 1e-6)
    let wide = Histogram(of: [-9, 0.25, 9], in: 0...1, bins: 2)
    #expect(wide.counts == [2, 1] && wide.limits == [0.5, 1] && wide.least == -9 && wide.greatest == 9)
    #expect(Histogram(of: [-1e30, 1e30, 1e30], in: 0...1, bins: 2).counts == [1, 2])
    let equal = Histogram(of: [2, 2], bins: 3)
    #expect(equal.counts == [2, 0, 0] && equal.limits[2] == 3)
    #expect(Histogram(of: []).count == 0)
  }
}

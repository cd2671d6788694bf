import Datasets
import Foundation
import Testing

@Suite struct IDXArrayTests {
  let folder: TemporaryFolder
  let elements = (0..<24).map { UInt8($0 * 10) }
  var whole: [UInt8] { idx([2, 3, 4], elements) }

  init() throws {
    folder = try TemporaryFolder()
  }

  private func read(_ bytes: [UInt8], rank: Int = 3, name: String = "file") throws -> IDXArray {
    try IDXArray(contentsOf: try folder.write(bytes, to: name), rank: rank)
  }

  // MARK: Good files

  @Test func plain() throws {
    let array = try read(whole)
    #expect(array.dimensions == [2, 3, 4])
    #expect(array.bytes == elements)
  }

  @Test func gzipIsRecognisedByContentNotByName() throws {
    #expect(try read(compress(whole, gzip: true), name: "named-as-plain").bytes == elements)
    #expect(try read(whole, name: "named-as-gzip.gz").bytes == elements)
  }

  /// RFC 1952, section 2.2: members follow each other, wherever the cut is.
  @Test(arguments: [0, 1, 4, 16, 17, 39, 40])
  func gzipOfTwoMembers(cut: Int) throws {
    let (first, second) = (Array(whole.prefix(cut)), Array(whole.dropFirst(cut)))
    #expect(try read(compress(first, gzip: true) + compress(second, gzip: true)).bytes == elements)
  }

  /// Larger than every buffer on the way, so that pieces must be put together right.
  @Test(arguments: [false, true])
  func large(gzip: Bool) throws {
    var generator = SeededGenerator(seed: 1)
    let noise = generator.bytes(300_000)
    let bytes = idx([300, 1000], noise)
    #expect(try read(gzip ? compress(bytes, gzip: true) : bytes, rank: 2).bytes == noise)
  }

  @Test func digestIsThatOfTheUncompressedFile() throws {
    var hash = SHA256()
    hash.update(whole)
    let digest = hash.finalize()
    #expect(try read(compress(whole, gzip: true)).fileDigest == digest)
    #expect(try read(idx([4, 3, 2], elements)).fileDigest != digest)
  }

  // MARK: Files that are not there

  @Test func missingFile() {
    expect(.missing, saying: "nowhere", "No such file") {
      _ = try IDXArray(contentsOf: folder.path + "/nowhere", rank: 3)
    }
  }

  @Test func folderInsteadOfFile() {
    expect(.missing, saying: folder.path, "not a regular file") { _ = try IDXArray(contentsOf: folder.path, rank: 3) }
  }

  // MARK: Wrong content

  /// Cut off at every single byte: always an error, plain and compressed.
  @Test(arguments: [false, true])
  func truncatedAnywhere(gzip: Bool) throws {
    let bytes = gzip ? compress(whole, gzip: true) : whole
    for count in 0..<bytes.count {
      expect(.malformed, saying: "file") { _ = try read(Array(bytes.prefix(count))) }
    }
  }

  @Test func truncatedInsideGoodGzip() {
    expect(.malformed, saying: "ends after 23 of 24") { _ = try read(compress(whole.dropLast(), gzip: true)) }
  }

  @Test(arguments: [false, true])
  func oneByteTooMany(gzip: Bool) {
    expect(.malformed, saying: "goes on after the 24 bytes") {
      _ = try read(gzip ? compress(whole + [0], gzip: true) : whole + [0])
    }
  }

  @Test(arguments: [(0, UInt8(1)), (1, UInt8(7))])
  func wrongMagic(position: Int, byte: UInt8) {
    var bytes = whole
    bytes[position] = byte
    expect(.malformed, saying: "begins with", "00 00 08") { _ = try read(bytes) }
  }

  @Test(arguments: [
    (UInt8(0x09), "signed byte"), (0x0b, "16-bit integer"), (0x0c, "32-bit integer"), (0x0d, "float"), (0x0e, "double"),
    (0x00, "unknown"),
  ])
  func otherElementTypes(code: UInt8, name: String) {
    expect(.malformed, saying: name, "unsigned bytes") { _ = try read(idx([2, 3, 4], elements, type: code)) }
  }

  @Test(arguments: [0, 1, 2, 4])
  func wrongNumberOfDimensions(rank: Int) {
    var bytes = whole
    bytes[3] = UInt8(rank)
    expect(.malformed, saying: "\(rank) dimensions", "3 expected") { _ = try read(bytes) }
  }

  @Test(arguments: [[0, 3, 4], [2, 0, 4], [2, 3, 0]])
  func zeroDimension(dimensions: [Int]) {
    expect(.malformed, saying: "is empty") { _ = try read(idx(dimensions, [])) }
  }

  /// 2³²-1 in each dimension: the product does not fit into 64 bits.
  @Test func overflowingDimensions() {
    let greatest = Int(UInt32.max)
    expect(.malformed, saying: "more than a file of its size") {
      _ = try read(idx([greatest, greatest, greatest], elements))
    }
  }

  /// 2⁵⁰ bytes announced: refused before memory is taken, which this machine could not give.
  @Test(arguments: [false, true])
  func lyingHeader(gzip: Bool) {
    let bytes = idx([1 << 30, 1 << 10, 1 << 10], elements)
    expect(.malformed, saying: "more than a file of its size") {
      _ = try read(gzip ? compress(bytes, gzip: true) : bytes)
    }
  }

  // MARK: Wrong gzip

  @Test func damagedAnywhereInGzip() throws {
    let bytes = compress(whole, gzip: true)
    var harmless = 0
    // The ten bytes of the gzip header may say anything about time and origin.
    for position in 10..<bytes.count {
      var damaged = bytes
      damaged[position] ^= 0x10
      if let array = try? read(damaged) {
        #expect(array.bytes == elements)
        harmless += 1
      }
    }
    // Up to seven bits after the last code fill its byte and mean nothing.
    #expect(harmless <= 1)
  }

  @Test func wrongChecksum() {
    var bytes = compress(whole, gzip: true)
    bytes[bytes.count - 8] ^= 1
    expect(.malformed, saying: "damaged", "incorrect data check") { _ = try read(bytes) }
  }

  @Test func wrongLength() {
    var bytes = compress(whole, gzip: true)
    bytes[bytes.count - 4] ^= 1
    expect(.malformed, saying: "damaged", "incorrect length check") { _ = try read(bytes) }
  }

  @Test func garbageAfterGzip() {
    expect(.malformed, saying: "something other than gzip follows") {
      _ = try read(compress(whole, gzip: true) + Array("garbage".utf8))
    }
  }

  /// 64 MB of zeros behind a header that announces 24 bytes: no more than one byte of them may be inflated.
  @Test func bomb() {
    var bomb = compress(whole + [UInt8](repeating: 0, count: 1 << 26), gzip: true)
    // Whoever inflates further than that meets this damage instead.
    bomb[bomb.count / 2] ^= 0xff
    expect(.malformed, saying: "goes on after the 24 bytes") { _ = try read(bomb) }
  }
}

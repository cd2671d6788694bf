import Datasets
import Testing

@Suite struct NumPyArchiveTests {
  private let first = NumPyEncoder([1, 2, 3], shape: "(3,)").file
  private let second = NumPyEncoder((0..<40_000).map { Float($0 % 97) }, shape: "(200, 200)").file

  private func open(_ bytes: [UInt8]) throws -> NumPyArchive { try NumPyArchive(bytes: bytes, name: "a.npz") }

  // MARK: Good files

  @Test func whatNumPyWrote() throws {
    let archives = try ArrayFixture.shared.get().archives
    #expect(archives.map(\.name) == ["stored", "deflated", "keras"])
    for each in archives {
      let archive = try open(Array(each.file))
      #expect(archive.names == each.names)
    }
    for each in archives.prefix(2) {
      let archive = try open(Array(each.file))
      let array = try archive.array(named: "X")
      #expect(array.shape == [2, 3, 2])
      #expect(array.values == (0..<12).map(Float.init))
      #expect(try archive.array(named: "lengths").values == [3, 1])
    }
    let images = try open(Array(archives[2].file)).array(named: "x_train")
    #expect(images.shape == [3, 28, 28])
    #expect(images.values == (784..<4 * 784).map { Float($0 % 256) })
  }

  /// Records of 64 bits, members that are not arrays, a comment; from memory and from a file.
  @Test(arguments: [0, 8], [false, true])
  func otherWriters(method: Int, isWide: Bool) throws {
    var encoder = ZipEncoder(arrays: [("a", first), ("b", second)], method: method)
    encoder.members.insert(.init(name: "../notes.txt", content: [1, 2]), at: 1)
    encoder.isWide = isWide
    encoder.comment = Array("PK\u{5}\u{6} is not the end, though it looks so".utf8)
    let folder = try TemporaryFolder()
    let path = try folder.write(encoder.file, to: "a.npz")
    for archive in [try open(encoder.file), try NumPyArchive(contentsOf: path)] {
      #expect(archive.names == ["a", "b"])
      #expect(try archive.array(named: "b").values == (0..<40_000).map { Float($0 % 97) })
      #expect(try archive.array(named: "a").values == [1, 2, 3])
      // Each time from its start.
      #expect(try archive.array(named: "a").values == [1, 2, 3])
    }
  }

  // MARK: Wrong files

  @Test func notArchives() throws {
    let folder = try TemporaryFolder()
    expect(.missing, saying: "nowhere", "No such file") { _ = try NumPyArchive(contentsOf: folder.path + "/nowhere") }
    expect(.malformed, saying: "a.npz: is not a zip file (.npz)") { _ = try open([]) }
    expect(.malformed, saying: "a.npz: is not a zip file (.npz)") {
      _ = try open([UInt8](repeating: 7, count: 100_000))
    }
    expect(.malformed, saying: "a.npz: is one NumPy array (.npy) where an archive of several (.npz) was expected") {
      _ = try open(first)
    }
    expect(.malformed, saying: "a.npz: holds no NumPy arrays, that is no members called NAME.npy") {
      _ = try open(ZipEncoder([.init(name: "a.txt", content: [1])]).file)
    }
    expect(.malformed, saying: "a.npz: holds no NumPy arrays") { _ = try open(ZipEncoder([]).file) }
    expect(.malformed, saying: "a.npz: holds no array c, but a, b") {
      _ = try open(ZipEncoder(arrays: [("a", first), ("b", second)]).file).array(named: "c")
    }
    expect(.malformed, saying: "a.npz: a.npy: begins with the bytes") {
      _ = try open(ZipEncoder(arrays: [("a", [UInt8](repeating: 0, count: 99))]).file).array(named: "a")
    }
  }

  /// Cut off at every single byte, with sizes of 32 and of 64 bits.
  @Test(arguments: [false, true])
  func truncatedAnywhere(isWide: Bool) {
    var encoder = ZipEncoder(arrays: [("a", first)])
    encoder.isWide = isWide
    let bytes = encoder.file
    for count in 0..<bytes.count {
      expect(.malformed, saying: "a.npz: is \(count < 4 ? "not a zip file" : "a zip file that is cut off")") {
        _ = try open(Array(bytes.prefix(count)))
      }
    }
  }

  /// A bit of every byte changed: either it is seen, or it did not matter.
  @Test(arguments: [0, 8], [false, true])
  func damagedAnywhere(method: Int, isWide: Bool) throws {
    var encoder = ZipEncoder(arrays: [("a", first)], method: method)
    encoder.isWide = isWide
    let bytes = encoder.file
    var harmless = 0
    for position in bytes.indices {
      var damaged = bytes
      damaged[position] ^= 0x04
      if let array = try? open(damaged).array(named: "a") {
        #expect(array.values == [1, 2, 3])
        harmless += 1
      }
    }
    // Times, versions and attributes, and all numbers of a member's own header that its directory repeats.
    #expect((1...bytes.count / 2).contains(harmless), "\(harmless) of \(bytes.count)")
  }

  /// What is wrong with a member, and what is said of it.
  @Test(arguments: [0, 8])
  func wrongMembers(method: Int) {
    func check(_ message: String, _ change: (inout ZipEncoder.Member) -> Void) {
      var encoder = ZipEncoder(arrays: [("a", first)], method: method)
      change(&encoder.members[0])
      expect(.malformed, saying: "a.npz: \(message)") { _ = try open(encoder.file).array(named: "a") }
    }
    let isStored = method == 0
    check("a.npy: is damaged in the zip file: its checksum is wrong; fetch or copy it again") { $0.checksumError = 1 }
    check("its member a.npy is encrypted") { $0.flags = 1 }
    check("its member a.npy is packed by method 12; 0 (stored) and 8 (deflated) can be read") { $0.method = 12 }
    check("is a damaged zip file: the header of its member a.npy is not what its directory says") {
      $0.localName = "b.npy"
    }
    check("is a damaged zip file: the header of its member a.npy") { $0.localName = "aa.npy" }
    check("is a damaged zip file: its member a.npy cannot have 500000 bytes, packed") { $0.claimedSize = 500_000 }
    check("is a damaged zip file: its member a.npy \(isStored ? "cannot have" : "reaches into the directory")") {
      $0.claimedPackedSize = 130
      $0.claimedSize = isStored ? nil : $0.content.count
    }
    check("a.npy: is damaged in the zip file: it is cut off") {
      ($0.method, $0.claimedPackedSize) = (8, 30)
    }
    check("a.npy: is damaged in the zip file: something else follows it") { ($0.method, $0.surplus) = (8, [1]) }
    check("a.npy: goes on after the 3 elements") { $0.content.append(0) }
    check("a.npy: is damaged in the zip file: it goes on after its") {
      ($0.method, $0.claimedSize) = (8, $0.content.count)
      $0.content.append(0)
    }
    check("a.npy: is damaged in the zip file: it ends after") {
      ($0.method, $0.claimedSize) = (8, $0.content.count)
      $0.content.removeLast()
    }
  }

  /// A name can be anything, of 65,535 bytes, and of names there can be millions.
  @Test func namesInMessagesAreShort() {
    let long = "a\u{1b}[2J" + String(repeating: "x", count: 300)
    expect(.malformed, saying: "a.npz: its member a\u{fffd}[2J\(String(repeating: "x", count: 35))… is encrypted") {
      _ = try open(ZipEncoder([.init(name: long, content: first, flags: 1)]).file)
    }
    expect(.malformed, saying: "a.npz: a\u{fffd}[2J\(String(repeating: "x", count: 35))…: begins with the bytes") {
      let archive = try open(ZipEncoder([.init(name: "\(long).npy", content: Array(0..<99))]).file)
      _ = try archive.array(named: long)
    }
    expect(.malformed, saying: "a.npz: holds no array c, but a0, a1, a2, a3, a4, a5, a6, a7, …") {
      _ = try open(ZipEncoder(arrays: (0..<9).map { ("a\($0)", first) }).file).array(named: "c")
    }
  }

  @Test func notDeflated() {
    var bytes = ZipEncoder(arrays: [("a", first)]).file
    // Behind a header of 30 bytes and a name of 5: the last kind of block, which does not exist.
    bytes[35] = 0xff
    expect(.malformed, saying: "a.npz: a.npy: is damaged in the zip file: invalid block type; fetch") {
      _ = try open(bytes).array(named: "a")
    }
  }

  @Test func twoOfAName() {
    expect(.malformed, saying: "a.npz: has two members called a.npy") {
      _ = try open(ZipEncoder(arrays: [("a", first), ("a", second)]).file)
    }
  }

  /// 64 MB of zeros in a member that announces the few bytes of an array: they are not inflated.
  @Test func bomb() {
    var encoder = ZipEncoder(arrays: [("a", first + [UInt8](repeating: 0, count: 1 << 26))])
    encoder.members[0].claimedSize = first.count
    expect(.malformed, saying: "a.npy: is damaged in the zip file: it goes on after its") {
      _ = try open(encoder.file).array(named: "a")
    }
  }
}

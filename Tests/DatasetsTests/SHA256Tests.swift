import Datasets
import Testing

/// The published examples of FIPS 180-4 (NIST, "Cryptographic Standards and Guidelines: example values").
@Suite struct SHA256Tests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func publishedVectors(message: String, digest: String) {
    var hash = SHA256()
    hash.update(Array(message.utf8))
    #expect(hash.finalize() == digest)
  }

  @Test func aMillionTimesA() {
    var hash = SHA256()
    hash.update([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
    #expect(hash.finalize() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  /// However a message is cut, the digest is that of the whole.
  @Test(arguments: [1, 3, 55, 56, 63, 64, 65, 127, 128, 1000])
  func cutAnywhere(pieceSize: Int) {
    var message = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    var hash = SHA256()
    while !message.isEmpty {
      hash.update(Array(message.suffix(pieceSize)))
      message.removeLast(min(pieceSize, message.count))
    }
    #expect(hash.finalize() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  /// Every length of padding, against values of another implementation (Python's hashlib):
  /// the digest of the digests of 0 to 129 times the byte 0x61.
  @Test func everyPadding() {
    var outer = SHA256()
    for count in 0..<130 {
      var inner = SHA256()
      inner.update([UInt8](repeating: 0x61, count: count))
      outer.update(Array(inner.finalize().utf8))
    }
    #expect(outer.finalize() == "c665ed20ef30f158e90c7e921d8182bc0943c4b087a82f64a18d417bcdfadce7")
  }
}

import CZlib

/// Writes zip files, right or with a flaw: from PKWARE's APPNOTE.TXT, apart from the reader.
struct ZipEncoder {
  struct Member {
    var name: String
    /// What is packed.
    var content: [UInt8]
    /// 0 stored, 8 deflated; others are written as if stored.
    var method = 8
    var flags = 0
    /// Added to what the content's checksum is.
    var checksumError = 0
    /// What the directory says of the content's size, and of what it is packed to, where that is not the truth.
    var claimedSize: Int?
    var claimedPackedSize: Int?
    /// What follows the packed content without being told.
    var surplus: [UInt8] = []
    /// Another name in the member's own header.
    var localName: String?
  }

  var members: [Member]
  /// Whether sizes and places stand in records of 64 bits.
  var isWide = false
  var comment: [UInt8] = []

  /// Members of NumPy arrays.
  init(arrays: [(name: String, file: [UInt8])], method: Int = 8) {
    members = arrays.map { Member(name: $0.name + ".npy", content: $0.file, method: method) }
  }

  init(_ members: [Member]) { self.members = members }

  var file: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let place = file.count
      let packed = member.method == 8 ? deflate(member.content) : member.content
      let checksum = Int(crc32(0, member.content, UInt32(member.content.count))) + member.checksumError
      let size = member.claimedSize ?? member.content.count
      let packedSize = member.claimedPackedSize ?? packed.count + member.surplus.count
      let localName = member.localName ?? member.name
      let common = littleEndian(member.flags, 2) + littleEndian(member.method, 2) + littleEndian(0, 4)
      let wideSizes = isWide ? [1, 0] + littleEndian(16, 2) + littleEndian(size, 8) + littleEndian(packedSize, 8) : []
      let sizes = isWide ? littleEndian(-1, 8) : littleEndian(packedSize, 4) + littleEndian(size, 4)
      file += [0x50, 0x4b, 3, 4] + littleEndian(20, 2) + common + littleEndian(checksum, 4) + sizes
      file +=
        littleEndian(localName.utf8.count, 2) + littleEndian(wideSizes.count, 2) + Array(localName.utf8) + wideSizes
      file += packed + member.surplus
      let wide =
        isWide ? [1, 0] + littleEndian(24, 2) + Array(wideSizes.dropFirst(4)) + littleEndian(place, 8) : []
      // A field of another kind in front, which is to be passed over.
      let extra = isWide ? [0x55, 0x54, 2, 0, 9, 9] + wide : []
      directory += [0x50, 0x4b, 1, 2] + littleEndian(20, 2) + littleEndian(20, 2) + common + littleEndian(checksum, 4)
      directory += sizes + littleEndian(member.name.utf8.count, 2) + littleEndian(extra.count, 2) + littleEndian(0, 10)
      directory += littleEndian(isWide ? -1 : place, 4) + Array(member.name.utf8) + extra
    }
    let place = file.count
    file += directory
    if isWide {
      let end = file.count
      file += [0x50, 0x4b, 6, 6] + littleEndian(44, 8) + littleEndian(45, 2) + littleEndian(45, 2) + littleEndian(0, 8)
      file += littleEndian(members.count, 8) + littleEndian(members.count, 8) + littleEndian(directory.count, 8)
      file += littleEndian(place, 8)
      file += [0x50, 0x4b, 6, 7] + littleEndian(0, 4) + littleEndian(end, 8) + littleEndian(1, 4)
    }
    let count = littleEndian(isWide ? -1 : members.count, 2)
    file += [0x50, 0x4b, 5, 6] + littleEndian(0, 4) + count + count + littleEndian(isWide ? -1 : directory.count, 4)
    return file + littleEndian(isWide ? -1 : place, 4) + littleEndian(comment.count, 2) + comment
  }
}

/// Deflated bytes without any wrapping (RFC 1951): what gzip has between its head of 10 bytes and its tail of 8.
func deflate(_ bytes: [UInt8]) -> [UInt8] { Array(compress(bytes, gzip: true).dropFirst(10).dropLast(8)) }

/// The members of a zip file (PKWARE's APPNOTE.TXT 6.3.10): stored or deflated, with sizes of 32 or 64 bits.
///
/// The directory at the end of the file is believed about names and sizes as far as the file bears it out; a member's
/// own header must agree with it. Names are compared, and never used as paths.
struct ZipArchive: Sendable {
  /// What the directory says of a member.
  struct Entry {
    let name: String
    let isDeflated: Bool
    /// CRC-32 of the content.
    let checksum: UInt
    let compressedSize: Int
    let size: Int
    fileprivate let headerOffset: Int
    fileprivate let nameBytes: [UInt8]
  }

  /// What a member's own header begins with, and so the file.
  static let magic = Array("PK\u{3}\u{4}".utf8)
  private static let entryMagic = Array("PK\u{1}\u{2}".utf8)
  private static let endMagic = Array("PK\u{5}\u{6}".utf8)
  private static let wideEndMagic = Array("PK\u{6}\u{6}".utf8)
  private static let wideLocatorMagic = Array("PK\u{6}\u{7}".utf8)
  private static let endSize = 22
  private static let wideLocatorSize = 20
  /// A directory of more bytes is refused.
  private static let greatestDirectory = 1 << 26

  /// In the directory's order, no name twice.
  let entries: [Entry]
  private let store: ByteStore
  /// Where the directory begins, and all members have ended.
  private let directoryOffset: Int

  /// Reads the directory.
  ///
  /// - Throws: `DatasetError.malformed` where the file is no zip file, is damaged, encrypted, cut into several files,
  ///   or packed in another way than by deflating.
  init(_ store: ByteStore) throws(DatasetError) {
    self.store = store
    let directory = try Self.directory(of: store)
    directoryOffset = directory.offset
    var cursor = ByteCursor(try store.bytes(at: directory.offset, count: directory.size))
    var entries: [Entry] = []
    var names: Set<String> = []
    for _ in 0..<directory.count {
      let entry = try Self.entry(&cursor, of: store)
      guard names.insert(entry.name).inserted else {
        throw .malformed("\(store.name): has two members called \(printable(entry.name))")
      }
      entries.append(entry)
    }
    guard cursor.rest.isEmpty else { throw Self.damaged(store, "its directory holds more than its members") }
    self.entries = entries
  }

  /// Goes to a member's content.
  ///
  /// - Parameter entry: One of `entries`.
  /// - Returns: The content, which checks itself as it is read.
  /// - Throws: `DatasetError.malformed` where the member's own header is not there or contradicts the directory.
  func open(_ entry: Entry) throws(DatasetError) -> ZipMember {
    var cursor = ByteCursor(try store.bytes(at: entry.headerOffset, count: 30))
    guard cursor.bytes(4).map({ $0.elementsEqual(Self.magic) }) == true, cursor.bytes(4) != nil,
      cursor.littleEndian(2) == (entry.isDeflated ? 8 : 0), cursor.bytes(16) != nil,
      let nameSize = cursor.littleEndian(2), let extraSize = cursor.littleEndian(2), nameSize == entry.nameBytes.count,
      try store.bytes(at: entry.headerOffset + 30, count: nameSize) == entry.nameBytes
    else {
      throw Self.damaged(store, "the header of its member \(printable(entry.name)) is not what its directory says")
    }
    let start = entry.headerOffset + 30 + nameSize + extraSize
    guard start <= directoryOffset, entry.compressedSize <= directoryOffset - start else {
      throw Self.damaged(store, "its member \(printable(entry.name)) reaches into the directory")
    }
    return ZipMember(entry, at: start, of: store)
  }

  /// Finds the directory by the record at the end of the file, behind which only a comment may be.
  private static func directory(of store: ByteStore) throws(DatasetError) -> (offset: Int, size: Int, count: Int) {
    let tailSize = min(store.count, endSize + Int(UInt16.max))
    let tail = try store.bytes(at: store.count - tailSize, count: tailSize)
    guard
      let place = stride(from: tailSize - endSize, through: 0, by: -1).first(where: { place in
        tail[place...].starts(with: endMagic)
          && Int(tail[place + 20]) | Int(tail[place + 21]) << 8 == tailSize - place - endSize
      })
    else {
      let isBegun = try store.bytes(at: 0, count: min(store.count, magic.count)) == magic
      throw .malformed(
        isBegun
          ? "\(store.name): is a zip file that is cut off; fetch or copy it again"
          : "\(store.name): is not a zip file (.npz)")
    }
    let endOffset = store.count - tailSize + place
    var cursor = ByteCursor(tail[(place + 4)..<(place + endSize)])
    guard let disk = cursor.littleEndian(2), let directoryDisk = cursor.littleEndian(2), cursor.bytes(2) != nil,
      let count = cursor.littleEndian(2), let size = cursor.littleEndian(4), let offset = cursor.littleEndian(4)
    else { throw damaged(store, "its end is cut off") }
    let found: (offset: Int, size: Int, count: Int)
    let limit: Int
    if count == 0xffff || size == 0xffff_ffff || offset == 0xffff_ffff {
      (found, limit) = try wideDirectory(of: store, before: endOffset)
    } else {
      guard disk == 0, directoryDisk == 0 else { throw severalFiles(store) }
      (found, limit) = ((offset, size, count), endOffset)
    }
    guard found.offset <= limit, found.size <= limit - found.offset, found.size <= greatestDirectory else {
      throw damaged(store, "its directory of \(found.size) bytes at \(found.offset) is not there")
    }
    return found
  }

  /// The same with 64 bits, from the record that a locator in front of the other points to.
  private static func wideDirectory(
    of store: ByteStore, before endOffset: Int
  ) throws(DatasetError) -> ((offset: Int, size: Int, count: Int), limit: Int) {
    var locator = ByteCursor(
      endOffset < wideLocatorSize
        ? [] : try store.bytes(at: endOffset - wideLocatorSize, count: wideLocatorSize))
    guard locator.bytes(4).map({ $0.elementsEqual(wideLocatorMagic) }) == true, let disk = locator.littleEndian(4),
      let place = locator.littleEndian(8), let disks = locator.littleEndian(4)
    else { throw damaged(store, "its sizes need 64 bits, and are not there") }
    guard disk == 0, disks <= 1 else { throw severalFiles(store) }
    guard place <= endOffset - wideLocatorSize else { throw damaged(store, "its sizes of 64 bits are not there") }
    var cursor = ByteCursor(try store.bytes(at: place, count: min(56, endOffset - wideLocatorSize - place)))
    guard cursor.bytes(4).map({ $0.elementsEqual(wideEndMagic) }) == true, cursor.bytes(28) != nil,
      let count = cursor.littleEndian(8), let size = cursor.littleEndian(8), let offset = cursor.littleEndian(8)
    else { throw damaged(store, "its sizes of 64 bits are not there") }
    return ((offset, size, count), place)
  }

  /// Takes one entry of the directory.
  private static func entry(_ cursor: inout ByteCursor, of store: ByteStore) throws(DatasetError) -> Entry {
    guard cursor.bytes(4).map({ $0.elementsEqual(entryMagic) }) == true, cursor.bytes(4) != nil,
      let flags = cursor.littleEndian(2), let method = cursor.littleEndian(2), cursor.bytes(4) != nil,
      let checksum = cursor.littleEndian(4), var compressedSize = cursor.littleEndian(4),
      var size = cursor.littleEndian(4), let nameSize = cursor.littleEndian(2), let extraSize = cursor.littleEndian(2),
      let commentSize = cursor.littleEndian(2), let disk = cursor.littleEndian(2), cursor.bytes(6) != nil,
      var headerOffset = cursor.littleEndian(4), let nameBytes = cursor.bytes(nameSize).map({ Array($0) }),
      let extra = cursor.bytes(extraSize), cursor.bytes(commentSize) != nil
    else { throw damaged(store, "its directory is cut off") }
    let name = String(decoding: nameBytes, as: UTF8.self)
    guard widen(&size, &compressedSize, &headerOffset, by: extra) else {
      throw damaged(store, "the sizes of its member \(printable(name)) need 64 bits, and are not there")
    }
    guard flags & 1 == 0 else { throw .malformed("\(store.name): its member \(printable(name)) is encrypted") }
    guard method == 0 || method == 8 else {
      throw .malformed(
        "\(store.name): its member \(printable(name)) is packed by method \(method); 0 (stored) and 8 (deflated) can "
          + "be read")
    }
    guard disk == 0 else { throw severalFiles(store) }
    // What deflating cannot have shrunk so far is a lie, told before memory is taken for it.
    let greatest = compressedSize.multipliedReportingOverflow(by: method == 0 ? 1 : Inflater.greatestRatio)
    guard headerOffset <= store.count, compressedSize <= store.count, !greatest.overflow,
      method == 0 ? size == compressedSize : size <= greatest.partialValue
    else { throw damaged(store, "its member \(printable(name)) cannot have \(size) bytes, packed \(compressedSize)") }
    return Entry(
      name: name, isDeflated: method == 8, checksum: UInt(checksum), compressedSize: compressedSize, size: size,
      headerOffset: headerOffset, nameBytes: nameBytes)
  }

  /// Puts numbers of 64 bits in the places of those that are all ones: they stand, in this order, in the extra field 1.
  ///
  /// - Returns: Whether all that were needed were there.
  private static func widen(
    _ size: inout Int, _ compressedSize: inout Int, _ headerOffset: inout Int, by extra: ArraySlice<UInt8>
  ) -> Bool {
    var fields = ByteCursor(extra)
    var wide = ByteCursor([])
    while let kind = fields.littleEndian(2), let content = fields.littleEndian(2).flatMap({ fields.bytes($0) }) {
      if kind == 1 { wide = ByteCursor(content) }
    }
    func widen(_ number: inout Int) -> Bool {
      guard number == 0xffff_ffff else { return true }
      guard let whole = wide.littleEndian(8) else { return false }
      number = whole
      return true
    }
    return widen(&size) && widen(&compressedSize) && widen(&headerOffset)
  }

  private static func damaged(_ store: ByteStore, _ how: String) -> DatasetError {
    .malformed("\(store.name): is a damaged zip file: \(how); fetch or copy it again")
  }

  private static func severalFiles(_ store: ByteStore) -> DatasetError {
    .malformed("\(store.name): is one of several files that make a zip archive; join them")
  }
}

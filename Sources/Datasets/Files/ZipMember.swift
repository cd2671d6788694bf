import CZlib

/// The content of a zip file's member, inflated on the way, its size and checksum compared at its end.
///
/// Holds 64 KB whatever the member's size.
final class ZipMember: ByteStream {
  let name: String
  let greatestCount: Int

  private let entry: ZipArchive.Entry
  private let store: ByteStore
  /// `nil` where the content is stored as it is.
  private let inflater: Inflater?
  /// Where in the file the bytes are that have not been taken from it.
  private var rest: Range<Int>
  private var input = [UInt8](repeating: 0, count: 1 << 16)
  private var pending = 0..<0
  private var produced = 0
  private var checksum: UInt = 0
  private var hasEnded = false

  /// The content of a member, from an offset on; the archive has checked that it can be there.
  init(_ entry: ZipArchive.Entry, at offset: Int, of store: ByteStore) {
    self.entry = entry
    self.store = store
    name = "\(store.name): \(printable(entry.name))"
    greatestCount = entry.size
    rest = offset..<offset + entry.compressedSize
    inflater = entry.isDeflated ? Inflater(.raw) : nil
  }

  func read(into output: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    var filled = 0
    while filled < output.count, !hasEnded {
      let room = UnsafeMutableRawBufferPointer(rebasing: output[filled...])
      let count = if let inflater { try inflate(into: room, by: inflater) } else { try copy(into: room) }
      checksum = crc32_z(checksum, room.bindMemory(to: UInt8.self).baseAddress, count)
      produced += count
      filled += count
      guard produced <= entry.size else { throw damaged("it goes on after its \(entry.size) bytes") }
      if hasEnded { try compare() }
    }
    return filled
  }

  private func copy(into output: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    let count = min(output.count, rest.count)
    try store.read(at: rest.lowerBound, into: UnsafeMutableRawBufferPointer(rebasing: output[..<count]))
    rest = rest.dropFirst(count)
    hasEnded = rest.isEmpty
    return count
  }

  private func inflate(
    into output: UnsafeMutableRawBufferPointer, by inflater: Inflater
  ) throws(DatasetError) -> Int {
    if pending.isEmpty, !rest.isEmpty {
      pending = 0..<min(input.count, rest.count)
      try input.withUnsafeMutableBufferPointer { input throws(DatasetError) in
        try store.read(
          at: rest.lowerBound, into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: input[pending]))
        )
      }
      rest = rest.dropFirst(pending.count)
    }
    let progress: Inflater.Progress
    do throws(Inflater.Corruption) {
      progress = try input.withUnsafeBufferPointer { bytes throws(Inflater.Corruption) in
        try inflater.inflate(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[pending])), into: output)
      }
    } catch {
      throw damaged(error.reason)
    }
    pending = pending.dropFirst(progress.consumed)
    hasEnded = progress.isAtEnd
    guard hasEnded || progress.consumed > 0 || progress.produced > 0 else { throw damaged("it is cut off") }
    return progress.produced
  }

  /// Holds what came against what the directory says, once all has come.
  private func compare() throws(DatasetError) {
    guard produced == entry.size else { throw damaged("it ends after \(produced) of \(entry.size) bytes") }
    guard rest.isEmpty, pending.isEmpty else { throw damaged("something else follows it") }
    guard checksum == entry.checksum else { throw damaged("its checksum is wrong") }
  }

  private func damaged(_ how: String) -> DatasetError {
    .malformed("\(name): is damaged in the zip file: \(how); fetch or copy it again")
  }
}

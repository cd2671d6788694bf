/// The bytes of a regular file, read from front to back, inflated on the way where they are gzip.
///
/// Whether a file is gzip is decided by its first two bytes, not by its name: mirrors and browsers rename.
/// Holds 64 KB whatever the file's size.
final class FileBytes: ByteStream {
  let name: String
  let greatestCount: Int

  /// `nil` where everything was in memory from the start.
  private let file: OpenFile?
  private let inflater: Inflater?
  private var input: [UInt8]
  private var pending: Range<Int>
  private var isBetweenMembers = false

  /// Opens the file.
  ///
  /// - Throws: `DatasetError.missing` where there is no readable regular file.
  convenience init(path: String) throws(DatasetError) {
    let file = try OpenFile(path: path)
    var input = [UInt8](repeating: 0, count: 1 << 16)
    let first = try Self.fill(&input, from: file)
    self.init(input, pending: 0..<first, size: file.size, file: file, name: path)
  }

  /// The content of a file that is in memory already.
  convenience init(bytes: [UInt8], name: String) {
    self.init(bytes, pending: bytes.indices, size: bytes.count, file: nil, name: name)
  }

  private init(_ input: [UInt8], pending: Range<Int>, size: Int, file: OpenFile?, name: String) {
    self.name = name
    self.file = file
    self.input = input
    self.pending = pending
    let isGzip = pending.count >= 2 && input[0] == 0x1f && input[1] == 0x8b
    inflater = isGzip ? Inflater(.gzip) : nil
    greatestCount = isGzip ? size.multipliedReportingOverflow(by: Inflater.greatestRatio).partialValue : size
  }

  /// Throws `DatasetError.malformed` where the gzip data is damaged, cut off or followed by something else;
  /// `DatasetError.missing` where the system cannot read the file.
  func read(into output: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    var filled = 0
    while filled < output.count {
      if pending.isEmpty, let file {
        pending = 0..<(try Self.fill(&input, from: file))
      }
      if pending.isEmpty {
        guard inflater == nil || isBetweenMembers else {
          throw .malformed("\(name): the gzip data is cut off; fetch or copy the file again")
        }
        break
      }
      filled += try advance(into: UnsafeMutableRawBufferPointer(rebasing: output[filled...]))
    }
    return filled
  }

  /// The whole content of a file that is known to be small.
  ///
  /// - Throws: as the initializer and `read(into:)`; `DatasetError.malformed` where the file is too large.
  static func contents(of path: String, atMost limit: Int) throws(DatasetError) -> [UInt8] {
    let file = try FileBytes(path: path)
    let bytes = try file.bytes(atMost: min(file.greatestCount, limit + 1))
    guard bytes.count <= limit else {
      throw .malformed("\(path): is too large; at most \(limit) bytes are read")
    }
    return bytes
  }

  /// Moves pending bytes to `output`, through zlib if need be.
  private func advance(into output: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    guard let inflater else {
      let count = min(pending.count, output.count)
      output.copyBytes(from: input[pending.prefix(count)])
      pending = pending.dropFirst(count)
      return count
    }
    if isBetweenMembers {
      inflater.reset()
    }
    let progress: Inflater.Progress
    do throws(Inflater.Corruption) {
      progress = try input.withUnsafeBufferPointer { bytes throws(Inflater.Corruption) in
        try inflater.inflate(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[pending])), into: output)
      }
    } catch {
      throw .malformed(
        isBetweenMembers
          ? "\(name): something other than gzip follows the gzip data; fetch or copy the file again"
          : "\(name): the gzip data is damaged (\(error.reason)); fetch or copy the file again")
    }
    pending = pending.dropFirst(progress.consumed)
    // RFC 1952 lets members follow each other; the file ends well only where one has ended.
    isBetweenMembers = progress.isAtEnd
    return progress.produced
  }

  private static func fill(_ buffer: inout [UInt8], from file: OpenFile) throws(DatasetError) -> Int {
    try buffer.withUnsafeMutableBufferPointer { buffer throws(DatasetError) in
      try file.read(into: UnsafeMutableRawBufferPointer(buffer))
    }
  }
}

import Foundation

/// The bytes of a regular file, read from front to back, inflated on the way where they are gzip.
///
/// Whether a file is gzip is decided by its first two bytes, not by its name: mirrors and browsers rename.
/// Holds 64 KB whatever the file's size. Bytes that are in memory already are read the same way.
final class FileBytes {
  /// The path as given, for messages.
  let path: String
  /// More bytes than this cannot come out of the file, whatever its header says.
  let greatestCount: Int

  /// `nil` where all there is lies in `input` from the start.
  private let descriptor: Int32?
  private let inflater: Inflater?
  private var input = [UInt8](repeating: 0, count: 1 << 16)
  private var pending = 0..<0
  private var isBetweenMembers = false

  /// Opens the file.
  ///
  /// - Throws: `DatasetError.missing` where there is no readable regular file.
  init(path: String) throws(DatasetError) {
    self.path = path
    var status = stat()
    // Looked at before it is opened: opening a named pipe would wait for a writer.
    guard stat(path, &status) == 0 else {
      throw .missing("\(path): \(systemMessage())")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .missing("\(path): not a regular file; a file was expected")
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .missing("\(path): \(systemMessage())")
    }
    self.descriptor = descriptor
    pending = 0..<(try Self.fill(&input, from: descriptor, path: path))
    (inflater, greatestCount) = Self.inflation(of: input[pending], fileSize: Int(status.st_size))
  }

  /// Reads bytes that are in memory as if they were a file's.
  ///
  /// - Parameters:
  ///   - bytes: The file's content, plain or gzip.
  ///   - name: What stands in messages where a path would.
  init(_ bytes: [UInt8], name: String) {
    path = name
    descriptor = nil
    input = bytes
    pending = bytes.indices
    (inflater, greatestCount) = Self.inflation(of: input[pending], fileSize: bytes.count)
  }

  deinit {
    if let descriptor {
      close(descriptor)
    }
  }

  /// What inflates the file, if it is gzip, and how many bytes can come out of it.
  private static func inflation(of start: ArraySlice<UInt8>, fileSize: Int) -> (Inflater?, greatestCount: Int) {
    guard start.starts(with: [0x1f, 0x8b]) else {
      return (nil, fileSize)
    }
    return (Inflater(.gzip), fileSize.multipliedReportingOverflow(by: Inflater.greatestRatio).partialValue)
  }

  /// Fills `output` from the front and returns how many bytes it got: fewer than its size only at the end.
  ///
  /// - Throws: `DatasetError.malformed` where the gzip data is damaged, cut off or followed by something else;
  ///   `DatasetError.missing` where the system cannot read the file.
  func read(into output: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    var filled = 0
    while filled < output.count {
      if pending.isEmpty, let descriptor {
        pending = 0..<(try Self.fill(&input, from: descriptor, path: path))
      }
      if pending.isEmpty {
        guard inflater == nil || isBetweenMembers else {
          throw .malformed("\(path): the gzip data is cut off; fetch or copy the file again")
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
    guard file.greatestCount <= limit else {
      throw .malformed("\(path): is too large; at most \(limit) bytes are read")
    }
    return try file.bytes(atMost: file.greatestCount)
  }

  /// The next `count` bytes: fewer only at the end of the file.
  func bytes(atMost count: Int) throws(DatasetError) -> [UInt8] {
    var failure: DatasetError?
    // This initializer cannot throw a typed error, so the error leaves through `failure`.
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(DatasetError) {
        initialized = try read(into: UnsafeMutableRawBufferPointer(buffer))
      } catch {
        failure = error
      }
    }
    if let failure {
      throw failure
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
          ? "\(path): something other than gzip follows the gzip data; fetch or copy the file again"
          : "\(path): the gzip data is damaged (\(error.reason)); fetch or copy the file again")
    }
    pending = pending.dropFirst(progress.consumed)
    // RFC 1952 lets members follow each other; the file ends well only where one has ended.
    isBetweenMembers = progress.isAtEnd
    return progress.produced
  }

  /// One `read(2)`, repeated when a signal interrupts it.
  private static func fill(_ buffer: inout [UInt8], from descriptor: Int32, path: String) throws(DatasetError) -> Int {
    while true {
      let count = buffer.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        return count
      }
      guard errno == EINTR else {
        throw .missing("\(path): \(systemMessage())")
      }
    }
  }
}

/// What the operating system says about the call that just failed.
func systemMessage() -> String {
  String(cString: strerror(errno))
}

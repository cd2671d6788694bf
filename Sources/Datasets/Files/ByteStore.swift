/// Bytes that can be read at any place: a file's, or some in memory.
final class ByteStore: Sendable {
  /// What they are called in messages: the file's path.
  let name: String
  /// How many there are.
  let count: Int
  /// `nil` where they are in memory.
  private let file: OpenFile?
  private let memory: [UInt8]

  /// Opens a file.
  ///
  /// - Throws: `DatasetError.missing` where there is no readable regular file.
  init(path: String) throws(DatasetError) {
    let file = try OpenFile(path: path)
    (name, count, memory) = (path, file.size, [])
    self.file = file
  }

  /// The content of a file that is in memory already.
  init(bytes: [UInt8], name: String) {
    (self.name, count, memory, file) = (name, bytes.count, bytes, nil)
  }

  /// Fills `output` with the bytes from an offset on.
  ///
  /// - Throws: `DatasetError.malformed` where there are fewer; `DatasetError.missing` where the system cannot read
  ///   them.
  func read(at offset: Int, into output: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    guard offset >= 0, offset <= count, output.count <= count - offset else { throw cutOff }
    guard let file else {
      output.copyBytes(from: memory[offset..<offset + output.count])
      return
    }
    var filled = 0
    while filled < output.count {
      let got = try file.read(at: offset + filled, into: UnsafeMutableRawBufferPointer(rebasing: output[filled...]))
      // It has become shorter since it was opened.
      guard got > 0 else { throw cutOff }
      filled += got
    }
  }

  /// So many bytes from an offset on; otherwise as `read(at:into:)`.
  func bytes(at offset: Int, count wanted: Int) throws(DatasetError) -> [UInt8] {
    guard wanted >= 0, wanted <= count else { throw cutOff }
    return try array(count: wanted) { buffer throws(DatasetError) in
      try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
      return wanted
    }
  }

  private var cutOff: DatasetError { .malformed("\(name): is cut off; fetch or copy the file again") }
}

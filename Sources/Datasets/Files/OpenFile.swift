import Foundation

/// A regular file that is open for reading, and closed when nobody needs it any more.
final class OpenFile: Sendable {
  /// The path as given, for messages.
  let path: String
  /// Its size in bytes when it was opened.
  let size: Int
  private let descriptor: Int32

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
    size = Int(status.st_size)
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .missing("\(path): \(systemMessage())")
    }
  }

  deinit {
    close(descriptor)
  }

  /// The next bytes, at most as many as fit, where the last call ended; 0 only at the end of the file.
  ///
  /// - Throws: `DatasetError.missing` where the system cannot read the file.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    try repeated { Foundation.read(descriptor, buffer.baseAddress, buffer.count) }
  }

  /// The bytes from an offset on, at most as many as fit; 0 only at the end of the file. Leaves alone where
  /// `read(into:)` is.
  ///
  /// - Throws: as `read(into:)`.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    try repeated { pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
  }

  /// One system call, repeated when a signal interrupts it.
  private func repeated(_ call: () -> Int) throws(DatasetError) -> Int {
    while true {
      let count = call()
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

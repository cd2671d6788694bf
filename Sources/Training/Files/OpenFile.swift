import Foundation

/// An open file, closed at the end of its life. Its methods are the system's, made whole:
/// they go on after interruptions and partial transfers, and throw what the system reports.
package struct OpenFile: ~Copyable, Sendable {
  private let descriptor: Int32

  /// How errors name the file; a temporary file goes by the name that it will have.
  private let shownPath: String

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: the file's path.
  ///   - flags: those of `open(2)`; the file is always closed on `exec`.
  ///   - operation: what errors say was tried.
  ///   - shownPath: the path that errors name, if another one.
  /// - Throws: `FileError` with `operation` if the system refuses.
  package init(
    _ path: String, flags: Int32, for operation: FileError.Operation, shownAs shownPath: String? = nil
  ) throws(FileError) {
    self.shownPath = shownPath ?? path
    descriptor = open(path, flags | O_CLOEXEC, 0o666)
    if descriptor < 0 {
      throw FileError(operation, path: self.shownPath, reason: .system(errno))
    }
  }

  /// Opens a regular file for reading.
  ///
  /// - Throws: `FileError` if the system refuses, or the path names a folder, a device, a pipe or a socket.
  package static func reading(_ url: URL) throws(FileError) -> OpenFile {
    // Opening a pipe would wait for its writer if it were not for O_NONBLOCK.
    let file = try OpenFile(url.path, flags: O_RDONLY | O_NONBLOCK, for: .open)
    let kind = try file.status().st_mode & S_IFMT
    guard kind == S_IFREG else {
      let reason: FileError.Reason = kind == S_IFDIR ? .system(EISDIR) : .notARegularFile
      throw FileError(.open, path: url.path, reason: reason)
    }
    return file
  }

  deinit {
    close(descriptor)
  }

  /// Returns what the system knows about the file.
  package func status() throws(FileError) -> stat {
    var status = stat()
    try check(fstat(descriptor, &status), .read)
    return status
  }

  /// Returns `count` bytes that begin at `offset`; `count` must have been checked against the file's size.
  ///
  /// - Throws: `FileError` if reading fails, or if the file ends before.
  package func read(count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    var code: Int32?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      while initializedCount < count {
        let address = buffer.baseAddress.map { $0 + initializedCount }
        let got = pread(descriptor, address, count - initializedCount, off_t(offset + initializedCount))
        if got < 0 && errno == EINTR { continue }
        if got < 0 { code = errno }
        if got <= 0 { break }
        initializedCount += got
      }
    }
    guard bytes.count == count else {
      throw FileError(.read, path: shownPath, reason: code.map { .system($0) } ?? .endedEarly)
    }
    return bytes
  }

  /// Writes bytes at the file's position.
  package func write(_ bytes: some ContiguousBytes) throws(FileError) {
    if let code = bytes.withUnsafeBytes({ writeAll($0, to: descriptor) }) {
      throw FileError(.write, path: shownPath, reason: .system(code))
    }
  }

  /// Cuts the file to `size` bytes.
  package func truncate(to size: Int) throws(FileError) {
    try check(ftruncate(descriptor, off_t(size)), .write)
  }

  /// Sets the file's permissions.
  package func setMode(_ mode: mode_t) throws(FileError) {
    try check(fchmod(descriptor, mode), .create)
  }

  /// Waits until the file's contents have reached the disk.
  package func synchronize() throws(FileError) {
    try check(fsync(descriptor), .write)
  }

  private func check(_ result: Int32, _ operation: FileError.Operation) throws(FileError) {
    if result != 0 { throw FileError(operation, path: shownPath, reason: .system(errno)) }
  }
}

/// Writes all bytes to a file descriptor, however often the system takes only a part of them, is interrupted,
/// or finds a pipe full that somebody has set to not wait.
///
/// - Returns: the error number of the write that failed; nil when all bytes are written.
package func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32? {
  var rest = bytes
  while !rest.isEmpty {
    let written = write(descriptor, rest.baseAddress, rest.count)
    if written >= 0 {
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
    } else if errno == EAGAIN {
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      poll(&request, 1, -1)
    } else if errno != EINTR {
      return errno
    }
  }
  return nil
}

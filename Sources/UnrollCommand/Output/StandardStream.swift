import Foundation
import Training

/// Standard output or standard error: results go to the first, everything else to the second.
///
/// Written with the system's `write`, without a buffer: what has been written is out, also when the process
/// is ended by a signal a moment later, and a failure is known at once.
struct StandardStream: Sendable {
  /// Where results go.
  static let output = StandardStream(descriptor: STDOUT_FILENO, name: "standard output")

  /// Where progress, remarks and errors go.
  static let error = StandardStream(descriptor: STDERR_FILENO, name: "standard error")

  /// The file descriptor.
  let descriptor: Int32

  /// How errors call the stream.
  let name: String

  /// Writes a text.
  ///
  /// If nobody reads the stream any more (a pipe into `head`), the text is dropped in silence:
  /// whoever closed it has what was wanted, and training need not stop for that.
  ///
  /// - Throws: `FileError` with `.write` for other failures, such as a full disk.
  func write(_ text: String) throws(FileError) {
    var text = text
    let code = text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: descriptor) }
    if let code, code != EPIPE {
      throw FileError(.write, path: name, reason: .system(code))
    }
  }

  /// Writes a line.
  ///
  /// - Throws: `FileError` as ``write(_:)``.
  func writeLine(_ line: String = "") throws(FileError) {
    try write(line + "\n")
  }

  /// Makes writing to a closed pipe an error of `write` instead of the end of the process.
  /// To be called once, before anything is written.
  static func ignoreClosedPipes() {
    signal(SIGPIPE, SIG_IGN)
  }
}

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

  /// Writes a text that somebody waits for.
  ///
  /// If nobody reads the stream any more (a pipe into `head`), the text is dropped in silence:
  /// whoever closed it has what was wanted.
  ///
  /// - Throws: `FileError` with `.write` for other failures, such as a full disk.
  func write(_ text: String) throws(FileError) {
    if let code = errorNumber(ofWriting: text), code != EPIPE {
      throw FileError(.write, path: name, reason: .system(code))
    }
  }

  /// Writes a line that somebody waits for.
  ///
  /// - Throws: `FileError` as ``write(_:)``.
  func writeLine(_ line: String = "") throws(FileError) {
    try write(line + "\n")
  }

  /// Writes a text such as progress, which no work should be given up for if it cannot be written.
  func tryWrite(_ text: String) {
    _ = errorNumber(ofWriting: text)
  }

  /// Writes a line as ``tryWrite(_:)``.
  func tryWriteLine(_ line: String) {
    tryWrite(line + "\n")
  }

  private func errorNumber(ofWriting text: String) -> Int32? {
    var text = text
    return text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: descriptor) }
  }

  /// To be called once, before anything is opened or written.
  static func prepare() {
    // Writing to a closed pipe, or beyond the limit on file sizes, becomes an error of `write` instead of the end of the
    // process.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    // A program that was started with a closed stream would open its next file in that place, and write messages into
    // it. What is opened here instead can be read, so that writing is an error.
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", O_RDONLY)
    }
  }
}

import Datasets
import Foundation

/// A file that could not be opened, created, read or written.
///
/// Its description is one line: what failed, the path, the system's reason, and what to do where there is an answer.
public struct FileError: Error, Equatable, Sendable {
  /// What was being done; a program's exit status follows from it.
  public enum Operation: Equatable, Sendable {
    /// An existing file was to be opened for reading (`EX_NOINPUT`, 66).
    case open
    /// A file was to be created, replaced or opened for writing (`EX_CANTCREAT`, 73).
    case create
    /// Bytes were to be read from an open file (`EX_IOERR`, 74).
    case read
    /// Bytes were to be written to an open file, or carried to the disk (`EX_IOERR`, 74).
    case write
  }

  /// Why it failed.
  public enum Reason: Equatable, Sendable {
    /// The system's error number, `errno`.
    case system(Int32)
    /// The path names a device, a pipe or a socket.
    case notARegularFile
    /// The folder belongs to a run already.
    case takenByRun
    /// The file ended before the size that it had when it was opened.
    case endedEarly
  }

  /// What was being done.
  public let operation: Operation

  /// The file that the caller named, or the name of a stream, such as "standard output".
  public let path: String

  /// Why it failed.
  public let reason: Reason

  /// Creates the error from its parts.
  public init(_ operation: Operation, path: String, reason: Reason) {
    self.operation = operation
    self.path = path
    self.reason = reason
  }
}

extension FileError: CustomStringConvertible {
  /// The error as one line.
  public var description: String {
    "cannot \(operation) \(path): \(reason)\(advice.map { "; \($0)" } ?? "")".onOneLine
  }

  private var advice: String? {
    switch reason {
    case .system(let code): advice(on: code)
    case .takenByRun: "choose another folder, or go on with that run (--resume)"
    case .notARegularFile, .endedEarly: nil
    }
  }

  private func advice(on code: Int32) -> String? {
    switch code {
    case ENOENT where operation == .create: "create the folder first"
    case ENOENT: "check the path"
    case EACCES, EPERM: "check the permissions of the file and its folder"
    case EROFS: "choose a folder that can be written"
    case EISDIR: "name a file in it"
    case ENOTDIR: "a part of the path is a file, not a folder"
    case ENOSPC, EDQUOT: "free some space or choose another folder"
    case EFBIG: "raise the limit on file sizes (ulimit -f) or choose another folder"
    default: nil
    }
  }
}

extension FileError.Reason: CustomStringConvertible {
  /// The reason as a phrase; the system's own words for an error number.
  public var description: String {
    switch self {
    case .system(let code): String(cString: strerror(code))
    case .notARegularFile: "it is not a regular file"
    case .takenByRun: "a run is there already"
    case .endedEarly: "it became shorter while it was read"
    }
  }
}

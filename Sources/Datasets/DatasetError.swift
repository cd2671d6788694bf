/// What can go wrong between a data set's name or an image's path and the numbers in memory.
///
/// Every case carries one finished line: the file, what was found, what was expected and what to do.
/// The case says which exit code of `sysexits.h` a command should end with.
public enum DatasetError: Error, Equatable, Sendable {
  /// A file, a folder or a data set of that name does not exist or cannot be read (`EX_NOINPUT`, 66).
  case missing(String)
  /// A file is there, and its content is not what its format or its checksum demands (`EX_DATAERR`, 65).
  case malformed(String)
  /// A data set could not be fetched from any source (`EX_UNAVAILABLE`, 69).
  case unavailable(String)
  /// The cache folder cannot be created or written (`EX_CANTCREAT`, 73).
  case unwritable(String)

  /// The process exit code that belongs to the case.
  public var exitCode: Int32 {
    switch self {
    case .missing: 66
    case .malformed: 65
    case .unavailable: 69
    case .unwritable: 73
    }
  }
}

extension DatasetError: CustomStringConvertible {
  /// The message, on one line whatever the file names in it contain.
  public var description: String {
    switch self {
    case .missing(let message), .malformed(let message), .unavailable(let message), .unwritable(let message):
      message.onOneLine
    }
  }
}

import Foundation

/// A text file that grows line by line, such as `metrics.jsonl`.
///
/// Each line is handed to the system at once, so other programs see it while this one runs.
/// The file always ends with a whole line: a line that could not be written in full is taken back,
/// and one that a killed process left unfinished is removed when the file is opened again.
public final class LineFile: Sendable {
  private let file: OpenFile

  /// Opens a file to append to; creates it if there is none.
  ///
  /// - Throws: `FileError`: `.create` if the file can be neither opened nor created;
  ///   `.read` or `.write` if its last line cannot be checked or removed.
  public init(appendingTo url: URL) throws(FileError) {
    file = try OpenFile(url.path, flags: O_RDWR | O_APPEND | O_CREAT, for: .create)
    try removeUnfinishedLine()
  }

  /// Appends a line.
  ///
  /// - Parameter line: the line without its end; it must not contain a line feed, otherwise this traps.
  /// - Throws: `FileError` with `.write`; the file is then as it was before.
  public func append(_ line: String) throws(FileError) {
    precondition(!line.utf8.contains(lineFeed), "a line must not contain a line feed: \(line)")
    let size = Int(try file.status().st_size)
    do throws(FileError) {
      try file.write(Array(line.utf8) + [lineFeed])
    } catch {
      // A device that cannot be cut has nothing to take back either, and the first error is the one to tell.
      try? file.truncate(to: size)
      throw error
    }
  }

  private func removeUnfinishedLine() throws(FileError) {
    let size = Int(try file.status().st_size)
    var end = size
    while end > 0 {
      let start = max(0, end - 4096)
      let block = try file.read(count: end - start, at: start)
      if let last = block.lastIndex(of: lineFeed) {
        end = start + last + 1
        break
      }
      end = start
    }
    if end < size { try file.truncate(to: end) }
  }
}

private let lineFeed = UInt8(ascii: "\n")

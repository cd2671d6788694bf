import Foundation
import Unroll

/// The text of a file.
///
/// - Throws: `FileError` if it cannot be read or is not a regular file.
func readText(_ path: String) throws(FileError) -> String {
  let file = try OpenFile(path, flags: O_RDONLY, for: .open)
  let status = try file.status()
  guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(.open, path: path, reason: .notARegularFile) }
  return String(decoding: try file.read(count: Int(status.st_size), at: 0), as: UTF8.self)
}

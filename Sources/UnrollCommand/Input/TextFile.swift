import Foundation
import Unroll

/// The text of a file.
///
/// - Throws: `FileError` if it cannot be read or is not a regular file.
func readText(_ path: String) throws(FileError) -> String {
  let file = try OpenFile.reading(URL(fileURLWithPath: path))
  return String(decoding: try file.read(count: Int(try file.status().st_size), at: 0), as: UTF8.self)
}

import Foundation

/// Writing a file as a whole or not at all.
///
/// The bytes go to a temporary file in the same folder (`.unroll-…`), from there to the disk, and only then does the
/// file get its name, in one step. Whoever reads it, and whatever fails on the way, finds the earlier contents or the
/// new ones, complete. After a failure the temporary file is removed; only a killed process can leave one.
///
/// A link is followed: the file it points to is replaced, and the link stays. The permissions of an earlier file
/// are kept, and a file that may not be written is not replaced either.
public enum AtomicFile {
  /// Writes bytes to a file, replacing what was there.
  ///
  /// - Throws: `FileError`: `.create` if the folder is missing or may not be written, or the path names something
  ///   else than a regular file; `.write` if the disk is full or fails.
  public static func write(_ contents: some ContiguousBytes, to url: URL) throws(FileError) {
    try write(to: url) { file throws(FileError) in
      try file.write(contents)
    }
  }

  /// Writes a text to a file in UTF-8, replacing what was there.
  ///
  /// - Throws: `FileError`, as for bytes.
  public static func write(_ text: String, to url: URL) throws(FileError) {
    try write(Array(text.utf8), to: url)
  }

  /// Writes what `body` writes to a file, replacing what was there.
  ///
  /// - Throws: `FileError`, as for bytes, or what `body` throws.
  package static func write(
    to url: URL, _ body: (borrowing OpenFile) throws(FileError) -> Void
  ) throws(FileError) {
    let target = try Target(url)
    let folder = URL(fileURLWithPath: target.path).deletingLastPathComponent().path
    let temporary = "\(folder)/.unroll-\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    let file = try OpenFile(temporary, flags: O_WRONLY | O_CREAT | O_EXCL, for: .create, shownAs: url.path)
    do throws(FileError) {
      if let mode = target.mode { try file.setMode(mode) }
      try body(file)
      try file.synchronize()
      guard rename(temporary, target.path) == 0 else {
        throw FileError(.create, path: url.path, reason: .system(errno))
      }
    } catch {
      unlink(temporary)
      throw error
    }
    try synchronize(folder: folder, shownAs: url.path)
  }

  /// Carries the new name to the disk; without this it may be lost with the power.
  private static func synchronize(folder: String, shownAs path: String) throws(FileError) {
    do throws(FileError) {
      try OpenFile(folder, flags: O_RDONLY | O_DIRECTORY, for: .write, shownAs: path).synchronize()
    } catch {
      // A folder that may be written but not read, and file systems that cannot do this for folders.
      let harmless = [EACCES, EINVAL, ENOTSUP].map { FileError.Reason.system($0) }
      if !harmless.contains(error.reason) { throw error }
    }
  }
}

/// The place of the file that will be written.
private struct Target {
  /// The path without links.
  let path: String

  /// The permissions of the file that is there; nil if there is none.
  let mode: mode_t?

  init(_ url: URL) throws(FileError) {
    var status = stat()
    guard stat(url.path, &status) == 0 else {
      // No such file yet. If the path cannot be reached at all, creating the temporary file says why.
      path = url.path
      mode = nil
      return
    }
    func refusal(_ reason: FileError.Reason) -> FileError { FileError(.create, path: url.path, reason: reason) }
    let kind = status.st_mode & S_IFMT
    if kind == S_IFDIR { throw refusal(.system(EISDIR)) }
    // Renaming over /dev/null or a pipe would put a file in its place.
    if kind != S_IFREG { throw refusal(.notARegularFile) }
    guard access(url.path, W_OK) == 0, let resolved = realpath(url.path, nil) else { throw refusal(.system(errno)) }
    defer { free(resolved) }
    path = String(cString: resolved)
    mode = status.st_mode & 0o777
  }
}

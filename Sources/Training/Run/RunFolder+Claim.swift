import Datasets
import Foundation

/// A folder that a new run has taken for itself: no other run takes it, not even one that starts at the same moment.
///
/// The sign is the file that grows, metrics for example, which is created empty and only by one.
public struct ClaimedFolder: Sendable {
  /// The folder.
  public let folder: RunFolder
  /// The file that says so.
  private let sign: URL
  /// The folders that had to be created, the outermost first.
  private let created: [String]

  /// Gives the folder up and removes what claiming it has created, as if it had never been claimed. To be called before
  /// the run has written anything that it wants to keep.
  public func release() {
    // What cannot be removed, such as a folder that somebody else has put a file into, stays.
    unlink(sign.path)
    for path in created.reversed() { rmdir(path) }
  }

  /// Gives the folder up after a failure if there is nothing to go on with: no checkpoint, and nothing in the file that grows.
  public func abandon() {
    let isBegun = (try? sign.resourceValues(forKeys: [.fileSizeKey]).fileSize).map { $0 != 0 } ?? true
    guard !isBegun, !FileManager.default.fileExists(atPath: folder.checkpoint.path) else { return }
    for file in [folder.configuration, folder.teacher] { unlink(file.path) }
    release()
  }

  fileprivate init(_ folder: RunFolder, sign: URL, created: [String]) {
    self.folder = folder
    self.sign = sign
    self.created = created
  }
}

extension RunFolder {
  /// Takes this folder for a new run, creating it and those above it where they are missing.
  ///
  /// - Parameter sign: The file that is created as the sign.
  /// - Returns: The folder, with the sign that it is taken.
  /// - Throws: `FileError` if the folder cannot be created or written, or belongs to a run already.
  public func claim(by sign: KeyPath<RunFolder, URL> = \.metrics) throws(FileError) -> ClaimedFolder {
    let sign = self[keyPath: sign]
    let claim = ClaimedFolder(self, sign: sign, created: try createFolders(to: url))
    do throws(FileError) {
      guard !isTaken else { throw FileError(.create, path: url.relativePath, reason: .takenByRun) }
      _ = try OpenFile(sign.path, flags: O_WRONLY | O_CREAT | O_EXCL, for: .create)
    } catch {
      // Another run may have been quicker by a moment.
      let isTaken = error.reason == .takenByRun || error.reason == .system(EEXIST)
      if !isTaken { claim.release() }
      throw isTaken ? FileError(.create, path: url.relativePath, reason: .takenByRun) : error
    }
    return claim
  }

  /// Takes a new folder for a new run: `runs/<date>-<dataset>` in the working directory, or `runs/<date>-<kind>-<dataset>`,
  /// with a number behind it where there is one of that name.
  ///
  /// - Parameters:
  ///   - dataset: A data set's name or path, of which the last part counts.
  ///   - kind: What sort of a run it is, where the name shall tell.
  ///   - sign: The file that is created as the sign.
  ///   - date: The day that the name tells.
  /// - Returns: The folder, which is empty but for the sign that it is taken.
  /// - Throws: `FileError` if no folder can be created there.
  public static func claimNew(
    for dataset: String, kind: String? = nil, by sign: KeyPath<RunFolder, URL> = \.metrics, at date: Date = Date()
  ) throws(FileError) -> ClaimedFolder {
    let day = date.formatted(Date.ISO8601FormatStyle(timeZone: .current).year().month().day())
    let name = [day, kind, URL(fileURLWithPath: dataset).lastPathComponent].compactMap(\.self).joined(separator: "-")
    let base = "runs/\(name)"
    let runs = URL(fileURLWithPath: "runs", isDirectory: true)
    var above: [String] = []
    var number = 1, retries = 100
    while true {
      above += try createFolders(to: runs)
      let folder = RunFolder(path: number == 1 ? base : "\(base)-\(number)")
      do throws(FileError) {
        if try createFolder(folder.url) {
          let sign = folder[keyPath: sign]
          _ = try OpenFile(sign.path, flags: O_WRONLY | O_CREAT | O_EXCL, for: .create)
          return ClaimedFolder(folder, sign: sign, created: above + [folder.url.path])
        }
        number += 1
      } catch {
        // Another run that gave up may have removed the folder of all runs since.
        guard error.reason == .system(ENOENT), retries > 0 else { throw error }
        retries -= 1
      }
    }
  }
}

/// Creates a folder and those above it.
///
/// - Returns: The paths of those that had to be created, the outermost first.
@discardableResult
package func createFolders(to url: URL) throws(FileError) -> [String] {
  if isFolder(url.path) { return [] }
  let above = url.deletingLastPathComponent()
  let created = above.path == url.path ? [] : try createFolders(to: above)
  return try createFolder(url) ? created + [url.path] : created
}

/// Creates a folder in one that exists.
///
/// - Returns: Whether it was created; if not, it was there already.
private func createFolder(_ url: URL) throws(FileError) -> Bool {
  if mkdir(url.path, 0o777) == 0 { return true }
  let code = errno
  if code == EEXIST && isFolder(url.path) { return false }
  throw FileError(.create, path: url.relativePath, reason: .system(code == EEXIST ? ENOTDIR : code))
}

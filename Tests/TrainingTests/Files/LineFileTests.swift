import Foundation
import TestSupport
import Testing
import Training

@Suite("Files that grow line by line")
struct LineFileTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func linesAreThereAtOnceAndStay() throws {
    let file = folder.file("metrics.jsonl")
    let lines = try LineFile(appendingTo: file)
    try lines.append("{\"epoch\":1}")
    #expect(try text(file) == "{\"epoch\":1}\n")
    try lines.append("é")
    try LineFile(appendingTo: file).append("again")
    #expect(try text(file) == "{\"epoch\":1}\né\nagain\n")
  }

  @Test(arguments: [0, 1, 4095, 4096, 4097, 10_000])
  func anUnfinishedLineIsRemoved(length: Int) throws {
    let file = folder.file("a")
    let unfinished = String(repeating: "x", count: length)
    try AtomicFile.write("first\nsecond\n" + unfinished, to: file)
    try LineFile(appendingTo: file).append("third")
    #expect(try text(file) == "first\nsecond\nthird\n")
    try AtomicFile.write(unfinished, to: file)
    try LineFile(appendingTo: file).append("only")
    #expect(try text(file) == "only\n")
  }

  @Test func aMissingFolderIsTold() {
    let file = folder.file("missing/a")
    #expect(throws: FileError(.create, path: file.path, reason: .system(ENOENT))) {
      _ = try LineFile(appendingTo: file)
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aFullDiskIsTold() throws {
    let lines = try LineFile(appendingTo: URL(fileURLWithPath: "/dev/full"))
    let error = FileError(.write, path: "/dev/full", reason: .system(ENOSPC))
    #expect(throws: error) { try lines.append("x") }
    #expect(
      "\(error)" == "cannot write /dev/full: No space left on device; free some space or choose another folder")
  }

  @Test func aLineThatDoesNotFitIsTakenBack() async throws {
    let path = folder.file("a").path
    await #expect(processExitsWith: .success) { [path = path as String] in
      limitFileSize(to: 100)
      let lines = try LineFile(appendingTo: URL(fileURLWithPath: path))
      try lines.append("first")
      #expect(throws: FileError(.write, path: path, reason: .system(EFBIG))) {
        try lines.append(String(repeating: "x", count: 200))
      }
      try lines.append("third")
    }
    #expect(try text(folder.file("a")) == "first\nthird\n")
  }

  private func text(_ file: URL) throws -> String {
    try String(contentsOf: file, encoding: .utf8)
  }
}

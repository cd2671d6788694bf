import Foundation
import TestSupport
import Testing
import Training

@Suite("Run folders")
struct RunFolderTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func aClaimIsTakenOnce() throws {
    let run = RunFolder(path: folder.file("a/b/run").path)
    let claim = try run.claim()
    #expect(run.isTaken)
    #expect(throws: FileError(.create, path: run.url.relativePath, reason: .takenByRun)) { _ = try run.claim() }
    #expect(run.isTaken, "the failed claim takes nothing from the first")
    claim.release()
    #expect(try folder.contents() == [])
  }

  @Test func releasingLeavesWhatWasThere() throws {
    let run = RunFolder(path: folder.file("a/run").path)
    try FileManager.default.createDirectory(at: run.url, withIntermediateDirectories: true)
    try AtomicFile.write("mine", to: run.url.appending(path: "notes.txt"))
    try run.claim().release()
    #expect(try FileManager.default.contentsOfDirectory(atPath: run.url.path) == ["notes.txt"])
  }

  @Test(arguments: ["model.safetensors", "checkpoint.safetensors", "metrics.jsonl", "config.json", "summary.json"])
  func anyFileOfARunTakesAFolder(name: String) throws {
    let run = RunFolder(path: folder.url.path)
    try AtomicFile.write("", to: folder.file(name))
    #expect(throws: FileError(.create, path: run.url.relativePath, reason: .takenByRun)) { _ = try run.claim() }
    #expect(try folder.contents() == [name])
  }

  @Test func aFileInTheWayIsTold() throws {
    try AtomicFile.write("", to: folder.file("file"))
    for path in ["file", "file/run"] {
      let run = RunFolder(path: folder.file(path).path)
      let error = #expect(throws: FileError.self) { _ = try run.claim() }
      #expect(error?.operation == .create && error?.reason == .system(ENOTDIR))
    }
    #expect(try folder.contents() == ["file"])
  }

  @Test func manyClaimantsOneWinner() async throws {
    let run = RunFolder(path: folder.file("run").path)
    let winners = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<20 { group.addTask { (try? run.claim()) != nil } }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(winners == 1)
  }

  @Test func metricsAreTrimmedToWholeEpochs() throws {
    let run = RunFolder(path: folder.url.path)
    try run.trimMetrics(toEpochs: 1)
    #expect(try folder.contents() == [], "nothing to trim")
    for (kept, expected) in [(3, "1\n2\n"), (2, "1\n2\n"), (1, "1\n"), (0, "")] {
      try AtomicFile.write("1\n2\n", to: run.metrics)
      try run.trimMetrics(toEpochs: kept)
      #expect(try String(contentsOf: run.metrics, encoding: .utf8) == expected)
    }
  }

  @Test func summaryHasTheContractsKeys() throws {
    let summary = RunSummary(
      testAccuracy: 0.5, error: nil, epochSeconds: [1, 2], seed: 3, threads: 4, peakResidentBytes: 5)
    let text = try JSONText.encode(summary)
    let expected = """
      {"epoch_seconds":[1,2],"epochs":2,"peak_resident_bytes":5,"seed":3,"test_accuracy":0.5,"threads":4,\
      "train_seconds":3,"version":"\(unrollVersion)"}
      """
    #expect(text == expected)
  }
}

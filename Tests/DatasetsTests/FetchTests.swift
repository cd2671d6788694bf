import Datasets
import Foundation
import Testing

/// The fetch script against servers of this machine. Needs python3, as fetching does, and no network.
@Suite(.timeLimit(.minutes(5))) struct FetchTests {
  let folder: TemporaryFolder
  let sample = SampleDataset()
  private let cache = "cache/unroll/sample"

  init() throws {
    folder = try TemporaryFolder()
    try sample.write(to: folder, "sample", gzip: true)
  }

  /// Patient enough for a busy machine, unless the test is about patience.
  private func store(
    mirror: String?, known: KnownDataset? = nil, stall: Double = 20, transfer: Double = 30
  ) -> DatasetStore {
    var environment = ProcessInfo.processInfo.environment
    environment["UNROLL_DATA"] = nil
    environment["UNROLL_MIRROR"] = mirror
    environment["XDG_CACHE_HOME"] = folder.path + "/cache"
    var limits = Fetch.TimeLimits()
    (limits.stall, limits.transfer) = (stall, transfer)
    return DatasetStore(environment: environment, known: [known ?? sample.known()], timeLimits: limits)
  }

  /// The four files and the lock, and nothing half-finished.
  private func expectWholeCache(at location: SourceLocation = #_sourceLocation) throws {
    let names = try folder.names(in: cache)
    #expect(names == ([".lock"] + DatasetFile.allCases.map { $0.rawValue + ".gz" }).sorted(), sourceLocation: location)
    let isVerified = try store(mirror: nil).verify("sample").isVerified
    #expect(isVerified, sourceLocation: location)
  }

  /// None of the four files under its final name.
  private func expectNothingInstalled(at location: SourceLocation = #_sourceLocation) throws {
    let installed = try folder.names(in: cache).filter { $0.hasSuffix(".gz") }
    #expect(installed.isEmpty, sourceLocation: location)
  }

  // MARK: Works

  @Test(arguments: [
    TestServer.Mode.fine, .withoutRange, .cutOnce, .cutOnceWithoutRange, .announcesTooMuch,
  ])
  func arrivesWhole(mode: TestServer.Mode) throws {
    let server = try TestServer(mode, folder: folder)
    #expect(try store(mirror: server.url).load("sample").train.count == 5)
    try expectWholeCache()
  }

  @Test func whatIsThereIsNotFetchedAgain() throws {
    let server = try TestServer(.fine, folder: folder)
    try store(mirror: server.url).fetch("sample")
    let requests = try server.requests().count
    #expect(requests == 4)
    _ = try store(mirror: server.url).load("sample")
    try store(mirror: server.url).fetch("sample")
    #expect(try server.requests().count == requests)
  }

  @Test func aDamagedFileIsReplaced() throws {
    let server = try TestServer(.fine, folder: folder)
    try store(mirror: server.url).fetch("sample")
    try folder.write(compress([1, 2, 3], gzip: true), to: cache + "/train-images-idx3-ubyte.gz")
    try store(mirror: server.url).fetch("sample")
    try expectWholeCache()
    #expect(try server.requests().count == 5)
  }

  @Test func aBrokenTransferIsResumedWhereItEnded() throws {
    let server = try TestServer(.cutOnce, folder: folder)
    try store(mirror: server.url).fetch("sample")
    let half = compress(sample.files[.trainImages] ?? [], gzip: true).count / 2
    #expect(try server.requests().contains("/sample/train-images-idx3-ubyte.gz bytes=\(half)-"))
  }

  @Test func whatAnEarlierRunLeftIsResumed() throws {
    let server = try TestServer(.fine, folder: folder)
    let bytes = compress(sample.files[.trainImages] ?? [], gzip: true)
    try folder.write(Array(bytes.prefix(100)), to: cache + "/train-images-idx3-ubyte.gz.part")
    try store(mirror: server.url).fetch("sample")
    try expectWholeCache()
    #expect(try server.requests().first == "/sample/train-images-idx3-ubyte.gz bytes=100-")
  }

  /// Neither a wrong beginning nor a file that is already too long may stand in the way for ever.
  @Test(arguments: [100, 1_000_000])
  func aWrongPartIsThrownAway(count: Int) throws {
    let server = try TestServer(.fine, folder: folder)
    try folder.write([UInt8](repeating: 7, count: count), to: cache + "/train-images-idx3-ubyte.gz.part")
    try store(mirror: server.url).fetch("sample")
    try expectWholeCache()
  }

  @Test func theSecondMirrorIsAskedWhereTheFirstFails() throws {
    let empty = try TemporaryFolder()
    let (bad, good) = (try TestServer(.notFound, folder: empty), try TestServer(.fine, folder: folder))
    let known = sample.known(mirrors: [bad.url + "/sample/", good.url + "/sample/"])
    try store(mirror: nil, known: known).fetch("sample")
    try expectWholeCache()
  }

  @Test func twoAtOnceFetchOnce() async throws {
    let server = try TestServer(.hesitant, folder: folder)
    let store = store(mirror: server.url)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 1...2 {
        group.addTask { _ = try store.load("sample") }
      }
      try await group.waitForAll()
    }
    try expectWholeCache()
    #expect(try server.requests().count == 4)
  }

  // MARK: Fails

  @Test(arguments: [
    (TestServer.Mode.drip, "bytes came in 1 seconds"),
    (.silent, "timed out"),
    (.announcesTooLittle, "not a whole gzip file"),
    (.wrongBytes, "not a whole gzip file"),
    (.endless, "sends more than"),
    (.notFound, "404"),
  ])
  func failsWithAReason(mode: TestServer.Mode, reason: String) throws {
    let server = try TestServer(mode, folder: folder)
    let start = ContinuousClock.now
    expect(.unavailable, saying: "sample", server.url, reason, "put train-images-idx3-ubyte.gz") {
      _ = try store(mirror: server.url, stall: 1).load("sample")
    }
    #expect(ContinuousClock.now - start < .seconds(10))
    try expectNothingInstalled()
  }

  /// News comes often enough, but the whole takes too long.
  @Test func theWholeTransferHasALimitToo() throws {
    let server = try TestServer(.drip, folder: folder)
    expect(.unavailable, saying: "not done after 1") {
      _ = try store(mirror: server.url, transfer: 1).load("sample")
    }
  }

  /// Whole gzip files with another content: only the checksum can tell.
  @Test func anotherContentIsRefused() throws {
    try SampleDataset(seed: 2).write(to: folder, "sample", gzip: true)
    let server = try TestServer(.fine, folder: folder)
    expect(.unavailable, saying: "SHA-256", sample.known().files[.trainImages]?.sha256 ?? "?") {
      _ = try store(mirror: server.url).load("sample")
    }
    try expectNothingInstalled()
  }

  @Test func aClosedPort() throws {
    expect(.unavailable, saying: "refused") { _ = try store(mirror: "http://127.0.0.1:9").load("sample") }
  }

  /// A mirror named explicitly replaces every other source.
  @Test func anExplicitMirrorIsTheOnlySource() throws {
    let good = try TestServer(.fine, folder: folder)
    let known = sample.known(mirrors: [good.url + "/sample/"])
    expect(.unavailable) { _ = try store(mirror: "http://127.0.0.1:9", known: known).load("sample") }
    #expect(try good.requests().isEmpty)
  }

  @Test(arguments: ["file:///etc/", "ftp://127.0.0.1/", "nonsense"])
  func onlyTheWebIsAMirror(mirror: String) {
    expect(.unavailable, saying: "only http and https") { _ = try store(mirror: mirror).load("sample") }
  }

  @Test func aCacheThatCannotBeMade() throws {
    try folder.write([], to: "cache")
    expect(.unwritable, saying: "sample", "/cache", "UNROLL_DATA") {
      _ = try store(mirror: "http://127.0.0.1:9").load("sample")
    }
  }

  /// A parent that dies closes the pipe, and the script must not go on downloading for nobody.
  @Test func anAbandonedScriptEnds() throws {
    let server = try TestServer(.silent, folder: folder)
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Datasets/Resources/fetch_dataset.py")
    let process = Process()
    let input = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", "-I", script.path,
      """
      {"name": "sample", "folder": "\(folder.path)/abandoned", "mirrors": ["\(server.url)"], "package": null,
       "files": [{"name": "a", "sha256": "b", "size": 1}], "progress": false,
       "limits": {"stall": 50, "transfer": 50, "package": 50, "lock": 50}}
      """,
    ]
    process.standardInput = input
    try process.run()
    while try server.requests().isEmpty {
      Thread.sleep(forTimeInterval: 0.05)
    }
    let start = ContinuousClock.now
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    #expect(ContinuousClock.now - start < .seconds(5))
  }
}

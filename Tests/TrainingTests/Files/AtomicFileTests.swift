import Foundation
import TestSupport
import Testing
import Training

@Suite("Writing files as a whole")
struct AtomicFileTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func bytesDataAndTextReplaceWhatWasThere() throws {
    let file = folder.file("a")
    try AtomicFile.write([1, 2, 3] as [UInt8], to: file)
    #expect(try Data(contentsOf: file) == Data([1, 2, 3]))
    try AtomicFile.write(Data([4]), to: file)
    #expect(try Data(contentsOf: file) == Data([4]))
    try AtomicFile.write("é\n", to: file)
    #expect(try Data(contentsOf: file) == Data([0xC3, 0xA9, 0x0A]))
    try AtomicFile.write("", to: file)
    #expect(try Data(contentsOf: file) == Data())
    #expect(try folder.contents() == ["a"])
  }

  @Test func theLongestNameIsAllowed() throws {
    let name = String(repeating: "n", count: 255)
    try AtomicFile.write("x", to: folder.file(name))
    #expect(try folder.contents() == [name])
  }

  @Test func readersNeverSeeAPart() async throws {
    let file = folder.file("a")
    let versions = [UInt8(ascii: "a"), UInt8(ascii: "b")].map { Data(repeating: $0, count: 200_000) }
    try AtomicFile.write(versions[0], to: file)
    let writing = Task.detached {
      for round in 1...60 { try AtomicFile.write(versions[round % 2], to: file) }
    }
    var seen: Set<Data> = []
    for _ in 0..<500 { seen.insert(try Data(contentsOf: file)) }
    try await writing.value
    #expect(seen.isSubset(of: versions))
  }

  @Test func newFilesHaveTheUsualPermissionsAndEarlierOnesKeepTheirs() throws {
    let (usual, new) = (folder.file("usual"), folder.file("new"))
    #expect(FileManager.default.createFile(atPath: usual.path, contents: nil))
    try AtomicFile.write("x", to: new)
    #expect(try permissions(of: new) == permissions(of: usual))
    try setPermissions(0o640, of: new)
    try AtomicFile.write("y", to: new)
    #expect(try permissions(of: new) == 0o640)
  }

  @Test func aLinkStaysALink() throws {
    let (link, file) = (folder.file("link"), folder.file("file"))
    try AtomicFile.write("old", to: file)
    try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "file")
    try AtomicFile.write("new", to: link)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == "file")
    #expect(try String(contentsOf: file, encoding: .utf8) == "new")
  }

  @Test func aMissingFolderIsTold() throws {
    let file = folder.file("missing/a")
    let error = FileError(.create, path: file.path, reason: .system(ENOENT))
    #expect(throws: error) { try AtomicFile.write("x", to: file) }
    #expect("\(error)" == "cannot create \(file.path): No such file or directory; create the folder first")
  }

  @Test func aFileInPlaceOfAFolderIsTold() throws {
    try AtomicFile.write("x", to: folder.file("a"))
    let file = folder.file("a/b")
    #expect(throws: FileError(.create, path: file.path, reason: .system(ENOTDIR))) {
      try AtomicFile.write("x", to: file)
    }
  }

  @Test func aFolderIsNotReplaced() throws {
    #expect(throws: FileError(.create, path: folder.url.path, reason: .system(EISDIR))) {
      try AtomicFile.write("x", to: folder.url)
    }
    #expect(try folder.contents() == [])
  }

  @Test func aPipeIsNotReplaced() throws {
    let pipe = folder.file("pipe")
    #expect(mkfifo(pipe.path, 0o600) == 0)
    #expect(throws: FileError(.create, path: pipe.path, reason: .notARegularFile)) {
      try AtomicFile.write("x", to: pipe)
    }
    let type = try FileManager.default.attributesOfItem(atPath: pipe.path)[.type] as? FileAttributeType
    #expect(type == .typeUnknown)
    #expect(try folder.contents() == ["pipe"])
  }

  @Test func anErrorWhileWritingLeavesTheEarlierFile() throws {
    let file = folder.file("a")
    try AtomicFile.write("earlier", to: file)
    let error = FileError(.write, path: file.path, reason: .system(EIO))
    #expect(throws: error) {
      try AtomicFile.write(to: file) { open throws(FileError) in
        try open.write(Data("half".utf8))
        throw error
      }
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == "earlier")
    #expect(try folder.contents() == ["a"])
  }

  /// In a process of its own, which gives up the rights of root first: they override permissions.
  @Test func whatMayNotBeWrittenIsNotReplaced() async throws {
    // A protected file in a folder where anybody may write, and a protected folder.
    let (file, closed) = (folder.file("a"), folder.url.appending(path: "closed", directoryHint: .isDirectory))
    try AtomicFile.write("earlier", to: file)
    try FileManager.default.createDirectory(at: closed, withIntermediateDirectories: false)
    try setPermissions(0o444, of: file)
    try setPermissions(0o777, of: folder.url)
    try setPermissions(0o555, of: closed)
    await #expect(processExitsWith: .success) { [paths = [file.path, closed.path + "/new"] as [String]] in
      if geteuid() == 0 { #expect(setuid(65534) == 0) }
      for path in paths {
        #expect(throws: FileError(.create, path: path, reason: .system(EACCES))) {
          try AtomicFile.write("x", to: URL(fileURLWithPath: path))
        }
      }
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == "earlier")
    #expect(try folder.contents() == ["a", "closed"])
  }

  /// A limit on file sizes stands for a full disk: it cuts a write in the middle and fails the next one.
  @Test func aFileThatDoesNotFitLeavesTheEarlierFile() async throws {
    let path = folder.file("a").path
    try AtomicFile.write("earlier", to: folder.file("a"))
    await #expect(processExitsWith: .success) { [path = path as String] in
      limitFileSize(to: 100_000)
      #expect(throws: FileError(.write, path: path, reason: .system(EFBIG))) {
        try AtomicFile.write(Data(count: 200_000), to: URL(fileURLWithPath: path))
      }
    }
    #expect(try String(contentsOf: folder.file("a"), encoding: .utf8) == "earlier")
    #expect(try folder.contents() == ["a"])
  }

  private func setPermissions(_ permissions: Int, of file: URL) throws {
    try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: file.path)
  }

  private func permissions(of file: URL) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
  }
}

@Suite("Reading and writing open files")
struct OpenFileTests {
  @Test func aFileThatEndsEarlyIsAnError() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a").path
    try AtomicFile.write("12345", to: folder.file("a"))
    #expect(try OpenFile(path, flags: O_RDONLY, for: .open).read(count: 3, at: 2) == Array("345".utf8))
    #expect(throws: FileError(.read, path: path, reason: .endedEarly)) {
      _ = try OpenFile(path, flags: O_RDONLY, for: .open).read(count: 4, at: 2)
    }
  }

  @Test func aFolderCannotBeRead() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError(.read, path: folder.url.path, reason: .system(EISDIR))) {
      _ = try OpenFile(folder.url.path, flags: O_RDONLY, for: .open).read(count: 1, at: 0)
    }
  }

  @Test func everythingGoesThroughAPipeThatDoesNotWait() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let (reading, writing) = (ends[0], ends[1])
    #expect(fcntl(writing, F_SETFL, O_NONBLOCK) == 0)
    let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    Thread.detachNewThread {
      #expect(bytes.withUnsafeBytes { writeAll($0, to: writing) } == nil)
      close(writing)
    }
    #expect(try FileHandle(fileDescriptor: reading, closeOnDealloc: true).readToEnd() == Data(bytes))
  }
}

/// Makes writes beyond `size` bytes fail with `EFBIG`, for the rest of the process.
func limitFileSize(to size: Int) {
  signal(SIGXFSZ, SIG_IGN)
  var limit = rlimit(rlim_cur: rlim_t(size), rlim_max: rlim_t(size))
  #if os(Linux)
    let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
  #else
    let resource = RLIMIT_FSIZE
  #endif
  #expect(setrlimit(resource, &limit) == 0)
}

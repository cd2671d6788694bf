import Datasets
import Testing

/// Where data sets are found, and what is refused. Nothing here fetches: `PATH` is empty, so there is no python3.
@Suite struct DatasetStoreTests {
  let folder: TemporaryFolder
  let sample = SampleDataset()

  init() throws {
    folder = try TemporaryFolder()
  }

  private func store(_ environment: [String: String] = [:], known: [KnownDataset]? = nil) -> DatasetStore {
    let home = ["HOME": folder.path + "/home", "PATH": ""]
    return DatasetStore(
      environment: home.merging(environment) { $1 },
      known: known ?? [sample.known(), SampleDataset(seed: 2).known(as: "other")])
  }

  // MARK: Where

  @Test(arguments: ["data", "data/sample"], [false, true])
  func explicitFolder(place: String, gzip: Bool) throws {
    try sample.write(to: folder, place, gzip: gzip)
    let dataset = try store().load("sample", data: folder.path + "/data")
    #expect(dataset.name == "sample")
    #expect(dataset.classes == ["zero", "one", "two"])
    #expect((dataset.train.count, dataset.train.height, dataset.train.width) == (5, 16, 16))
    #expect((dataset.test.count, dataset.test.height, dataset.test.width) == (2, 16, 16))
    #expect(dataset.train.pixels == Array(sample.files[.trainImages]?.dropFirst(16) ?? []))
    #expect(dataset.test.labels == [1, 1])
  }

  @Test(arguments: [
    (["UNROLL_DATA": "/own"], "own/sample"),
    (["UNROLL_DATA": "/own"], "own"),
    (["UNROLL_DATA": "/own", "XDG_CACHE_HOME": "/xdg"], "own/sample"),
    (["XDG_CACHE_HOME": "/xdg"], "xdg/unroll/sample"),
    (["UNROLL_DATA": "", "XDG_CACHE_HOME": "/xdg"], "xdg/unroll/sample"),
    ([:], "home/.cache/unroll/sample"),
  ])
  func cache(variables: [String: String], place: String) throws {
    let store = store(variables.mapValues { $0.isEmpty ? "" : folder.path + $0 })
    #expect(try store.find("sample") == nil)
    try sample.write(to: folder, place)
    #expect(try store.find("sample")?.folder == folder.path + "/" + place)
    #expect(try store.load("sample", .test).images.count == 2)
  }

  @Test func systemFolderComesAfterTheCache() throws {
    let store = store(known: [sample.known(systemFolders: [folder.path + "/usr"])])
    try sample.write(to: folder, "usr")
    #expect(try store.open("sample").folder == folder.path + "/usr")
    try sample.write(to: folder, "home/.cache/unroll/sample")
    #expect(try store.open("sample").folder == folder.path + "/home/.cache/unroll/sample")
  }

  @Test func anIncompleteCacheDoesNotCount() throws {
    let store = store(known: [sample.known(systemFolders: [folder.path + "/usr"])])
    try sample.write(to: folder, "usr")
    try folder.write([0], to: "home/.cache/unroll/sample/train-images-idx3-ubyte")
    #expect(try store.open("sample").folder == folder.path + "/usr")
  }

  /// With the files of one data set directly in `UNROLL_DATA`, another is simply not there.
  @Test func anotherDatasetsFilesAreNotMistaken() throws {
    try sample.write(to: folder, "own")
    let store = store(["UNROLL_DATA": folder.path + "/own"])
    #expect(try store.find("other") == nil)
    #expect(try store.find("sample") != nil)
  }

  @Test func spellingWithADot() throws {
    for (file, bytes) in sample.files {
      try folder.write(bytes, to: "data/" + file.rawValue.replacing("-idx", with: ".idx"))
    }
    #expect(try store().load("sample", data: folder.path + "/data").train.count == 5)
  }

  /// What fetching installs is `.gz`: it must win over a damaged plain file beside it.
  @Test func gzipWinsOverPlain() throws {
    try sample.write(to: folder, "data", gzip: true)
    try folder.write([1, 2, 3], to: "data/train-images-idx3-ubyte")
    #expect(try store().load("sample", data: folder.path + "/data").train.count == 5)
  }

  @Test func testPartNeedsOnlyItsFiles() throws {
    for file in [DatasetFile.testImages, .testLabels] {
      try folder.write(sample.files[file] ?? [], to: "data/" + file.rawValue)
    }
    let split = try store().load("sample", .test, data: folder.path + "/data")
    #expect(split.images.count == 2)
    #expect(split.classes == ["zero", "one", "two"])
    expect(.missing, saying: "train-labels-idx1-ubyte", "put the file there") {
      _ = try store().load("sample", .train, data: folder.path + "/data")
    }
  }

  // MARK: A folder of one's own

  @Test func ownFolderIsBoundByNoChecksum() throws {
    try SampleDataset(seed: 9).write(to: folder, "mine")
    let dataset = try store().load(folder.path + "/mine")
    #expect(dataset.name == folder.path + "/mine")
    #expect(dataset.classes == ["0", "1", "2"])
  }

  @Test func ownFolderNamesItsClassesByTheLabelsItReads() throws {
    var sample = sample
    sample.files[.trainLabels] = idx([5], [0, 0, 0, 0, 200])
    sample.files[.testLabels] = idx([2], [0, 3])
    try sample.write(to: folder, "mine")
    #expect(try store().load(folder.path + "/mine").classes.count == 201)
    #expect(try store().load(folder.path + "/mine", .test).classes == ["0", "1", "2", "3"])
  }

  @Test func partsOfDifferentSize() throws {
    try SampleDataset(side: 16).write(to: folder, "mine")
    try folder.write(SampleDataset(side: 8).files[.testImages] ?? [], to: "mine/t10k-images-idx3-ubyte")
    expect(.malformed, saying: "16 × 16", "8 × 8") { _ = try store().load(folder.path + "/mine") }
  }

  @Test func ownFolderWithoutFiles() throws {
    try folder.write([], to: "mine/readme.txt")
    expect(.missing, saying: "/mine: holds none of the four IDX files", "folders of images", "files of series") {
      _ = try store().load(folder.path + "/mine")
    }
  }

  @Test func ownFolderAndDataExcludeEachOther() throws {
    try sample.write(to: folder, "mine")
    expect(.missing, saying: "/mine", "drop one") { _ = try store().load(folder.path + "/mine", data: folder.path) }
  }

  // MARK: Refused

  @Test(arguments: DatasetFile.allCases)
  func aWrongChecksumIsRefusedEveryTime(file: DatasetFile) throws {
    try sample.write(to: folder, "data")
    var bytes = sample.files[file] ?? []
    bytes[bytes.count - 1] ^= 1
    let path = try folder.write(bytes, to: "data/" + file.rawValue)
    var hash = SHA256()
    hash.update(bytes)
    let (found, expected) = (hash.finalize(), sample.known().files[file]?.sha256 ?? "")
    for _ in 1...2 {
      expect(.malformed, saying: path, found, expected) {
        _ = try store().load("sample", data: folder.path + "/data")
      }
    }
  }

  @Test func labelsBeyondTheClasses() throws {
    var sample = sample
    sample.files[.testLabels] = idx([2], [0, 3])
    try sample.write(to: folder, "data")
    let store = store(known: [sample.known()])
    expect(.malformed, saying: "label 1 is 3", "3 classes") {
      _ = try store.load("sample", .test, data: folder.path + "/data")
    }
  }

  @Test func explicitFolderWithoutFilesIsNotPassedOver() throws {
    try sample.write(to: folder, "home/.cache/unroll/sample")
    try folder.write([], to: "data/readme.txt")
    expect(.missing, saying: "/data", "holds none of") { _ = try store().load("sample", data: folder.path + "/data") }
    expect(.missing, saying: "/nowhere", "no such folder") {
      _ = try store().load("sample", data: folder.path + "/nowhere")
    }
  }

  @Test(arguments: [
    ("mnsit", "did you mean mnist?"), ("fashion_mnist", "did you mean fashion-mnist?"),
    ("MNIST", "did you mean mnist?"),
  ])
  func misspeltName(name: String, guess: String) {
    expect(.missing, saying: name, "(mnist, fashion-mnist)", guess) {
      _ = try store(known: KnownDataset.all).load(name)
    }
  }

  @Test func unknownNameWithoutAGuess() {
    let error = #expect(throws: DatasetError.self) { try store(known: KnownDataset.all).load("./nowhere/at/all") }
    #expect(error?.description.contains("nor an existing folder") == true)
    #expect(error?.description.contains("did you mean") == false)
  }

  @Test func noPlaceForACache() {
    let store = DatasetStore(environment: [:], known: [sample.known()])
    expect(.missing, saying: "UNROLL_DATA", "XDG_CACHE_HOME", "HOME") { _ = try store.load("sample") }
  }

  @Test func withoutPythonAPersonIsToldWhatToDo() {
    let known = sample.known(advice: "install the package")
    expect(
      .unavailable, saying: "python3", "install the package", "train-images-idx3-ubyte.gz", "/home/.cache/unroll/sample"
    ) {
      _ = try store(known: [known]).load("sample")
    }
  }

  // MARK: Inventory

  @Test func listTellsWhatIsThere() throws {
    try sample.write(to: folder, "home/.cache/unroll/sample", gzip: true)
    let list = try store().list()
    #expect(list.map(\.dataset.name) == ["sample", "other"])
    #expect(list[0].folder == folder.path + "/home/.cache/unroll/sample")
    #expect(list[0].isVerified)
    #expect(list[0].byteCount == sample.files.values.reduce(0) { $0 + compress($1, gzip: true).count })
    #expect(list[1].folder == nil)
    #expect(!list[1].isVerified)
  }

  @Test func verifyJudgesEachFile() throws {
    try sample.write(to: folder, "data")
    try folder.write(SampleDataset(seed: 3).files[.testImages] ?? [], to: "data/t10k-images-idx3-ubyte")
    let status = try store().verify("sample", data: folder.path + "/data")
    #expect(!status.isVerified)
    #expect(status.files.filter { $0.failure != nil }.map(\.file) == [.testImages])
  }

  @Test func verifySeesAnIncompleteCache() throws {
    try folder.write(sample.files[.testLabels] ?? [], to: "home/.cache/unroll/sample/t10k-labels-idx1-ubyte")
    let status = try store().verify("sample")
    #expect(status.folder != nil)
    #expect(status.files.filter { $0.failure == nil }.map(\.file) == [.testLabels])
    #expect(status.files.filter { $0.path == nil }.count == 3)
  }
}

import Datasets
import Testing

@Suite("Sources of series")
struct SeriesSourceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Ten sequences of two classes, seven of the first.
  private static let ten = (0..<10).map { "\($0),\($0 + 1),\($0 < 7 ? "low" : "high")" }.joined(separator: "\n") + "\n"

  private func write(_ text: String, to name: String) throws -> String { try folder.write(Array(text.utf8), to: name) }

  private func ts(_ rows: String, labels: String = "true b a") -> String {
    "@problemName p\n@univariate true\n@classLabel \(labels)\n@data\n\(rows)\n"
  }

  @Test func aPairIsFoundByEitherOfItsNames() throws {
    let train = try write(ts("1,2:a\n3,4,5:b"), to: "d/P_TRAIN.ts"), test = try write(ts("1:b"), to: "d/P_TEST.ts")
    for path in [train, folder.path + "/d"] {
      #expect(SeriesSource.isSource(path))
      let source = try SeriesSource(at: path)
      #expect(source.train == train && source.test == test)
      let data = try source.load()
      // In the order of the header, not of the alphabet.
      #expect(data.classes == ["b", "a"] && data.trainingLabels == [1, 0])
      #expect(data.train.lengths == [2, 3] && data.test.lengths == [1])
    }
  }

  @Test(arguments: [
    ("P_TRAIN.ts", "P_TEST.ts"), ("train.csv", "test.csv"), ("Train.csv", "Test.csv"),
    ("trains_train.csv", "trains_test.csv"),
  ])
  func theTestFileIsCalledAsTheTrainingFile(train: String, test: String) throws {
    let path = try write("1,2,a\n3,4,b\n", to: train)
    #expect(try SeriesSource(at: path).test == nil)
    let other = try write("1,2,a\n", to: test)
    #expect(try SeriesSource(at: path).test == other)
  }

  @Test func onePartIsReadWithoutTheOther() throws {
    let train = try write("1,2,a\n3,4,b\n", to: "train.csv"), test = try write("5,6,b\n", to: "test.csv")
    var source = try SeriesSource(at: train)
    source.test = folder.path + "/gone.csv"
    #expect(try source.load(.train, classes: ["a", "b"]).values == [1, 2, 3, 4])
    (source.train, source.test) = (folder.path + "/gone.csv", test)
    #expect(try source.load(.test, classes: ["a", "b"]).values == [5, 6])
    expect(.malformed, saying: "test.csv: class b, which", "gone.csv does not have") {
      _ = try source.load(.test, classes: ["a", "c"])
    }
  }

  @Test func aTestSetIsDrawnByClassesAndAlwaysTheSame() throws {
    let path = try write(Self.ten, to: "all.csv"), source = try SeriesSource(at: path)
    #expect(source.test == nil)
    let data = try source.load(), again = try source.load()
    #expect(data.classes == ["high", "low"])
    #expect(data.train.count == 8 && data.test == again.test)
    // A fifth of 7 and of 3 is 1.4 and 0.6: one of each.
    #expect(data.test.targets == .labels(["low", "high"]))
    var other = source
    (other.testShare, other.seed) = (0.4, 2)
    #expect(try other.load().test.count == 4)
    other.testShare = 0.26
    #expect(try other.load().test.count == 3, "the nearest whole number")
    let draws = try (1...5 as ClosedRange<UInt64>).map { seed in
      other.seed = seed
      return try other.load().test.values
    }
    #expect(Set(draws).count > 1, "another seed draws others")
    // Exactly as many of each class as its share.
    let hundred = (0..<100).map { "\($0),\($0 < 70 ? "low" : "high")\n" }.joined()
    var hundredths = try SeriesSource(at: write(hundred, to: "hundred.csv"))
    for seed in 1...5 as ClosedRange<UInt64> {
      hundredths.seed = seed
      guard case .labels(let labels) = try hundredths.load().test.targets else {
        Issue.record("no labels")
        return
      }
      #expect(labels.count == 20 && labels.count { $0 == "low" } == 14, "seed \(seed)")
    }
    #expect(Set(data.train.values).union(data.test.values) == Set((0...10).map(Float.init)))
  }

  /// Three classes of five, five of one: each is learned.
  @Test func aTestSetLeavesOneOfEachClass() throws {
    let counts = [("a", 5), ("b", 5), ("c", 5), ("d", 1), ("e", 1), ("f", 1), ("g", 1), ("h", 1)]
    let lines = counts.flatMap { name, count in (0..<count).map { "\($0),1,\(name)\n" } }
    let path = try write(lines.joined(), to: "rare.csv")
    for seed in 1...20 as ClosedRange<UInt64> {
      var source = try SeriesSource(at: path)
      source.seed = seed
      let data = try source.load()
      #expect(data.classes?.count == 8 && data.test.count == 4, "seed \(seed)")
    }
    let single = try write("1,2,a\n2,3,b\n3,4,c\n", to: "single.csv")
    expect(.malformed, saying: "single.csv: no class has a second sequence", "--test") {
      _ = try SeriesSource(at: single).load()
    }
  }

  @Test func classesWithoutAnOrderAreInThatOfTheirNumbers() throws {
    let rows = (0..<15).map { "\($0),\(["10", "9", "2"][$0 % 3])\n" }.joined()
    #expect(try SeriesSource(at: write(rows, to: "grades.csv")).load().classes == ["2", "9", "10"])
  }

  @Test func theScaleOfANumberIsThatOfWhatIsLearnedFrom() throws {
    let path = try write("1,10\n2,20\n3,60\n4,90\n5,1000\n", to: "numbers.csv")
    var source = try SeriesSource(at: path)
    source.asksForNumber = true
    let data = try source.load()
    #expect(data.classes == nil && data.trainingLabels.isEmpty)
    guard case .numbers(let numbers) = data.train.targets, numbers.count == 4 else {
      Issue.record("\(data.train.targets)")
      return
    }
    let (first, second) = (numbers[0], numbers[1])
    #expect(
      data.target(learnedFrom: [0, 1]) == .number(mean: (first + second) / 2, deviation: abs(first - second) / 2))
    #expect(data.target(learnedFrom: [0]) == .number(mean: first, deviation: 1))
  }

  @Test func whatDoesNotFitIsRefused() throws {
    func load(_ train: String, _ test: String, asksForNumber: Bool = false) throws {
      var source = SeriesSource(
        train: try write(train, to: "x_TRAIN.ts"), test: try write(test, to: "x_TEST.ts"))
      source.asksForNumber = asksForNumber
      _ = try source.load()
    }
    let good = ts("1,2:a\n2,3:b")
    expect(.malformed, saying: "x_TEST.ts: 2 features", "x_TRAIN.ts has 1") {
      try load(good, "@problemName p\n@classLabel true b a\n@data\n1,2:3,4:a\n")
    }
    expect(.malformed, saying: "x_TEST.ts: class c, which", "x_TRAIN.ts does not have") {
      try load(good, ts("1,2:c", labels: "true c d"))
    }
    expect(.malformed, saying: "x_TRAIN.ts: its sequences have classes, but numbers") {
      try load(good, good, asksForNumber: true)
    }
    let numbers = "@problemName p\n@targetlabel true\n@data\n1,2:0.5\n"
    expect(.malformed, saying: "numbers to be estimated; train with --regression") { try load(numbers, numbers) }
    expect(.malformed, saying: "x_TEST.ts: its sequences have numbers to be estimated") { try load(good, numbers) }
    expect(.malformed, saying: "have no targets") { try load("@problemName p\n@classLabel false\n@data\n1,2\n", good) }
    expect(.malformed, saying: "all sequences are of class a; expected at least two") {
      try load(ts("1:a", labels: "true a"), ts("1:a", labels: "true a"))
    }
  }

  /// Four sequences of two steps to learn from, two to be examined on, and the classes of each.
  private func write(
    idx names: (train: String, labels: String, test: String, testLabels: String), type: UInt8 = 0x08, to path: String
  ) throws {
    func values(_ count: UInt8) -> [UInt8] {
      let numbers = (0..<2 * count).map(Float.init)
      return type == 0x0d ? numbers.flatMap { bigEndian(Int($0.bitPattern)) } : numbers.map { UInt8($0) }
    }
    for (name, bytes) in [
      (names.train, idx([4, 2], values(4), type: type)), (names.labels, idx([4], [7, 9, 7, 9])),
      (names.test, idx([2, 2], values(2), type: type)), (names.testLabels, idx([2], [9, 7])),
    ] { try folder.write(name.hasSuffix("gz") ? compress(bytes, gzip: true) : bytes, to: "\(path)/\(name)") }
  }

  @Test(arguments: [
    ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
    ("train-images.idx2-ubyte.gz", "train-labels.idx1-ubyte", "t10k-images.idx2-ubyte.gz", "t10k-labels.idx1-ubyte.gz"),
    ("a-train-idx2-float", "a-train-labels-idx1-ubyte", "a-test-idx2-float", "a-test-labels-idx1-float"),
    ("X_train.idx", "y_train.idx", "X_test.idx", "Y_test.idx.gz"),
    ("train-images.IDX.GZ", "train-labels.IDX", "test-images.IDX.GZ", "test-labels.IDX.gz"),
  ])
  func filesOfIDXAreFoundByTheirNames(train: String, labels: String, test: String, testLabels: String) throws {
    let isFloat = train.hasSuffix("float")
    try write(idx: (train, labels, test, testLabels), type: isFloat ? 0x0d : 0x08, to: "d")
    #expect(SeriesSource.isSource("\(folder.path)/d/\(train)"))
    let source = try SeriesSource(at: "\(folder.path)/d/\(train)")
    #expect(source.test == "\(folder.path)/d/\(test)")
    let data = try source.load()
    #expect(data.train.values == (0..<8).map(Float.init) && data.train.lengths == [2, 2, 2, 2])
    #expect(data.train.targets == .labels(["7", "9", "7", "9"]) && data.test.targets == .labels(["9", "7"]))
  }

  /// Files of targets make no pair of their own, and those of MNIST's own names are images where a folder has them.
  @Test func whatIsAPairInAFolder() throws {
    for ending in ["-idx3-ubyte", ".idx3-ubyte", "-idx3-ubyte.gz"] {
      let labels = ending.replacing("3", with: "1"), path = "images\(ending)"
      let names = ("train-images" + ending, "train-labels" + labels, "t10k-images" + ending, "t10k-labels" + labels)
      try write(idx: names, to: path)
      #expect(!SeriesSource.isSource("\(folder.path)/\(path)"), "\(ending)")
    }
    try write(idx: ("X_train.idx", "y_train.idx", "X_test.idx", "y_test.idx"), to: "series")
    #expect(SeriesSource.isSource(folder.path + "/series"))
    #expect(try SeriesSource(at: folder.path + "/series").train == folder.path + "/series/X_train.idx")
  }

  @Test func whatIsBesideAFileOfIDXMustFit() throws {
    let path = try folder.write(idx([4, 2], Array(0..<8)), to: "train-idx2-ubyte")
    expect(.malformed, saying: "train-idx2-ubyte: its sequences have no targets") {
      _ = try SeriesSource(at: path).load()
    }
    try folder.write(idx([3], [0, 1, 0]), to: "train-labels-idx1-ubyte")
    expect(.malformed, saying: "train-labels-idx1-ubyte: holds 3 targets for the 4 sequences") {
      _ = try SeriesSource(at: path).load()
    }
    expect(.malformed, saying: "train-labels-idx1-ubyte: has 1 dimensions") {
      _ = try SeriesSource(at: folder.path + "/train-labels-idx1-ubyte").load()
    }
  }

  @Test func placesThatAreNoSourceAreRefused() throws {
    expect(.missing, saying: "nowhere.ts: no such file") { _ = try SeriesSource(at: "nowhere.ts") }
    expect(.missing, saying: "holds no pair of files such as NAME_TRAIN.ts") { _ = try SeriesSource(at: folder.path) }
    for name in ["a_TRAIN.ts", "a_TEST.ts", "b_TRAIN.ts", "b_TEST.ts"] { _ = try write("", to: name) }
    expect(.missing, saying: "holds 2 pairs of files", "a_TRAIN.ts", "b_TRAIN.ts", "name one") {
      _ = try SeriesSource(at: folder.path)
    }
    let few = try write("1,2,a\n3,4,b\n", to: "few.csv")
    expect(.malformed, saying: "few.csv: 2 sequences, of which 0 would be the test set") {
      _ = try SeriesSource(at: few).load()
    }
    expect(.malformed, saying: "a file of a kind that is not read; expected .ts, .csv, .tsv, .txt, .npz, .npy, .idx") {
      _ = try SeriesSource(train: write("", to: "x.pdf")).load()
    }
    #expect(!SeriesSource.isSource("x.pdf") && SeriesSource.isSource("x.TS.gz") && SeriesSource.isSource("x.TS"))
    #expect(!SeriesSource.isSource("idx3-ubyte") && !SeriesSource.isSource("my-idx3-ubyte.txt.pdf"))
  }
}

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
    expect(.malformed, saying: "a file of a kind that is not read; expected .ts, .csv") {
      _ = try SeriesSource(train: write("", to: "x.pdf")).load()
    }
    #expect(!SeriesSource.isSource("x.pdf") && SeriesSource.isSource("x.TS.gz") && SeriesSource.isSource("x.TS"))
  }
}

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
    #expect(Set(data.train.values).union(data.test.values) == Set((0...10).map(Float.init)))
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
    #expect(!SeriesSource.isSource("x.pdf") && SeriesSource.isSource("x.TS.gz"))
  }
}

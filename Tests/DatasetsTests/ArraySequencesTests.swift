import Datasets
import Testing

/// Sequences from arrays: NumPy's, alone and in archives, and IDX.
@Suite struct ArraySequencesTests {
  private let values = NumPyEncoder((0..<12).map(Float.init), shape: "(2, 3, 2)").file
  private let flat = NumPyEncoder((0..<6).map(Float.init), shape: "(2, 3)").file
  private let names = NumPyEncoder("|S3", shape: "(2,)", elements: Array("catdog".utf8)).file

  private func whole(_ values: [Int], _ type: String = "<i8", shape: String? = nil) -> [UInt8] {
    NumPyEncoder(type, shape: shape ?? "(\(values.count),)", elements: values.flatMap { littleEndian($0, 8) }).file
  }

  private func read(
    _ arrays: [(String, [UInt8])], as kind: SequenceTargets.Kind = .labels
  ) throws -> SequenceParts {
    try SequenceParts(npz: ZipEncoder(arrays: arrays).file, name: "a.npz", as: kind)
  }

  // MARK: Archives

  @Test func whatNumPyWrote() throws {
    for archive in try ArrayFixture.shared.get().archives.prefix(2) {
      let parts = try SequenceParts(npz: Array(archive.file), name: archive.name, as: .labels)
      #expect(parts.test == nil)
      // The second sequence has one step, the first three.
      let expected = LabeledSequences(
        features: 2, lengths: [3, 1], values: (0..<8).map(Float.init), targets: .labels(["cat", "dog"]))
      #expect(parts.train == expected)
    }
  }

  @Test func asKerasHasThem() throws {
    let archive = try #require(try ArrayFixture.shared.get().archives.last)
    let parts = try SequenceParts(npz: Array(archive.file), name: "mnist.npz", as: .labels)
    let test = try #require(parts.test)
    #expect((parts.train.count, parts.train.features, test.count, test.features) == (3, 28, 1, 28))
    #expect(parts.train.lengths == [28, 28, 28])
    #expect(parts.train.targets == .labels(["5", "0", "4"]))
    #expect(test.targets == .labels(["7"]))
    #expect(test.values == (0..<784).map { Float($0 % 256) })
    #expect(parts.train.values == (784..<4 * 784).map { Float($0 % 256) })
  }

  /// Letters of either case; lengths of each part; two dimensions; no targets; others are passed over.
  @Test func otherSpellings() throws {
    let parts = try read([
      ("X_test", flat), ("y_test", names), ("X_TRAIN", flat), ("Lengths_train", whole([2, 3])), ("more", [1]),
    ])
    let train = LabeledSequences(features: 1, lengths: [2, 3], values: [0, 1, 3, 4, 5], targets: .none)
    #expect(parts.train == train)
    #expect(parts.test?.targets == .labels(["cat", "dog"]))
    #expect(try read([("x", flat)]).train.values == [0, 1, 2, 3, 4, 5])
  }

  @Test func fromFiles() throws {
    let folder = try TemporaryFolder()
    let archive = try folder.write(ZipEncoder(arrays: [("X", values), ("y", names)]).file, to: "a.npz")
    let parts = try SequenceParts(npz: archive, as: .labels)
    let pair = try LabeledSequences(
      arraysAt: try folder.write(values, to: "values.npy"), targetsAt: try folder.write(names, to: "targets.npy"),
      as: .labels)
    #expect(parts.train == pair)
    #expect(pair.values == (0..<12).map(Float.init))
    let cut = try LabeledSequences(
      arraysAt: folder.path + "/values.npy", targetsAt: nil,
      lengthsAt: try folder.write(whole([1, 2]), to: "lengths.npy"), as: .labels)
    #expect(cut == LabeledSequences(features: 2, lengths: [1, 2], values: [0, 1, 6, 7, 8, 9], targets: .none))
    expect(.missing, saying: "nowhere") {
      _ = try LabeledSequences(arraysAt: folder.path + "/values.npy", targetsAt: folder.path + "/nowhere", as: .labels)
    }
  }

  /// Which arrays must be there, and how they must fit each other.
  @Test func wrongArchives() {
    func check(_ arrays: [(String, [UInt8])], _ message: String, as kind: SequenceTargets.Kind = .labels) {
      expect(.malformed, saying: "a.npz: \(message)") { _ = try read(arrays, as: kind) }
    }
    let expected = "X and y were expected, or x_train, y_train, x_test and y_test"
    check([("a", flat), ("b", flat)], "holds the arrays a, b; \(expected)")
    check([("y", names)], "holds the arrays y; \(expected)")
    check([("x_train", flat)], "holds the arrays x_train; \(expected)")
    check([("x_test", flat)], "holds the arrays x_test; \(expected)")
    check([("X", flat), ("x_train", flat), ("x_test", flat)], "holds the arrays X, x_train, x_test; \(expected)")
    check([("X", flat), ("x", flat)], "holds the arrays X and x; which is meant? Leave out the other")
    check([("X", flat), ("Y", names), ("y", names)], "holds the arrays Y and y; which is meant?")
    check(
      [("x_train", flat), ("x_test", values)], "has 1 features in x_train and 2 in x_test; both must have as many")
    check([("X", whole([1]))], "X.npy: has 1 dimensions (1); sequences are [count, steps, features] or")
    check([("X", whole([1], shape: "(1, 1, 1, 1)"))], "X.npy: has 4 dimensions (1 × 1 × 1 × 1); sequences")
    check([("X", names)], "X.npy: has 1 dimensions")
    check(
      [("X", NumPyEncoder("|S1", shape: "(1, 1)", elements: [65]).file)], "X.npy: holds texts; numbers are wanted here")
    check(
      [("X", flat), ("y", whole([1, 2, 3]))],
      "y.npy: holds 3 targets for the 2 sequences of a.npz: X.npy; they must belong together")
    check(
      [("X", flat), ("y", whole([1, 0, 0, 1], shape: "(2, 2)"))],
      "y.npy: has the dimensions 2 × 2; a target for each sequence is [count] (of one-hot rows, the argmax)")
    check([("X", flat), ("y", whole([1], shape: "()"))], "y.npy: has the dimensions of a single number; a target")
    check([("X", flat), ("lengths", whole([1]))], "lengths.npy: holds 1 lengths for the 2 sequences")
    for wrong in [0, 4, -1, 1 << 40] {
      check(
        [("X", flat), ("lengths", whole([3, wrong]))],
        "lengths.npy: length 1 is \(wrong); whole numbers from 1 to 3, the steps of a.npz: X.npy, were expected")
    }
    check(
      [("X", flat), ("lengths", NumPyEncoder([2, 1.5], shape: "(2,)").file)],
      "lengths.npy: element 1 is not a whole number, as a class or a length must be")
    check([("X", flat), ("y", names)], "y.npy: holds texts; numbers are wanted here", as: .numbers)
  }

  // MARK: Numbers

  /// Missing numbers stay; the infinite is refused by its place, but not behind the end of a sequence.
  @Test func missingAndInfinite() throws {
    func sequences(_ numbers: [Float], _ shape: String, lengths: [Int]? = nil) throws -> LabeledSequences {
      try LabeledSequences(
        arrays: NumPyEncoder(numbers, shape: shape).file, targets: nil, lengths: lengths.map { whole($0) }, as: .numbers
      )
    }
    let missing = try sequences([1, .nan, 3, 4], "(2, 2)")
    #expect(missing.values[1].isNaN && missing.values[0] == 1 && missing.values[3] == 4)
    let place = "values: the number at [1, 0, 1] is infinite, or beyond single precision (±3.4e38); NaN says that"
    expect(.malformed, saying: place) { _ = try sequences([1, 2, 3, 4, 5, .infinity, 7, 8], "(2, 2, 2)") }
    expect(.malformed, saying: "values: the number at [0, 1] is infinite") {
      _ = try sequences([1, -.infinity], "(1, 2)")
    }
    let cut = try sequences([1, .infinity, 3, 4], "(2, 2)", lengths: [1, 2])
    #expect(cut == LabeledSequences(features: 1, lengths: [1, 2], values: [1, 3, 4], targets: .none))
    expect(.malformed, saying: "values: the number at [1, 1] is infinite") {
      _ = try sequences([1, .infinity, 3, .infinity], "(2, 2)", lengths: [1, 2])
    }
    let double = NumPyEncoder("<f8", shape: "(1, 1)", elements: littleEndian(Int((1e39).bitPattern), 8)).file
    expect(.malformed, saying: "values: the number at [0, 0] is infinite, or beyond") {
      _ = try LabeledSequences(arrays: double, targets: nil, as: .labels)
    }
  }

  /// The same numbers as classes and as numbers.
  @Test func kindsOfTargets() throws {
    func targets(_ file: [UInt8], as kind: SequenceTargets.Kind) throws -> SequenceTargets {
      try LabeledSequences(arrays: flat, targets: file, as: kind).targets
    }
    let greatest = whole([Int.max, -2])
    #expect(try targets(greatest, as: .labels) == .labels(["9223372036854775807", "-2"]))
    #expect(try targets(greatest, as: .numbers) == .numbers([0x1p63, -2]))
    let floats = NumPyEncoder([1, -0.0], shape: "(2, 1)").file
    #expect(try targets(floats, as: .labels) == .labels(["1", "0"]))
    #expect(try targets(floats, as: .numbers) == .numbers([1, 0]))
    let half = NumPyEncoder([1, 0.5], shape: "(2,)").file
    #expect(try targets(half, as: .numbers) == .numbers([1, 0.5]))
    expect(.malformed, saying: "targets: element 1 is not a whole number, as a class or a length must be") {
      _ = try targets(half, as: .labels)
    }
    for (number, name) in [(Float.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf")] {
      let file = NumPyEncoder([1, number], shape: "(2,)").file
      expect(.malformed, saying: "targets: target 1 is \(name); every target must be finite") {
        _ = try targets(file, as: .numbers)
      }
      expect(.malformed, saying: "targets: element 1 is not a whole number") { _ = try targets(file, as: .labels) }
    }
    let noText = NumPyEncoder("|S2", shape: "(2,)", elements: [65, 0, 0xff, 65]).file
    expect(.malformed, saying: "targets: element 1 is not valid text") { _ = try targets(noText, as: .labels) }
    let noScalar = NumPyEncoder("<U1", shape: "(2,)", elements: littleEndian(65, 4) + littleEndian(0xd800, 4)).file
    expect(.malformed, saying: "targets: element 1 is not valid text") { _ = try targets(noScalar, as: .labels) }
  }

  // MARK: IDX

  @Test func idxOfEveryType() throws {
    func bigEndian(_ bits: Int, _ count: Int) -> [UInt8] { littleEndian(bits, count).reversed() }
    let numbers: [Float] = [1, 0, 3, 100, 5, 6]
    let types: [(UInt8, (Float) -> [UInt8])] = [
      (0x08, { [UInt8($0)] }), (0x09, { [UInt8(truncatingIfNeeded: -Int($0))] }), (0x0b, { bigEndian(-Int($0), 2) }),
      (0x0c, { bigEndian(-Int($0), 4) }), (0x0d, { bigEndian(Int((-$0 / 4).bitPattern), 4) }),
      (0x0e, { bigEndian(Int(truncatingIfNeeded: Double(-$0 / 4).bitPattern), 8) }),
    ]
    let scales: [Float] = [1, -1, -1, -1, -0.25, -0.25]
    for ((code, bytes), scale) in zip(types, scales) {
      let values = idx([2, 3, 1], numbers.flatMap(bytes), type: code)
      for file in [values, compress(values, gzip: true)] {
        let sequences = try LabeledSequences(
          arrays: file, targets: idx([2], bytes(4) + bytes(8), type: code), as: .numbers)
        let expected = LabeledSequences(
          features: 1, lengths: [3, 3], values: numbers.map { $0 * scale }, targets: .numbers([4 * scale, 8 * scale]))
        #expect(sequences == expected, "type \(code)")
      }
    }
    let images = try LabeledSequences(
      arrays: idx([2, 3], [1, 2, 3, 4, 5, 6]), targets: idx([2], [9, 3]), as: .labels)
    #expect(images.targets == .labels(["9", "3"]))
    #expect(images.values == [1, 2, 3, 4, 5, 6])
  }

  @Test(arguments: [
    (
      idx([2, 3], [1, 2, 3, 4, 5, 6], type: 0x0a),
      "values: holds elements of type 0a (unknown), which IDX does not know"
    ),
    (idx([], []), "values: has 0 dimensions; 1 to 8 are read"),
    (idx([Int](repeating: 1, count: 9), [1]), "values: has 9 dimensions; 1 to 8 are read"),
    (
      idx([2, 3], [1, 2, 3, 4, 5, 6], type: 0x0e),
      "values: announces 2 × 3 elements, more than a file of its size can hold"
    ),
    (idx([2, 3], [1, 2, 3, 4, 5]), "values: ends after 5 of 6 announced elements"),
    (idx([2, 3], [1, 2, 3, 4, 5, 6, 7]), "values: goes on after the 6 elements"),
    (idx([2, 0], []), "values: is empty: its dimensions are 2 × 0"),
    ([1, 2, 3, 4], "values: is neither a NumPy array (.npy) nor an IDX file"),
    ([0, 0, 8], "values: ends inside the array's header"),
    (Array("PK\u{3}\u{4}".utf8), "values: is an archive of arrays (.npz) where one array was expected"),
  ])
  func wrongFiles(bytes: [UInt8], message: String) {
    expect(.malformed, saying: message) { _ = try LabeledSequences(arrays: bytes, targets: nil, as: .labels) }
  }
}

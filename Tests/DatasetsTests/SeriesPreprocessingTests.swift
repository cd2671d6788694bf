import Datasets
import Tensors
import Testing

@Suite("Preprocessing of series")
struct SeriesPreprocessingTests {
  /// Two features; the second is constant but for what is missing.
  private let sequences = LabeledSequences(
    features: 2, lengths: [3, 1, 2], values: [1, 5, 2, 5, .nan, .nan, 9, 5, .nan, 5, 6, .nan],
    targets: .labels(["a", "b", "a"]))

  @Test func meansAndDeviationsAreThoseOfTheRowsThatAreLearnedFrom() {
    let fitted = SeriesPreprocessing(fitting: sequences, rows: [0, 2], normalizes: true, missing: .carry)
    // The first feature is 1, 2 and 6: a mean of 3, and squares that sum to 4 + 1 + 9.
    #expect(fitted.scaling.mean == [3, 5])
    #expect(abs(fitted.scaling.scale[0] - Float((3.0 / 14).squareRoot())) < 1e-6 && fitted.scaling.scale[1] == 1)
    #expect(fitted.fill == [3, 5] && fitted.steps == 3 && fitted.features == 2)
    let asIs = SeriesPreprocessing(fitting: sequences, rows: [0, 2], normalizes: false, missing: .mean)
    #expect(asIs.scaling == FeatureScaling(mean: [0, 0], scale: [1, 1]) && asIs.fill == [3, 5])
  }

  @Test(arguments: [
    (MissingValues.carry, [1, 5, 2, 5, 2, 5] as [Float], [3, 5, 6, 5] as [Float]),
    (.mean, [1, 5, 2, 5, 3, 5], [3, 5, 6, 5]),
  ])
  func somethingStandsInForWhatIsMissing(missing: MissingValues, first: [Float], last: [Float]) {
    let preprocessing = SeriesPreprocessing(fitting: sequences, rows: [0, 2], normalizes: false, missing: missing)
    let data = SequenceData(sequences, preprocessing, target: .classes(["a", "b"]), on: .cpu)
    #expect(data.batch([0]).sequences.floats == first)
    #expect(data.batch([2]).sequences.floats == last)
  }

  /// Large numbers that differ little keep their digits.
  @Test func numbersFarFromZeroAreNormalizedExactly() {
    let values: [Float] = [1_000_000, 1_000_001, 1_000_002, 1_000_003]
    let far = LabeledSequences(features: 1, lengths: [4], values: values, targets: .none)
    let preprocessing = SeriesPreprocessing(fitting: far, rows: [0], normalizes: true, missing: .carry)
    let found = SequenceData(far, preprocessing, target: .classes(["a"]), on: .cpu).batch([0]).sequences.floats
    // The mean 1,000,001.5 is no float; it is rounded to the nearest 0.0625.
    for (value, expected) in zip(found, [-1.5, -0.5, 0.5, 1.5].map { Float($0 / 1.25.squareRoot()) }) {
      #expect(abs(value - expected) < 1e-5)
    }
  }
}

@Suite("Series as data")
struct SeriesDataTests {
  private let data: SequenceData = {
    let sequences = LabeledSequences(
      features: 2, lengths: [3, 1, 2], values: (1...12).map(Float.init), targets: .labels(["x", "y", "x"]))
    let preprocessing = SeriesPreprocessing(fitting: sequences, rows: [0], normalizes: false, missing: .carry)
    return SequenceData(sequences, preprocessing, target: .classes(["y", "x"]), on: .cpu)
  }()

  @Test func batchesAreAsLongAsTheirLongestSequence() {
    #expect(data.count == 3 && data.steps == 3 && data.features == 2 && data.lengths == [3, 1, 2])
    #expect(data.labels == [1, 0, 1])
    let batch = data.batch([1, 2])
    #expect(batch.sequences.shape == [2, 2, 2] && batch.lengths == [1, 2])
    #expect(batch.sequences.floats == [7, 8, 0, 0, 9, 10, 11, 12])
    #expect(batch.targets.elements(as: Int32.self) == [0, 1])
    #expect(data.batch([0]).lengths == nil && data.batch([0]).sequences.floats == [1, 2, 3, 4, 5, 6])
  }

  @Test func prefixesEndWhereTheSequenceDoes() {
    let part = data.prefix(steps: 2)
    #expect(part.steps == 2 && part.lengths == [2, 1, 2])
    #expect(part.batch([0, 1]).sequences.floats == [1, 2, 3, 4, 7, 8, 0, 0])
    #expect(data.prefix(steps: 1).lengths == nil)
  }

  @Test func numbersAreStandardized() {
    let sequences = LabeledSequences(features: 1, lengths: [1, 1], values: [0, 0], targets: .numbers([10, 30]))
    let preprocessing = SeriesPreprocessing(fitting: sequences, rows: [0], normalizes: false, missing: .carry)
    let data = SequenceData(sequences, preprocessing, target: .number(mean: 20, deviation: 5), on: .cpu)
    #expect(data.answers == .outputs([-2, 2]) && data.labels.isEmpty)
    #expect(data.batch([1, 0]).targets.floats == [2, -2])
  }

  /// A run goes on with the data that it began with: all that counts changes the checksum.
  @Test func theChecksumTellsDataApart() {
    func checksum(_ values: [Float], _ lengths: [Int], _ labels: [String]) -> UInt64 {
      let sequences = LabeledSequences(features: 1, lengths: lengths, values: values, targets: .labels(labels))
      let preprocessing = SeriesPreprocessing(fitting: sequences, rows: [0], normalizes: false, missing: .carry)
      return SequenceData(sequences, preprocessing, target: .classes(["a", "b"]), on: .cpu).checksum
    }
    let all = [
      checksum([1, 2, 3], [2, 1], ["a", "b"]), checksum([1, 2, 4], [2, 1], ["a", "b"]),
      checksum([1, 2, 3], [1, 2], ["a", "b"]), checksum([1, 2, 3], [2, 1], ["b", "a"]),
    ]
    #expect(Set(all).count == 4)
    #expect(all[0] == checksum([1, 2, 3], [2, 1], ["a", "b"]))
    let sums = [[1, 2], [1, 3] as [Float]].map { numbers in
      let sequences = LabeledSequences(features: 1, lengths: [1, 1], values: [0, 0], targets: .numbers(numbers))
      let preprocessing = SeriesPreprocessing(fitting: sequences, rows: [0], normalizes: false, missing: .carry)
      return SequenceData(sequences, preprocessing, target: .number(mean: 0, deviation: 1), on: .cpu).checksum
    }
    #expect(sums[0] != sums[1])
  }
}

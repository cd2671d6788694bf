import Datasets
import Foundation
import Recurrent
import Tensors
import Testing
import Training

@Suite("Accuracy by steps")
struct StepAccuracyTests {
  private let model = smallModel()
  /// More than one batch of the evaluation, the last one smaller.
  private let images = bars(300, seed: 3)

  /// Reading k rows and stopping is the same as images of k rows.
  @Test func truncationAtTheEndIsEachPrefixByItself() throws {
    let all = model.accuracyBySteps(images.sequences(), truncation: .end)
    try #require(all.map(\.step) == Array(1...8))
    for result in all {
      let prefixes = changed { image in Array(image.prefix(8 * result.step)) }
      expect(result, isAsGoodAs: model.evaluate(prefixes.sequences()))
    }
    #expect(Set(all.map(\.crossEntropy)).count == 8)
  }

  /// Blank rows in front, put there for real.
  @Test(arguments: [false, true])
  func blankFrontIsBlankRowsInFront(bidirectional: Bool) throws {
    var random = RandomGenerator(seed: 1)
    let model =
      bidirectional
      ? SequenceClassifier(
        inputSize: 8, hiddenSize: 12, classes: 3, bidirectional: true, layerInitializer: .normal(), using: &random)
      : model
    let all = model.accuracyBySteps(images.sequences(), truncation: .blankFront)
    try #require(all.map(\.step) == Array(1...8))
    #expect(Set(all.map(\.crossEntropy)).count == 8)
    for result in all {
      let shifted = changed { image in
        [UInt8](repeating: 0, count: 8 * (8 - result.step)) + image.prefix(8 * result.step)
      }
      expect(result, isAsGoodAs: model.evaluate(shifted.sequences()))
    }
  }

  @Test func confidenceIsTheProbabilityOfTheAnswer() throws {
    let results = model.accuracyBySteps(images.sequences(), truncation: .end)
    let reader = Reader(model)
    var sums = [Double](repeating: 0, count: 8)
    for image in 0..<images.count {
      reader.reset()
      for row in 0..<8 {
        let start = image * 64 + row * 8
        let probabilities = reader.read(images.pixels[start..<start + 8].map { Float($0) / 255 })
        sums[row] += Double(probabilities.max() ?? 0)
      }
    }
    for (result, sum) in zip(results, sums) { #expect(abs(result.confidence - sum / 300) < 1e-5) }
  }

  @Test func stopsBetweenBatches() {
    struct Stop: Error {}
    var batches = 0
    #expect(throws: Stop.self) {
      _ = try model.accuracyBySteps(images.sequences(), truncation: .end) {
        batches += 1
        if batches == 2 { throw Stop() }
      }
    }
    #expect(batches == 2)
  }

  @Test func csvIsTheContracts() throws {
    let json = """
      [{"step":1,"accuracy":0.125,"low":0.1,"high":0.2,"confidence":1,"cross_entropy":2.302585093},
       {"step":2,"accuracy":1,"low":0.9999999,"high":1,"confidence":0.5,"cross_entropy":1e-9}]
      """
    let rows = try JSONText.decode([StepAccuracy].self, from: json)
    let expected = """
      step,accuracy,low,high,confidence,cross_entropy
      1,0.125000,0.100000,0.200000,1.000000,2.302585
      2,1.000000,1.000000,1.000000,0.500000,0.000000

      """
    #expect(rows.csv == expected)
  }

  /// Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, method 3.
  @Test(arguments: [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)])
  func wilsonsIntervalIsAsPublished(successes: Int, count: Int, low: Double, high: Double) {
    let interval = wilsonInterval(successes: successes, of: count)
    #expect(abs(interval.low - low) < 0.00005 && abs(interval.high - high) < 0.00005)
    let mirrored = wilsonInterval(successes: count - successes, of: count)
    #expect(abs(mirrored.low - (1 - interval.high)) < 1e-12 && abs(mirrored.high - (1 - interval.low)) < 1e-12)
  }

  @Test func wilsonsIntervalOfNothingIsEverything() {
    #expect(wilsonInterval(successes: 0, of: 0) == (0, 1))
  }

  private func expect(
    _ result: StepAccuracy, isAsGoodAs evaluation: Evaluation, at location: SourceLocation = #_sourceLocation
  ) {
    #expect(result.accuracy == evaluation.accuracy, "step \(result.step)", sourceLocation: location)
    let difference = abs(result.crossEntropy - evaluation.crossEntropy)
    #expect(difference < 1e-6, "step \(result.step)", sourceLocation: location)
    let interval = wilsonInterval(successes: evaluation.correct, of: evaluation.count)
    #expect((result.low, result.high) == interval, sourceLocation: location)
  }

  /// The images with each one's pixels changed, whole rows of them.
  private func changed(_ change: ([UInt8]) -> [UInt8]) -> LabeledImages {
    let pixels = (0..<images.count).flatMap { change(Array(images.pixels[64 * $0..<64 * $0 + 64])) }
    return LabeledImages(
      height: pixels.count / images.count / 8, width: 8, pixels: pixels, labels: images.labels)
  }
}

import Tensors
import Testing
import _Differentiation

/// Softmax and cross-entropy against PyTorch, at ordinary and at extreme logits.
@Suite("Losses against PyTorch")
struct LossFixtureTests {
  private let cases: [LossFixture.Case]

  init() throws { cases = try Fixture.load("losses", as: LossFixture.self).cases }

  @Test func softmaxAndItsGradient() {
    #expect(cases.count == 3)
    for fixture in cases {
      let (value, pullback) = valueWithPullback(at: fixture.logits.tensor()) { softmax($0) }
      expect(value, isCloseTo: fixture.softmax.value, within: 5e-7, fixture.name)
      expect(pullback(fixture.cotangent.tensor()), isCloseTo: fixture.softmax.gradient, within: 1e-6, fixture.name)
    }
  }

  @Test(arguments: [Reduction.mean, .sum, .none], [0, 0.1])
  func crossEntropyAndItsGradient(reduction: Reduction, labelSmoothing: Double) throws {
    for fixture in cases {
      let expected = try #require(
        fixture.crossEntropy.first { $0.reduction == reduction.rawValue && $0.labelSmoothing == labelSmoothing })
      let labels = Tensor(fixture.labels)
      let (value, pullback) = valueWithPullback(at: fixture.logits.tensor()) {
        softmaxCrossEntropy(
          logits: $0, labels: labels, reduction: reduction, labelSmoothing: Float(labelSmoothing))
      }
      expect(value, isCloseTo: expected.value, within: 5e-7, fixture.name)
      let cotangent = reduction == .none ? fixture.rowCotangent.tensor() : Tensor(1)
      expect(pullback(cotangent), isCloseTo: expected.gradient, within: 1e-6, fixture.name)
    }
  }

  @Test func againstProbabilities() {
    for fixture in cases {
      let targets = fixture.soft.targets.tensor(), weights = fixture.rowCotangent.tensor().floats
      let (value, gradient) = valueWithGradient(at: fixture.logits.tensor()) {
        softmaxCrossEntropy(logits: $0, targets: targets, weights: weights)
      }
      expect(value, isCloseTo: fixture.soft.value, within: 5e-7, fixture.name)
      expect(gradient, isCloseTo: fixture.soft.gradient, within: 1e-6, fixture.name)
    }
  }

  @Test func theMeanIsTheDefault() throws {
    let fixture = try #require(cases.first)
    let loss = softmaxCrossEntropy(logits: fixture.logits.tensor(), labels: Tensor(fixture.labels))
    let expected = try #require(fixture.crossEntropy.first { $0.reduction == "mean" && $0.labelSmoothing == 0 })
    expect(loss, isCloseTo: expected.value, within: 5e-7, fixture.name)
  }
}

/// `losses.json`.
private struct LossFixture: Decodable {
  let cases: [Case]

  struct Case: Decodable {
    let name: String
    let logits, cotangent, rowCotangent: FixtureTensor
    let labels: [Int32]
    let softmax: Result
    let crossEntropy: [Loss]
    let soft: SoftLoss

    enum CodingKeys: String, CodingKey {
      case name, logits, cotangent, labels, softmax, soft
      case rowCotangent = "row_cotangent"
      case crossEntropy = "cross_entropy"
    }
  }

  struct Result: Decodable {
    let value, gradient: FixtureTensor
  }

  /// The cross-entropy against probabilities, its rows weighted by the row cotangent.
  struct SoftLoss: Decodable {
    let targets, value, gradient: FixtureTensor
  }

  struct Loss: Decodable {
    let reduction: String
    let labelSmoothing: Double
    let value, gradient: FixtureTensor

    enum CodingKeys: String, CodingKey {
      case reduction, value, gradient
      case labelSmoothing = "label_smoothing"
    }
  }
}

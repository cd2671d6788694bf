import Foundation
import Recurrent
import Tensors
import Testing

/// Rules for stopping early, step by step.
@Suite("Stopping rules")
struct StoppingRuleTests {
  @Test func aStateByHand() {
    var state = StoppingState(steps: 4)
    #expect(state.answer == nil && state.stepsRead == 0 && !state.isAtEnd)
    state.read([0.5, 0.25, 0.25])
    #expect(state.answer == 0 && state.standing == 1 && state.confidence == 0.5)
    #expect(state.runnerUp == 0.25 && state.doubt == 0.5)
    #expect(abs(state.entropy - 1.5 * log(2)) < 1e-12)
    state.read([0.625, 0.375, 0])
    #expect(state.answer == 0 && state.standing == 2 && state.runnerUp == 0.375)
    state.read([0.25, 0, 0.75])
    #expect(state.answer == 2 && state.standing == 1 && state.confidence == 0.75 && state.runnerUp == 0.25)
    #expect(!state.isAtEnd)
    state.read([0, 0, 1])
    #expect(state.answer == 2 && state.standing == 2 && state.doubt == 0 && state.entropy == 0 && state.isAtEnd)
    #expect(state.stepsRead == 4)
  }

  @Test func ofEqualClassesTheFirstIsTheAnswer() {
    var state = StoppingState()
    state.read([0.2, 0.4, 0.4])
    #expect(state.answer == 1 && state.runnerUp == 0.4)
    for _ in 0..<100 { state.read([0.2, 0.4, 0.4]) }
    #expect(!state.isAtEnd, "a stream of unknown length has no end")
  }

  /// A network whose answer is no number is sure of nothing, and its answer does not stand.
  @Test func probabilitiesThatAreNoNumbers() {
    var state = StoppingState(steps: 9)
    for _ in 0..<3 { state.read([.nan, .nan]) }
    #expect(state.answer == nil && state.standing == 0 && state.confidence == 0)
    let learned = LearnedStoppingRule(weights: SIMD8(-5, 1, 1, 1, 1, 1, 1, 1), threshold: 0.5, steps: 9)
    for rule in [StoppingRule.confidence(0.1), .margin(0.1), .patience(1), .learned(learned)] {
      #expect(!rule.stops(state), "\(rule)")
    }
    state.read([0.9, 0.1])
    #expect(state.answer == 0 && state.standing == 1)
  }

  /// The step, from 1 on, at which each rule stops first.
  @Test(arguments: [
    (StoppingRule.confidence(0.5), 1), (.confidence(0.6), 2), (.confidence(0.76), 4), (.confidence(2), 5),
    (.margin(0.125), 1), (.margin(0.5), 3), (.margin(0.51), 4), (.patience(1), 1), (.patience(2), 2),
    (.patience(3), 5), (.patience(9), 5),
  ])
  func rulesByHand(rule: StoppingRule, expected: Int) {
    var state = StoppingState(steps: 5)
    #expect(!rule.stops(state), "never before the first step")
    let sequence: [[Float]] = [
      [0.5, 0.25, 0.25], [0.625, 0.375, 0], [0.25, 0, 0.75], [0.125, 0, 0.875], [0.25, 0.25, 0.5],
    ]
    let stops = sequence.map { probabilities in
      state.read(probabilities)
      return rule.stops(state)
    }
    #expect(stops.firstIndex(of: true) == expected - 1, "\(stops)")
  }

  @Test func featuresByHand() {
    var state = StoppingState()
    state.read([0.5, 0.25, 0.25])
    state.read([0.5, 0.25, 0.25])
    let odds = log(0.5 / 0.5), entropy = 1.5 * log(2.0)
    let expected = SIMD8(1, odds, log(2.0), entropy, log(2.0), 0.25, 0.0625, 0.25 * odds)
    let features = LearnedStoppingRule.features(of: state, steps: 8)
    for index in 0..<8 { #expect(abs(features[index] - expected[index]) < 1e-7, "\(index)") }
    let rule = LearnedStoppingRule(weights: SIMD8(1, 0, 0, 0, 0, -4, 0, 0), threshold: 0.5, steps: 8)
    #expect(rule.probability(state) == 0.5)
    #expect(StoppingRule.learned(rule).stops(state))
    // Certain to the last bit of a Float: still a number.
    state.read([1, 0, 0])
    let certain = LearnedStoppingRule.features(of: state, steps: 4)
    #expect(certain[1] == 20 && certain[2] == 20 && certain[7] == 15)
  }

  @Test func thresholdsCanBeChanged() {
    let learned = LearnedStoppingRule(weights: .one, threshold: 0.5, steps: 8)
    for rule in [StoppingRule.confidence(0.5), .margin(0.5), .learned(learned)] {
      #expect(rule.withThreshold(0.75).threshold == 0.75)
      #expect(rule.withThreshold(0.75).withThreshold(0.5) == rule)
    }
    #expect(StoppingRule.patience(3).withThreshold(4.25) == .patience(5))
    #expect(StoppingRule.patience(3).withThreshold(1e19) == .patience(1 << 31))
    #expect(StoppingRule.patience(3).withThreshold(-1e19) == .patience(0))
    #expect(
      [StoppingRule.confidence(0), .margin(0), .patience(0), .learned(learned)].map(\.family)
        == StoppingRule.Family.allCases)
  }

  @Test func asJSON() throws {
    let learned = LearnedStoppingRule(weights: SIMD8(1, 2, 3, 4, 5, 6, 7, -0.5), threshold: 0.875, steps: 28)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    for (rule, text) in [
      (StoppingRule.confidence(0.75), #"{"rule":"confidence","threshold":0.75}"#),
      (.margin(0.5), #"{"rule":"margin","threshold":0.5}"#), (.patience(7), #"{"rule":"patience","threshold":7}"#),
      (
        .learned(learned),
        #"{"rule":"learned","steps":28,"threshold":0.875,"weights":[1,2,3,4,5,6,7,-0.5]}"#
      ),
    ] {
      #expect(String(decoding: try encoder.encode(rule), as: UTF8.self) == text)
      #expect(try JSONDecoder().decode(StoppingRule.self, from: Data(text.utf8)) == rule)
    }
    for text in [
      #"{"rule":"learned","steps":0,"threshold":0.5,"weights":[1,2,3,4,5,6,7,8]}"#,
      #"{"rule":"learned","steps":8,"threshold":0.5,"weights":[1,2]}"#, #"{"rule":"luck","threshold":0.5}"#,
      #"{"rule":"patience","threshold":0.5}"#, #"{"threshold":0.5}"#,
    ] {
      #expect(throws: DecodingError.self) { try JSONDecoder().decode(StoppingRule.self, from: Data(text.utf8)) }
    }
  }
}

/// A reader that says when it has read enough.
@Suite("Reader that stops early")
struct StoppingReaderTests {
  private let device = Device(threads: 1)

  private func model() -> SequenceClassifier {
    var random = RandomGenerator(seed: 1)
    return SequenceClassifier(
      inputSize: 6, hiddenSize: 21, classes: 4, layerInitializer: .normal(deviation: 0.5), using: &random, on: device)
  }

  private func rows(_ count: Int) -> [[Float]] {
    var random = RandomGenerator(seed: 2)
    return (0..<count).map { _ in random.normals(count: 6) }
  }

  @Test func temperaturesDivideTheLogits() {
    let plain = Reader(model()), ones = Reader(model(), temperatures: [1, 1])
    let scaled = Reader(model(), temperatures: [2, 0.5])
    for (step, row) in rows(3).enumerated() {
      let before = plain.read(row).map(Double.init), after = scaled.read(row)
      #expect(ones.read(row) == plain.probabilities)
      // Beyond the last temperature it is the last. Logits are known from probabilities but for a constant.
      let powers = before.map { pow($0, 1 / [2, 0.5, 0.5][step]) }, sum = powers.reduce(0, +)
      for (a, b) in zip(after, powers) { #expect(abs(Double(a) - b / sum) < 1e-5, "step \(step)") }
    }
  }

  @Test func itIsSureWhereTheRuleStops() {
    let reader = Reader(model(), stopping: .patience(2), steps: 6)
    for _ in 0..<2 {
      #expect(!reader.isSure)
      var state = StoppingState(steps: 6)
      let sure = rows(6).map { row in
        state.read(reader.read(row))
        #expect(reader.isSure == StoppingRule.patience(2).stops(state))
        return reader.isSure
      }
      #expect(!sure[0] && sure[5] && Set(sure[1..<5]).count == 2, "\(sure) should show both")
      reader.reset()
    }
  }

  @Test func theLastStepAlwaysStops() {
    let learned = LearnedStoppingRule(weights: .zero, threshold: 0.9, steps: 3)
    let readers = [
      Reader(model(), stopping: .confidence(2), steps: 3), Reader(model(), stopping: .learned(learned)),
      Reader(model(), temperatures: [1, 1, 1], stopping: .confidence(2)),
    ]
    for reader in readers {
      #expect(
        rows(3).map {
          reader.read($0); return reader.isSure
        } == [false, false, true])
      reader.reset()
      #expect(
        rows(3).map {
          reader.read($0); return reader.isSure
        } == [false, false, true])
    }
    let endless = Reader(model(), stopping: .confidence(2)), silent = Reader(model(), steps: 2)
    for row in rows(50) {
      endless.read(row)
      silent.read(row)
      #expect(!endless.isSure && !silent.isSure)
    }
  }

  @Test func probabilitiesStayInOnePlaceAndTensorsAreNotMade() {
    let learned = LearnedStoppingRule(weights: .one, threshold: 0.9, steps: 9)
    let reader = Reader(model(), temperatures: [2, 1], stopping: .learned(learned))
    let row = [Float](repeating: 0.5, count: 6)
    func addressAfterReading() -> UnsafePointer<Float>? {
      reader.read(row)
      return reader.probabilities.withUnsafeBufferPointer(\.baseAddress)
    }
    let first = addressAfterReading(), allocations = device.systemAllocations
    let addresses = Set((0..<100).map { _ in addressAfterReading() })
    #expect(device.systemAllocations == allocations && addresses == [first])
  }
}

import Datasets
import Foundation
import Recurrent
import Tensors
import Testing
import Training

@Suite("Stopping early")
struct StoppingTests {
  /// Four sequences of three steps and two classes, by the probability of class 1, which is right for all but the last.
  private let byHand = trace(
    [[0.375, 0.625, 0.875], [0.75, 0.875, 0.625], [0.25, 0.25, 0.25], [0.75, 0.375, 0.25]], labels: [1, 1, 1, 0])
  private let random = randomAnswers(count: 300, seed: 5)

  @Test func stopsByHand() {
    #expect(byHand.count == 4 && byHand.accuracies == [0.25, 0.75, 0.75])
    #expect(byHand.stops(by: .confidence(0.7)) == [3, 1, 1, 1])
    #expect(byHand.point(of: .confidence(0.7)) == StoppingPoint(threshold: 0.7.asFloat, accuracy: 0.5, earliness: 0.5))
    #expect(byHand.stops(by: .margin(0.5)) == [3, 1, 1, 1])
    #expect(byHand.stops(by: .patience(2)) == [3, 2, 2, 3])
    #expect(byHand.point(of: .patience(2)) == StoppingPoint(threshold: 2, accuracy: 0.75, earliness: 10.0 / 12))
    #expect(byHand.stops(by: .confidence(0.9)) == [3, 3, 3, 3])
  }

  @Test func yardsticksByHand() {
    let fixed = byHand.fixedCurve()
    #expect(fixed.map(\.threshold) == [3, 2, 1] && fixed.map(\.accuracy) == [0.75, 0.75, 0.25])
    let third = 1.0 / 3, shares: [Double] = [1, 2 * third, third]
    #expect(fixed.map(\.earliness) == shares)
    // Right first after 2, 1, never and 2 steps.
    let oracle = byHand.oracleCurve()
    #expect(oracle.map(\.accuracy) == [0.75, 0.75, 0.25])
    #expect(oracle.map(\.earliness) == [0.5, 0.5, third] as [Double])
  }

  /// All ways to stop four sequences after 1, 2 or 3 steps: the oracle is at the front of all of them.
  @Test func nothingBeatsTheOracle() {
    for seed in 1..<20 {
      let trace = AnswerTrace(of: randomAnswers(count: 4, steps: 3, seed: UInt64(seed)), temperatures: nil)
      let all = (0..<81).map { number in
        trace.point(stops: [1, 3, 9, 27].map { number / $0 % 3 + 1 }, threshold: 0)
      }
      for point in trace.oracleCurve() {
        #expect(all.allSatisfy { $0.accuracy < point.accuracy || $0.earliness >= point.earliness })
      }
      #expect(all.map(\.accuracy).max() == trace.oracleCurve()[0].accuracy)
    }
  }

  /// What the evaluation says of a rule is what a loop over the steps does.
  @Test func theSameAsStepByStep() {
    let temperatures: [Float] = [2, 1.5, 1, 1, 0.5, 1, 0.75, 1]
    let trace = AnswerTrace(of: random, temperatures: temperatures)
    let probabilities = random.probabilities(temperatures: temperatures)
    let learned = trace.learnedRule()
    for family in [StoppingRule.confidence(1), .margin(1), .patience(8), learned] {
      let thresholds = trace.thresholds(for: family)
      for threshold in stride(from: 0, to: thresholds.count, by: max(1, thresholds.count / 7)).map({ thresholds[$0] }) {
        let rule = family.withThreshold(threshold)
        let expected = (0..<random.count).map { sequence in
          var state = StoppingState(steps: 8)
          while !rule.stops(state) {
            let place = (sequence * 8 + state.stepsRead) * 3
            state.read(Array(probabilities[place..<place + 3]))
          }
          return state.stepsRead
        }
        #expect(trace.stops(by: rule) == expected, "\(rule)")
        #expect(trace.curve(of: family, thresholds: [threshold]) == [trace.point(of: rule)])
      }
    }
  }

  @Test func thresholdsGoFromEverythingToOneStep() {
    let trace = AnswerTrace(of: random, temperatures: nil)
    for family in [StoppingRule.confidence(1), .margin(1), .patience(8), trace.learnedRule()] {
      let thresholds = trace.thresholds(for: family), curve = trace.curve(of: family, thresholds: thresholds)
      #expect(zip(thresholds, thresholds.dropFirst()).allSatisfy { $0 > $1 }, "\(family)")
      #expect(curve.first?.earliness == 1 && curve.last?.earliness == 1.0 / 8)
      #expect(curve.first?.accuracy == trace.accuracies[7] && curve.last?.accuracy == trace.accuracies[0])
      guard family.family != .patience else { continue }
      let gaps = zip(curve, curve.dropFirst()).map { $0.earliness - $1.earliness }
      #expect((100...203).contains(curve.count) && (gaps.max() ?? 1) < 0.01, "\(curve.count), \(gaps.max() ?? 1)")
    }
  }

  @Test func sequencesOfOneStep() {
    let trace = AnswerTrace(of: randomAnswers(count: 9, steps: 1, seed: 2), temperatures: nil)
    let comparison = StoppingComparison(validation: trace, test: trace, targetAccuracy: 0)
    #expect(comparison.rules.allSatisfy { $0.onTest?.earliness == 1 })
  }

  /// Where the regression's loss is least its gradient is zero, on scaled features as the penalty is.
  @Test func theLearnedRuleIsTheBestOfItsKind() throws {
    let trace = AnswerTrace(of: random, temperatures: nil)
    guard case .learned(let rule) = trace.learnedRule(penalty: 2) else {
      Issue.record("another rule")
      return
    }
    var features: [SIMD8<Double>] = [], misses: [Double] = []
    for place in trace.states.indices where place % 8 != 7 {
      let helpsNoMore = trace.isRight[place] || !trace.isRight[place / 8 * 8 + 7]
      features.append(LearnedStoppingRule.features(of: trace.states[place], steps: 8))
      misses.append(rule.probability(trace.states[place]) - (helpsNoMore ? 1 : 0))
    }
    var mean = features.reduce(SIMD8<Double>.zero, +) / Double(features.count)
    mean[0] = 0
    var deviation = (features.reduce(SIMD8<Double>.zero) { $0 + ($1 - mean) * ($1 - mean) } / Double(features.count))
      .squareRoot()
    deviation[0] = 1
    var weights = rule.weights * deviation
    weights[0] = rule.weights[0] + (rule.weights * mean).sum()
    let gradient = zip(features, misses).reduce(2 * weights) { $0 + $1.1 * ($1.0 - mean) / deviation }
    for index in 0..<8 { #expect(abs(gradient[index]) < 1e-4 * Double(features.count), "\(gradient)") }
    #expect(abs(weights[1]) > 0.01, "\(weights)")
  }

  /// A network that is always right: reading on never helps, and the weights stay numbers.
  @Test func learningFromAnswersThatAreAllRight() {
    let trace = AnswerTrace(
      of: StepAnswers(
        logits: (0..<40).flatMap { [Float(20 + $0), 0] }, labels: [Int](repeating: 0, count: 10), steps: 4, classes: 2),
      temperatures: nil)
    let rule = trace.learnedRule()
    guard case .learned(let learned) = rule else {
      Issue.record("another rule")
      return
    }
    #expect((0..<8).allSatisfy { learned.weights[$0].isFinite })
    #expect(trace.stops(by: rule) == [Int](repeating: 1, count: 10))
  }

  /// A stream stops where the evaluation says, to the step: temperatures, probabilities and rules have the same bits.
  @Test func aReaderStopsWhereTheEvaluationSays() {
    let images = bars(60, seed: 4), data = images.sequences(), model = smallModel()
    let rows = Array(stride(from: 58, through: 1, by: -3)), answers = model.answersAfterEveryStep(data, rows: rows)
    #expect(answers.labels == rows.map { $0 % 3 } && answers.steps == 8 && answers.classes == 3)
    let temperatures = answers.temperatures(), trace = AnswerTrace(of: answers, temperatures: temperatures)
    let probabilities = answers.probabilities(temperatures: temperatures)
    for family in [StoppingRule.confidence(1), .margin(1), .patience(8), trace.learnedRule()] {
      let thresholds = trace.thresholds(for: family), rule = family.withThreshold(thresholds[thresholds.count / 3])
      let reader = Reader(model, foldsInput: model.foldsInput, temperatures: temperatures, stopping: rule)
      let stops = rows.enumerated().map { place, image in
        reader.reset()
        while !reader.isSure {
          let start = image * 64 + reader.stepsRead * 8, belief = (place * 8 + reader.stepsRead) * 3
          reader.read(images.pixels[start..<start + 8].map { 1 / 255 * Float($0) })
          #expect(reader.probabilities == Array(probabilities[belief..<belief + 3]))
        }
        return reader.stepsRead
      }
      #expect(stops == trace.stops(by: rule), "\(rule)")
      #expect(Set(stops).count > 1, "\(rule): \(stops)")
    }
  }

  @Test func answersComeInBatches() {
    let data = bars(600, seed: 2).sequences(), model = smallModel()
    let all = model.answersAfterEveryStep(data), steps = model.accuracyBySteps(data, truncation: .end)
    #expect(AnswerTrace(of: all, temperatures: nil).accuracies == steps.map(\.accuracy))
    var batches = 0
    _ = model.answersAfterEveryStep(data) { batches += 1 }
    #expect(batches == 3)
  }
}

extension Double {
  fileprivate var asFloat: Double { Double(Float(self)) }
}

/// Answers with these probabilities of class 1 of two, after each step of each sequence.
private func trace(_ ofClassOne: [[Double]], labels: [Int]) -> AnswerTrace {
  let logits = ofClassOne.flatMap { $0 }.flatMap { [Float(log(1 - $0)), Float(log($0))] }
  return AnswerTrace(
    of: StepAnswers(logits: logits, labels: labels, steps: ofClassOne[0].count, classes: 2), temperatures: nil)
}

/// Sequences of three classes whose logits come closer to the truth with every step.
func randomAnswers(count: Int, steps: Int = 8, seed: UInt64) -> StepAnswers {
  var random = RandomGenerator(seed: seed), logits: [Float] = []
  let labels = (0..<count).map { $0 % 3 }
  for label in labels {
    var row: [Float] = [0, 0, 0]
    for _ in 0..<steps {
      row = zip(row, random.normals(count: 3)).map { $0 + 0.7 * $1 }
      row[label] += 0.4
      logits += row
    }
  }
  return StepAnswers(logits: logits, labels: labels, steps: steps, classes: 3)
}

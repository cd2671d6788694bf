import Foundation
import Recurrent
import Tensors
import Testing
import Training

/// When the network is asked for the class in training.
@Suite("Objectives")
struct ObjectiveTests {
  private let data = bars(300).sequences(), test = bars(90, seed: 2).sequences()

  @Test(arguments: [Objective.every, .randomPrefix, .weighted])
  func whoeverIsAskedEarlyKnowsEarly(objective: Objective) throws {
    func accuracies(_ objective: Objective) throws -> (half: Double, whole: Double) {
      let trainer = try Trainer(smallPlan { ($0.objective, $0.epochs) = (objective, 20) }, data: data, outputs: 3)
      while !trainer.isFinished { _ = try trainer.trainEpoch() }
      let steps = trainer.model.accuracyBySteps(test, truncation: .end).map(\.accuracy)
      return (steps[4], steps[7])
    }
    let last = try accuracies(.last), early = try accuracies(objective)
    #expect(early.half > last.half + 0.05, "\(early), not \(last)")
    #expect(early.whole > 0.85)
  }

  /// All weight on the last step is the loss after the last step.
  @Test func theLastStepAloneIsTheObjectiveLast() throws {
    func trained(_ objective: Objective, _ stepWeight: ((Int, Int) -> Float)?) throws -> (Double, SequenceClassifier) {
      let plan = smallPlan { ($0.objective, $0.optimizer, $0.learningRate) = (objective, .sgd, 0.1) }
      let trainer = try Trainer(plan, data: data, outputs: 3, stepWeight: stepWeight)
      return (try trainer.trainEpoch().loss, trainer.model)
    }
    let (loss, model) = try trained(.last, nil)
    // Weights count by their ratios.
    let (weightedLoss, weighted) = try trained(.weighted) { step, steps in step == steps ? 7 : 0 }
    #expect(abs(loss - weightedLoss) < 1e-5)
    for path in model.parameterPaths {
      let (a, b) = (path.parameter(of: model).floats, path.parameter(of: weighted).floats)
      #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 }, "\(path.name)")
    }
    #expect(try trained(.weighted, nil).1.bits != model.bits, "linear weights are another loss")
  }

  @Test func namedWeights() {
    #expect(StepWeights.linear.weights(steps: 4) == [0.1, 0.2, 0.3, 0.4])
    #expect(StepWeights.quadratic.weights(steps: 3) == [1, 4, 9].map { $0 / 14 })
    #expect(StepWeights.late.weights(steps: 5) == [0, 0, 1, 1, 1].map { $0 / 3 })
    #expect(StepWeights.late.weights(steps: 4) == [0, 0, 0.5, 0.5])
    #expect(StepWeights.early.weights(steps: 4) == [3, 3, 1, 1].map { $0 / 8 })
    for weights in [StepWeights.linear, .quadratic, .late, .early] { #expect(weights.weights(steps: 1) == [1]) }
  }

  @Test func chosenSteps() throws {
    let weights = try #require(StepWeights(rawValue: "1-2:0.5,3-4"))
    #expect(weights == .chosen([.init(1...2, weight: 0.5), .init(3...4)]))
    #expect(weights.weights(steps: 6) == [0.5, 0.5, 1, 1, 0, 0].map { $0 / 3 })
    #expect(weights.weights(steps: 4) == [0.5, 0.5, 1, 1].map { $0 / 3 })
    // The answer after the last of three stands for that after a fourth.
    #expect(weights.weights(steps: 3) == [0.5, 0.5, 2].map { $0 / 3 })
    #expect(weights.weights(steps: 1) == [1])
    #expect(StepWeights.chosen([.init(2...3), .init(3...3, weight: 2)]).weights(steps: 3) == [0, 0.25, 0.75])
  }

  @Test(arguments: [
    "linear", "quadratic", "late", "early", "8", "8,28", "7-28", "1-6:0.5,7-28", "3:2.5", "3-4:1000000", "1-1000000",
  ])
  func weightsAsText(text: String) throws {
    let weights = try #require(StepWeights(rawValue: text))
    #expect(weights.rawValue == text)
    let json = try JSONEncoder().encode([weights])
    #expect(String(decoding: json, as: UTF8.self) == "[\"\(text)\"]")
    #expect(try JSONDecoder().decode([StepWeights].self, from: json) == [weights])
  }

  @Test(arguments: [
    "", "cubic", "Linear", "0", "-1", "0-3", "5-3", "3-", "-3", "3--5", "3:", "3:0", "3:-1", "3:nan", "3:inf", "3:1:1",
    ":1", "3,", ",3", "3,,4", "3 ", "1-1000001", "99999999999999999999", "3:1e7", "early,3",
  ])
  func whatIsNoWeights(text: String) { #expect(StepWeights(rawValue: text) == nil) }

  @Test func noStepBeyondTheEnd() throws {
    func trainer(_ text: String) throws {
      let weights = try #require(StepWeights(rawValue: text))
      _ = try Trainer(smallPlan { ($0.objective, $0.stepWeights) = (.weighted, weights) }, data: data, outputs: 3)
    }
    try trainer("2,8")
    #expect(throws: TrainingError.stepBeyondEnd(step: 9, steps: 8)) { try trainer("9,1-3") }
  }

  @Test func smoothedLabelsLeaveSomeDoubt() throws {
    func confidence(_ labelSmoothing: Float?) throws -> Double {
      let plan = smallPlan { ($0.labelSmoothing, $0.epochs) = (labelSmoothing, 12) }
      let trainer = try Trainer(plan, data: data, outputs: 3)
      while !trainer.isFinished { _ = try trainer.trainEpoch() }
      return try #require(trainer.model.accuracyBySteps(test, truncation: .end).last).confidence
    }
    #expect(try confidence(0.3) < confidence(nil) - 0.1)
  }

  @Test(arguments: Objective.allCases)
  func aRunGoesOnToTheSameBits(objective: Objective) throws {
    struct Stop: Error {}
    let plan = smallPlan { ($0.objective, $0.labelSmoothing, $0.stepWeights) = (objective, 0.1, .quadratic) }
    let whole = try Trainer(plan, data: data, outputs: 3), first = try Trainer(plan, data: data, outputs: 3)
    _ = try whole.trainEpoch()
    #expect(throws: Stop.self) {
      _ = try first.trainEpoch { if $0.batch == 3 { throw Stop() } }
    }
    let second = try Trainer(resuming: first.checkpoint, data: data)
    _ = try second.trainEpoch()
    #expect(second.model.bits == whole.model.bits)
  }
}

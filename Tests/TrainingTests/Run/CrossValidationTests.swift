import Datasets
import Foundation
import Recurrent
import Tensors
import TestSupport
import Testing
import Training

@Suite("Cross-validation")
struct CrossValidationTests {
  /// 60, 30 and 10 sequences of three classes.
  private static let labels = (0..<100).map { $0 % 10 < 6 ? 0 : $0 % 10 < 9 ? 1 : 2 }

  @Test(arguments: [2, 5, 7, 100])
  func everyPartHasEachClassesShare(count: Int) {
    let parts = CrossValidation(parts: count, labels: Self.labels, seed: 3).parts
    #expect(parts.count == count && parts.flatMap(\.self).sorted() == Array(0..<100))
    let sizes = parts.map(\.count)
    #expect(sizes.max()! - sizes.min()! <= 1)
    for label in 0..<3 {
      let shares = parts.map { $0.count { Self.labels[$0] == label } }
      #expect(shares.max()! - shares.min()! <= 1, "class \(label): \(shares)")
    }
  }

  @Test func seedsDivideInOtherWays() {
    let parts = CrossValidation(parts: 5, labels: Self.labels, seed: 3).parts
    #expect(parts == CrossValidation(parts: 5, labels: Self.labels, seed: 3).parts)
    #expect(parts != CrossValidation(parts: 5, labels: Self.labels, seed: 4).parts)
  }

  /// Each answer is that of a network which was trained on the other parts and nothing else.
  @Test func whoAnswersHasNotLearnedFromIt() throws {
    let data = bars(31).sequences(), plan = smallPlan { ($0.epochs, $0.folds, $0.seed) = (2, 3, 9) }
    let division = try #require(try plan.crossValidation(of: data))
    var seen: [Int] = []
    let answers = try division.answers(to: data, plan: plan, classes: 3) { part, _, _ in seen.append(part) }
    #expect(Set(seen) == [0, 1, 2] && seen == seen.sorted())
    #expect(answers.count == 31 && answers.steps == data.steps && answers.labels == data.labels)
    for part in division.parts {
      let others = (0..<31).filter { !part.contains($0) }
      let trainer = try Trainer(plan, data: data, outputs: 3, learningFrom: others)
      #expect(trainer.validationRows.isEmpty && trainer.trainingRows == others)
      while !trainer.isFinished { _ = try trainer.trainEpoch() }
      let expected = trainer.result.answersAfterEveryStep(data, rows: part).logits, size = data.steps * 3
      for (place, row) in part.enumerated() {
        #expect(answers.logits[row * size..<(row + 1) * size] == expected[place * size..<(place + 1) * size])
      }
    }
  }

  @Test func stopsWhenItIsTold() throws {
    struct Enough: Error {}
    let data = bars(31).sequences(), plan = smallPlan { $0.folds = 3 }
    let division = try #require(try plan.crossValidation(of: data))
    #expect(throws: Enough.self) {
      _ = try division.answers(to: data, plan: plan, classes: 3) { part, _, _ in if part == 1 { throw Enough() } }
    }
  }

  @Test func plansThatCannotBe() throws {
    let data = bars(4).sequences()
    #expect(try smallPlan().crossValidation(of: data) == nil)
    #expect(throws: TrainingError.tooFewForFolds(count: 4, folds: 5)) {
      try smallPlan { $0.folds = 5 }.crossValidation(of: data)
    }
    let numbers = LabeledSequences(features: 1, lengths: [1, 1], values: [0, 1], targets: .numbers([1, 2]))
    let preprocessing = SeriesPreprocessing(fitting: numbers, rows: [0], normalizes: false, missing: .carry)
    let estimated = SequenceData(numbers, preprocessing, target: .number(mean: 0, deviation: 1), on: .cpu)
    #expect(throws: TrainingError.needsClasses("--folds 2")) {
      try smallPlan { $0.folds = 2 }.crossValidation(of: estimated)
    }
  }

  /// Two sequences of two steps, held beside others of four.
  @Test func answersAreHeld() {
    let answers = StepAnswers(logits: [1, 0, 0, 2, 3, 1, 5, 4], labels: [1, 1], steps: 2, classes: 2)
    #expect(answers.accuracy == 0.5)
    let held = answers.held(to: 4)
    #expect(held.logits == [1, 0, 0, 2, 0, 2, 0, 2, 3, 1, 5, 4, 5, 4, 5, 4])
    #expect(held.steps == 4 && held.lengths == [2, 2] && held.labels == [1, 1] && held.accuracy == 0.5)
    #expect(answers.held(to: 2) == answers)
  }

  @Test func answersInAFile() throws {
    let folder = try TemporaryFolder(), file = folder.file("folds.safetensors"), data = bars(2).sequences()
    let logits = (0..<2 * data.steps * 3).map(Float.init)
    let answers = StepAnswers(logits: logits, labels: data.labels, steps: data.steps, classes: 3)
    try answers.save(to: file)
    #expect(try StepAnswers(contentsOf: file, to: data, classes: 3) == answers)

    func problem(_ data: SequenceData, classes: Int) -> String {
      do {
        _ = try StepAnswers(contentsOf: file, to: data, classes: classes)
        return "none"
      } catch { return "\(error)" }
    }
    let expected = "logits: found F32 [2, \(data.steps), 3]; expected F32 "
    #expect(problem(bars(3).sequences(), classes: 3).contains(expected + "[3, \(data.steps), 3]"))
    #expect(problem(data, classes: 2).contains(expected + "[2, \(data.steps), 2]"))
    let shape = [2, data.steps, 3]
    try Safetensors.save(arrays: ["logit": SafetensorsArray(shape: shape, floats: logits)], to: file)
    #expect(problem(data, classes: 3).contains("no array logits; expected F32 \(shape)"))
    let spoiled = [.nan] + logits.dropFirst()
    try Safetensors.save(arrays: ["logits": SafetensorsArray(shape: shape, floats: spoiled)], to: file)
    #expect(problem(data, classes: 3).contains("logits: not all of its numbers are finite"))
  }
}

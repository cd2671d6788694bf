import Datasets
import Recurrent
import Tensors
import Testing
import Training

@Suite("Ceiling study")
struct CeilingStudyTests {
  private let training = bars(160).sequences()
  private let test = bars(90, seed: 2).sequences()

  private func study(
    rates: [Float] = [0.02], classes: Int = 3, test: SequenceData? = nil, trials: [CeilingTrial] = [],
    networks: [CeilingContestant: SequenceClassifier] = [:], _ change: (inout TrainingPlan) -> Void = { _ in }
  ) throws -> CeilingStudy {
    let plan = smallPlan {
      $0.validationCount = 60
      change(&$0)
    }
    let design = try CeilingDesign(plan, steps: [3, 5], learningRates: rates, sequenceSteps: 8)
    return try CeilingStudy(
      design, training: training, test: test ?? self.test, classes: classes, trials: trials, networks: networks)
  }

  private func completed(_ study: CeilingStudy) throws -> CeilingStudy {
    var study = study
    while let candidate = study.next { try study.train(candidate) }
    return study
  }

  /// Each number of the outcome, by the long way round.
  @Test func theOutcomeIsThatOfNetworksTrainedAlone() throws {
    let study = try completed(study())
    let rows = study.rows()
    try #require(rows.map(\.step) == [3, 5, 8])
    func trained(steps: Int, _ objective: Objective, seed: UInt64) throws -> Trainer {
      let plan = smallPlan {
        ($0.objective, $0.learningRate, $0.seed) = (objective, 0.02, seed)
        ($0.validationCount, $0.validationSeed) = (60, 1)
      }
      let trainer = try Trainer(plan, data: training.prefix(steps: steps), outputs: 3)
      while !trainer.isFinished { _ = try trainer.trainEpoch() }
      return trainer
    }
    let anytime = try trained(steps: 8, .every, seed: 1).result
    #expect(study.networks[.anytime]?.bits == anytime.bits)
    let bySteps = anytime.accuracyBySteps(test, truncation: .end)
    let last = try #require(study.networks[.specialist(steps: 8)]).accuracyBySteps(test, truncation: .end)
    for row in rows {
      let trial = try #require(study.design.chosen(.specialist(steps: row.step), among: study.trials))
      let trainer = try trained(steps: row.step, .last, seed: trial.candidate.seed)
      let specialist = trainer.result, prefix = test.prefix(steps: row.step)
      #expect(study.networks[.specialist(steps: row.step)]?.bits == specialist.bits)
      #expect(row.specialist.test == specialist.evaluate(prefix).accuracy)
      #expect(
        row.specialist.validation
          == specialist.evaluate(training.prefix(steps: row.step), rows: trainer.validationRows).accuracy)
      #expect(row.anytime.test == bySteps[row.step - 1].accuracy)
      #expect((row.anytime.low, row.anytime.high) == (bySteps[row.step - 1].low, bySteps[row.step - 1].high))
      #expect(
        row.anytime.validation
          == anytime.evaluate(training.prefix(steps: row.step), rows: trainer.validationRows).accuracy)
      #expect(row.lastStep.test == last[row.step - 1].accuracy)
      #expect(abs(row.difference.value - (row.anytime.test - row.specialist.test)) < 1e-12)
      let onValidation = try #require(trial.difference).value
      #expect(abs(onValidation - (row.anytime.validation - row.specialist.validation)) < 1e-12)
    }
    #expect(rows.contains { $0.anytime.validation != $0.specialist.validation }, "or else a sign would not be seen")
    #expect(rows.worst?.difference.value == rows.map(\.difference.value).min())
    #expect(Set(rows.map(\.specialist.test)).count > 1, "or else this test could not fail")
  }

  /// Labels of the test set that are all wrong change the outcome and no choice.
  @Test func theTestSetChoosesNothing() throws {
    let images = bars(90, seed: 2)
    let wrong = LabeledImages(
      height: 8, width: 8, pixels: images.pixels, labels: images.labels.map { ($0 + 1) % 3 }
    ).sequences()
    let one = try completed(study(rates: [0.02, 1e-3])), other = try completed(study(rates: [0.02, 1e-3], test: wrong))
    #expect(one.trials.map(\.candidate) == other.trials.map(\.candidate))
    #expect(one.networks.mapValues(\.bits) == other.networks.mapValues(\.bits))
    #expect(one.rows() != other.rows())
    for row in one.rows() {
      // Two rates with one seed, and then other seeds.
      #expect(row.attempts == one.trials.count { $0.candidate.contestant == .specialist(steps: row.step) } - 1)
    }
    for (contestant, network) in one.networks {
      let its = one.trials.filter { $0.candidate.contestant == contestant }
      let best = its.map(\.score).max() ?? 0
      #expect(one.design.chosen(contestant, among: its)?.score == best)
      let rows = try Trainer(one.design.plan, data: training, outputs: 3).validationRows
      let steps = one.design.steps(of: contestant)
      let scores = steps.map { network.evaluate(training.prefix(steps: $0), rows: rows).accuracy }
      let score = contestant == .anytime ? scores.reduce(0, +) / Double(steps.count) : scores[scores.count - 1]
      #expect(abs(score - best) < 1e-12, "\(contestant.rawValue): the network kept is the one chosen")
    }
  }

  /// A specialist that was hardly trained at all, beside the anytime network.
  @Test func trainedAgainTheBestIsKept() throws {
    let specialist = CeilingContestant.specialist(steps: 3)
    let anytime = try completed(study { $0.epochs = 12 })
    var bad = try Trainer(anytime.design.plan, data: training, outputs: 3).model
    bad.head.bias = Tensor([9, 0, 0] as [Float], shape: [3])
    let rows = try Trainer(anytime.design.plan, data: training, outputs: 3).validationRows
    let right = bad.evaluate(training.prefix(steps: 3), rows: rows).correct
    let behind = PairedDifference([Bool](repeating: true, count: 60), (0..<60).map { $0 < right })
    let trial = CeilingTrial(
      candidate: CeilingCandidate(contestant: specialist, learningRate: 0.02, seed: 1), count: 60, right: [right],
      difference: behind, seconds: 0)
    var study = try study(
      trials: [anytime.trials[0], trial], networks: [.anytime: anytime.networks[.anytime] ?? bad, specialist: bad]
    ) { $0.epochs = 12 }
    let next = try #require(study.next)
    #expect(next == CeilingCandidate(contestant: specialist, learningRate: 0.02, seed: 2))
    let again = try study.train(next)
    #expect(again.score > trial.score, "\(again)")
    #expect(study.networks[specialist]?.bits != bad.bits)
    let end = try completed(study)
    #expect(end.rows()[0].attempts == end.trials.filter { $0.candidate.contestant == specialist }.count)
    #expect(end.rows()[0].attempts >= 2)
  }

  @Test func goesOnToTheSameOutcome() throws {
    struct Stop: Error {}
    func prepare() throws -> CeilingStudy { try study(rates: [0.01, 0.02]) { $0.weightAveraging = 0.9 } }
    let whole = try completed(prepare())
    var part = try prepare(), checkpoint: Checkpoint?
    for stop in [2, 5, 7] {
      while part.trials.count < stop { try part.train(try #require(part.next), from: checkpoint) }
      var trainer: Trainer?
      #expect(throws: Stop.self) {
        try part.train(try #require(part.next)) { current, position in
          trainer = current
          if position.epoch == 1 && position.batch == 2 { throw Stop() }
        }
      }
      #expect(part.trials.count == stop)
      checkpoint = trainer?.checkpoint
      let trials = try part.trials.map { try JSONText.decode(CeilingTrial.self, from: JSONText.encode($0)) }
      part = try study(rates: [0.01, 0.02], trials: trials, networks: part.networks) { $0.weightAveraging = 0.9 }
      // Not from the beginning: one epoch and two batches are done.
      var first: TrainingProgress?
      try part.train(try #require(part.next), from: checkpoint) { _, position in first = first ?? position }
      #expect(first?.epoch == 1 && first?.batch == 3)
    }
    while let candidate = part.next { try part.train(candidate, from: checkpoint) }
    #expect(part.trials.map(\.right) == whole.trials.map(\.right))
    #expect(part.rows() == whole.rows())
    #expect(part.networks.mapValues(\.bits) == whole.networks.mapValues(\.bits))
  }

  @Test func aCheckpointOfOtherClassesIsPassedOver() throws {
    let design = try study().design
    let plan = design.plan(for: CeilingCandidate(contestant: .anytime, learningRate: 0.02, seed: 1))
    let trainer = try Trainer(plan, data: training, outputs: 3)
    _ = try trainer.trainEpoch()
    var study = try study(classes: 4), epochs: [Int] = []
    try study.train(try #require(study.next), from: trainer.checkpoint) { epochs.append($1.epoch) }
    #expect(study.networks[.anytime]?.classes == 4 && epochs.first == 0)
  }

  @Test func aRateThatDivergesLosesUnlessNoneIsLeft() throws {
    func change(_ plan: inout TrainingPlan) { (plan.optimizer, plan.maxGradientNorm) = (.sgd, nil) }
    let study = try completed(study(rates: [1e38, 0.02], change))
    #expect(study.trials.filter { $0.candidate.learningRate == 1e38 }.allSatisfy { $0.right.isEmpty && $0.score == 0 })
    #expect(study.rows().allSatisfy { $0.learningRate == Double(Float(0.02)) })
    var hopeless = try self.study(rates: [1e38], change)
    #expect(throws: TrainingError.self) { try hopeless.train(try #require(hopeless.next)) }
    #expect(hopeless.trials.isEmpty)
    // The last hope of a study that goes on is not always the last rate.
    let lost = CeilingTrial(
      candidate: CeilingCandidate(contestant: .anytime, learningRate: 2e38, seed: 1), count: 60, right: [],
      difference: nil, seconds: 0)
    hopeless = try self.study(rates: [1e38, 2e38], trials: [lost], change)
    #expect(throws: TrainingError.self) { try hopeless.train(try #require(hopeless.next)) }
    #expect(hopeless.trials == [lost])
  }

  @Test func csvHasARowForEachNumberOfSteps() throws {
    let rows = try completed(study()).rows()
    let lines = rows.csv.split(separator: "\n").map { $0.split(separator: ",") }
    #expect(
      lines[0].joined(separator: ",") == """
        step,anytime,anytime_low,anytime_high,anytime_validation,last_step,last_step_low,last_step_high,\
        last_step_validation,specialist,specialist_low,specialist_high,specialist_validation,difference,difference_low,\
        difference_high,learning_rate,attempts
        """)
    #expect(lines.dropFirst().map { $0[0] } == ["3", "5", "8"])
    for (line, row) in zip(lines.dropFirst(), rows) {
      #expect(line.count == 18)
      for (column, value) in [
        (1, row.anytime.test), (4, row.anytime.validation), (5, row.lastStep.test), (10, row.specialist.low),
        (13, row.difference.value), (16, 0.02), (17, Double(row.attempts)),
      ] { #expect(abs((Double(line[column]) ?? .nan) - value) < 1e-6, "column \(column)") }
    }
  }
}

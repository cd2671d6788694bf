import Datasets
import Recurrent
import Tensors
import Testing
import Training

@Suite("Training on series")
struct SeriesTrainingTests {
  /// Sequences of 1 to 9 steps of two features; the class is whether the first feature's last value is positive, and the
  /// number is its sum.
  private static func sequences(
    _ count: Int, asNumbers: Bool = false, steps: ClosedRange<Int> = 1...9, on device: Device = .cpu
  ) -> SequenceData {
    var random = RandomGenerator(seed: 5)
    var lengths: [Int] = [], values: [Float] = [], labels: [String] = [], numbers: [Float] = []
    for _ in 0..<count {
      let length = steps.lowerBound + random.integer(below: steps.count)
      let first = (0..<length).map { _ in random.uniform(in: -1..<1) }
      lengths.append(length)
      values += first.flatMap { [$0, random.uniform(in: -1..<1)] }
      labels.append(first[length - 1] > 0 ? "up" : "down")
      numbers.append(first.reduce(0, +))
    }
    let all = LabeledSequences(
      features: 2, lengths: lengths, values: values, targets: asNumbers ? .numbers(numbers) : .labels(labels))
    let preprocessing = SeriesPreprocessing(fitting: all, rows: [0], normalizes: false, missing: .carry)
    return SequenceData(
      all, preprocessing, target: asNumbers ? number : .classes(["down", "up"]), on: device)
  }

  private static let number = SequenceTarget.number(mean: 0.5, deviation: 2)

  /// What the loss makes of its own accord has to be on the data's device.
  @Test(arguments: [Objective.last, .every, .weighted], [1...9, 5...5])
  func numbersAreLearnedOnAnyDevice(objective: Objective, steps: ClosedRange<Int>) throws {
    let data = Self.sequences(6, asNumbers: true, steps: steps, on: Device(threads: 1))
    let changes = try oneUpdate(data) { $0.objective = objective }
    #expect(changes.values.contains { $0.contains { $0 != 0 } })
  }

  /// One update by plain gradient descent.
  private func oneUpdate(_ data: SequenceData, _ change: (inout TrainingPlan) -> Void) throws -> [String: [Float]] {
    let plan = smallPlan {
      $0.optimizer = .sgd
      ($0.learningRate, $0.schedule, $0.epochs, $0.maxGradientNorm) = (1, .constant, 1, nil)
      $0.batchSize = 100
      change(&$0)
    }
    let trainer = try Trainer(plan, data: data, outputs: data.labels.isEmpty ? 1 : 2), before = trainer.model
    _ = try trainer.trainEpoch()
    return Dictionary(
      uniqueKeysWithValues: trainer.model.parameterPaths.map { path in
        let pair = zip(path.parameter(of: trainer.model).floats, path.parameter(of: before).floats)
        return (path.name, pair.map { $0 - $1 })
      })
  }

  /// The gradient of a batch, of several lengths or one, is the mean of those of its sequences, each read alone and without
  /// a step too many: nothing of what fills the batch up is seen.
  @Test(arguments: [Objective.last, .every, .weighted], [false, true])
  func aBatchIsTheMeanOfItsSequences(objective: Objective, asNumbers: Bool) throws {
    for (cell, steps) in [(CellKind.lstm, 1...9), (.gru, 1...9), (.gru, 4...4)] {
      let data = Self.sequences(6, asNumbers: asNumbers, steps: steps)
      func change(_ plan: inout TrainingPlan) { (plan.objective, plan.cell, plan.layers) = (objective, cell, 2) }
      let together = try oneUpdate(data, change)
      let alone = try (0..<6).map { row in try oneUpdate(data.only(row), change) }
      for (name, found) in together {
        let mean = found.indices.map { index in alone.reduce(0) { $0 + ($1[name]?[index] ?? .nan) } / 6 }
        let error = zip(found, mean).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(error < 2e-6, "\(name) of \(cell), \(objective), \(steps) steps")
      }
    }
  }

  @Test(arguments: [Objective.last, .every])
  func bothDirectionsBeginAtTheTrueEnds(objective: Objective) throws {
    let data = Self.sequences(6)
    func change(_ plan: inout TrainingPlan) { (plan.bidirectional, plan.objective) = (true, objective) }
    let together = try oneUpdate(data, change), alone = try (0..<6).map { try oneUpdate(data.only($0), change) }
    for (name, found) in together {
      for index in found.indices {
        let mean = alone.reduce(0) { $0 + ($1[name]?[index] ?? .nan) } / 6
        #expect(abs(found[index] - mean) < 2e-6, "\(name)")
      }
    }
  }

  /// With a learning rate of next to nothing, what an epoch measures is what the network is worth.
  @Test(arguments: Objective.allCases)
  func anEpochCountsTheAnswersAtTheTrueEnds(objective: Objective) throws {
    let data = Self.sequences(200)
    let plan = smallPlan { ($0.objective, $0.learningRate, $0.validationCount) = (objective, 1e-20, 80) }
    let trainer = try Trainer(plan, data: data, outputs: 2), metrics = try trainer.trainEpoch()
    if objective != .randomPrefix {
      #expect(metrics.accuracy == trainer.model.evaluate(data, rows: trainer.trainingRows).accuracy)
    }
    #expect(metrics.validationAccuracy == trainer.model.evaluate(data, rows: trainer.validationRows).accuracy)
  }

  @Test func theClassAtTheTrueEndIsLearned() throws {
    let data = Self.sequences(600)
    let plan = smallPlan { ($0.epochs, $0.learningRate, $0.validationCount) = (12, 0.02, 100) }
    let trainer = try Trainer(plan, data: data, outputs: 2)
    var metrics: EpochMetrics?
    while !trainer.isFinished { metrics = try trainer.trainEpoch() }
    #expect((metrics?.validationAccuracy ?? 0) > 0.9)
    // After k steps a shorter sequence has been read whole.
    let steps = trainer.model.accuracyBySteps(data, truncation: .end)
    #expect(steps.count == 9 && steps[8].accuracy == trainer.model.evaluate(data).accuracy)
    let answers = trainer.model.answersAfterEveryStep(data), lengths = try #require(data.lengths)
    let trace = AnswerTrace(of: answers, temperatures: nil)
    #expect(answers.lengths == lengths && trace.accuracies[8] == steps[8].accuracy)
    #expect(trace.stops(by: .confidence(2)) == lengths)
    for (sequence, length) in lengths.enumerated() {
      let end = trace.states[9 * sequence + length - 1]
      #expect(trace.states[9 * sequence + length..<9 * sequence + 9].allSatisfy { $0 == end }, "sequence \(sequence)")
    }
    #expect(trace.point(stops: lengths, threshold: 0).earliness == 1)
    let first = trace.point(stops: [Int](repeating: 1, count: 600), threshold: 0)
    #expect(abs(first.earliness - lengths.reduce(0) { $0 + 1 / Double($1) } / 600) < 1e-12)
    #expect(first.accuracy == steps[0].accuracy)
  }

  @Test func aNumberIsEstimated() throws {
    let data = Self.sequences(600, asNumbers: true)
    let plan = smallPlan { ($0.epochs, $0.learningRate, $0.validationCount, $0.objective) = (20, 0.02, 100, .every) }
    let trainer = try Trainer(plan, data: data, outputs: 1)
    #expect(trainer.asksForNumber)
    var metrics: EpochMetrics?
    while !trainer.isFinished { metrics = try trainer.trainEpoch() }
    #expect(metrics?.accuracy == nil && metrics?.validationAccuracy == nil && (metrics?.validationLoss ?? 1) < 0.3)
    let errors = trainer.model.errorBySteps(data, target: Self.number)
    #expect(errors.count == 9 && errors[8].explainedVariance > 0.9)
    #expect(errors[0].rootMeanSquaredError > 2 * errors[8].rootMeanSquaredError)
  }

  @Test func aRunOnSeveralLengthsGoesOnToTheSameBits() throws {
    let data = Self.sequences(100)
    let plan = smallPlan { ($0.objective, $0.batchSize) = (.every, 16) }
    let whole = try Trainer(plan, data: data, outputs: 2), first = try Trainer(plan, data: data, outputs: 2)
    while !whole.isFinished { _ = try whole.trainEpoch() }
    struct Stop: Error {}
    #expect(throws: Stop.self) { _ = try first.trainEpoch { if $0.batch == 3 { throw Stop() } } }
    let second = try Trainer(resuming: first.checkpoint, data: data)
    while !second.isFinished { _ = try second.trainEpoch() }
    #expect(second.model.bits == whole.model.bits)
  }

  /// With nine of one class to one of the other, the rare one is found more often if classes count alike.
  @Test func balancedClassesFindTheRareOne() throws {
    let all = Self.sequences(400, steps: 3...3)
    let rare = all.labels.indices.filter { all.labels[$0] == 1 }.prefix(20)
    let data = all.only(rows: all.labels.indices.filter { all.labels[$0] == 0 } + rare)
    func recall(_ weights: ClassWeights?) throws -> Double {
      let plan = smallPlan { ($0.epochs, $0.classWeights, $0.learningRate) = (4, weights, 0.005) }
      let trainer = try Trainer(plan, data: data, outputs: 2)
      while !trainer.isFinished { _ = try trainer.trainEpoch() }
      return trainer.model.evaluate(all).recall(of: 1) ?? 0
    }
    let (even, balanced) = (try recall(nil), try recall(.balanced))
    #expect(try recall(.even) == even)
    #expect(balanced > even + 0.2, "\(balanced) and \(even)")
  }

  /// A checkpoint may come from anywhere.
  @Test func aCheckpointOfAnotherPlanIsRefused() throws {
    let data = Self.sequences(40, steps: 2...6)
    var checkpoint = try Trainer(smallPlan { _ in }, data: data, outputs: 2).checkpoint
    checkpoint.plan.blankFront = 1
    #expect(throws: TrainingError.needsOneLength("--blank-front")) { try Trainer(resuming: checkpoint, data: data) }
  }

  @Test func whatOnlyImagesAllowIsRefused() {
    let data = Self.sequences(20)
    #expect(throws: TrainingError.needsImages("distortion (--shift and the like)")) {
      _ = try Trainer(smallPlan { $0.distortion = Distortion(shift: 1) }, data: data, outputs: 2)
    }
    #expect(throws: TrainingError.needsOneLength("--blank-front")) {
      _ = try Trainer(smallPlan { $0.blankFront = 1 }, data: data, outputs: 2)
    }
  }

  /// 3 and 1 against 1 and 1, with a mean of 1 and a variance of 1/4 of the truth.
  @Test func errorsByHand() {
    let evaluation = NumberEvaluation(step: 4, estimates: [3, 1, 1, 1], truth: [1, 1, 0, 2])
    #expect(evaluation.rootMeanSquaredError == 1.5.squareRoot() && evaluation.meanAbsoluteError == 1)
    #expect(evaluation.explainedVariance == 1 - 6.0 / 2)
    #expect(NumberEvaluation(step: 1, estimates: [2, 2], truth: [2, 2]).explainedVariance == 0)
    #expect([evaluation].csv == "step,rmse,mae,r2\n4,1.22474,1,-2\n")
  }
}

extension SequenceData {
  /// One of the sequences, as data of its own.
  fileprivate func only(_ row: Int) -> SequenceData { only(rows: [row]) }

  fileprivate func only(rows: [Int]) -> SequenceData {
    let parts = rows.map { batch([$0]) }
    let targets: SequenceTargets =
      labels.isEmpty
      ? .numbers(parts.map { $0.targets.floats[0] })
      : .labels(rows.map { labels[$0] == 0 ? "down" : "up" })
    let sequences = LabeledSequences(
      features: features, lengths: parts.map { $0.sequences.shape[1] }, values: parts.flatMap { $0.sequences.floats },
      targets: targets)
    let preprocessing = SeriesPreprocessing(fitting: sequences, rows: [0], normalizes: false, missing: .carry)
    return SequenceData(
      sequences, preprocessing, target: labels.isEmpty ? .number(mean: 0, deviation: 1) : .classes(["down", "up"]),
      on: device)
  }
}

import Datasets
import Recurrent
import Tensors

/// Compares one anytime network with a specialist for each number of steps, and with last-step training.
///
/// ```swift
/// let design = try CeilingDesign(plan, steps: [7, 14, 28], sequenceSteps: training.steps)
/// var study = try CeilingStudy(design, training: training, test: test, classes: 10)
/// while let candidate = study.next { try study.train(candidate) }
/// print(study.rows().csv)
/// ```
///
/// Networks are chosen by validation sequences; those of the test set are read only for the rows of the outcome.
public struct CeilingStudy: Sendable {
  /// What is compared.
  public let design: CeilingDesign
  /// What has been trained so far.
  public private(set) var trials: [CeilingTrial] = []
  /// The best network of each contestant so far.
  public private(set) var networks: [CeilingContestant: SequenceClassifier] = [:]
  private let training, test: SequenceData
  private let classes: Int
  private let teacher: Teacher?

  /// A study at its beginning, or one that goes on.
  ///
  /// - Parameters:
  ///   - design: What is compared.
  ///   - training: The training set; the validation sequences are taken from it.
  ///   - test: The test set, of as many steps and features.
  ///   - classes: The number of classes; each label is below.
  ///   - teacher: Whom all contestants learn from, each asking it what it is asked itself, if the plan has a share for one.
  ///   - trials: What was trained before.
  ///   - networks: The best networks of these.
  /// - Throws: `TrainingError.tooFewSequences`, or `.needsTeacher` if the plan has a share for one and there is none.
  public init(
    _ design: CeilingDesign, training: SequenceData, test: SequenceData, classes: Int, teacher: Teacher? = nil,
    trials: [CeilingTrial] = [], networks: [CeilingContestant: SequenceClassifier] = [:]
  ) throws(TrainingError) {
    precondition(
      training.steps == design.sequenceSteps && (test.steps, test.features) == (training.steps, training.features),
      """
      sequences of \(training.steps)×\(training.features) and \(test.steps)×\(test.features) for a study of \
      \(design.sequenceSteps) steps
      """)
    guard design.plan.validationCount < training.count else {
      throw .tooFewSequences(count: training.count, validation: design.plan.validationCount)
    }
    try teacher.check(suits: design.plan, training, outputs: classes)
    self.design = design
    self.teacher = teacher
    self.training = training
    self.test = test
    self.classes = classes
    self.trials = trials
    self.networks = networks
  }

  /// The network to be trained next; `nil` when the study is complete.
  public var next: CeilingCandidate? { design.next(after: trials) }

  /// Trains a candidate, and judges it by the validation sequences. If it is its contestant's best so far, its network is
  /// kept.
  ///
  /// - Parameters:
  ///   - candidate: What `next` says.
  ///   - checkpoint: Where an earlier attempt at the same candidate was put down. Another's is passed over.
  ///   - afterBatch: Called after every batch. If it throws, training stops there; the trainer can make a checkpoint.
  /// - Returns: The trial, which is the last of `trials` now. Where training diverged it has no answers, unless it was
  ///   the contestant's only hope.
  /// - Throws: `TrainingError.diverged` if every candidate of this contestant has; or what `afterBatch` throws.
  @discardableResult
  public mutating func train(
    _ candidate: CeilingCandidate, from checkpoint: Checkpoint? = nil,
    afterBatch: (Trainer, TrainingProgress) throws -> Void = { _, _ in }
  ) throws -> CeilingTrial {
    let data = data(for: candidate.contestant), plan = design.plan(for: candidate)
    let trainer =
      if let checkpoint, checkpoint.plan == plan, checkpoint.data == DataIdentity(of: data),
        checkpoint.model.classes == classes
      {
        try Trainer(resuming: checkpoint, data: data, teacher: teacher)
      } else {
        try Trainer(plan, data: data, outputs: classes, teacher: teacher)
      }
    do {
      while !trainer.isFinished { _ = try trainer.trainEpoch { try afterBatch(trainer, $0) } }
    } catch let error as TrainingError {
      let trial = trial(candidate, right: [], difference: nil, trainer)
      if design.hopeless(among: trials + [trial]) != nil { throw error }
      trials.append(trial)
      return trial
    }
    let network = trainer.result, steps = design.steps(of: candidate.contestant)
    let right = network.rightAnswers(on: training, rows: trainer.validationRows, after: steps) {}
    let difference = difference(toAnytime: right, of: candidate.contestant, rows: trainer.validationRows)
    let trial = trial(candidate, right: right.map { $0.count { $0 } }, difference: difference, trainer)
    trials.append(trial)
    if design.chosen(candidate.contestant, among: trials) == trial { networks[candidate.contestant] = network }
    return trial
  }

  /// What a contestant learns from.
  private func data(for contestant: CeilingContestant) -> SequenceData {
    switch contestant {
    case .anytime: training
    case .specialist(let steps): training.prefix(steps: steps)
    }
  }

  /// How much better the anytime network is than a specialist with these answers, after its number of steps.
  private func difference(
    toAnytime right: [[Bool]], of contestant: CeilingContestant, rows: [Int]
  ) -> PairedDifference? {
    guard case .specialist(let steps) = contestant, let anytime = networks[.anytime], let own = right.last else {
      return nil
    }
    return PairedDifference(anytime.rightAnswers(on: training, rows: rows, after: [steps]) {}[0], own)
  }

  private func trial(
    _ candidate: CeilingCandidate, right: [Int], difference: PairedDifference?, _ trainer: Trainer
  ) -> CeilingTrial {
    let progress = trainer.progress
    return CeilingTrial(
      candidate: candidate, count: trainer.validationRows.count, right: right, difference: difference,
      seconds: progress.epochSeconds.reduce(progress.seconds, +))
  }
}

extension CeilingStudy {
  /// The outcome of a complete study: one pass of each chosen network over the test set.
  ///
  /// - Parameter betweenBatches: Called before each batch; stops the evaluation if it throws.
  /// - Returns: A row for each number of steps.
  /// - Precondition: The study is complete.
  public func rows(betweenBatches: () throws -> Void) rethrows -> [CeilingRow] {
    precondition(next == nil, "a study that is not complete has no outcome")
    let entries = try design.contestants.map { contestant in
      guard let network = networks[contestant], let trial = design.chosen(contestant, among: trials) else {
        preconditionFailure("no network of \(contestant.rawValue) was chosen")
      }
      let right = try network.rightAnswers(
        on: test, after: design.steps(of: contestant), betweenBatches: betweenBatches)
      return (contestant: contestant, trial: trial, right: right)
    }
    let anytime = entries[0], lastStep = entries[entries.count - 1]
    return design.steps.enumerated().map { index, step in
      let specialist = entries[1 + index]
      let own = specialist.right[specialist.right.count - 1]
      let its = trials.filter { $0.candidate.contestant == specialist.contestant }
      return CeilingRow(
        step: step, anytime: CeilingRow.Accuracy(anytime.right[index], validation: anytime.trial, at: index),
        specialist: CeilingRow.Accuracy(own, validation: specialist.trial, at: specialist.right.count - 1),
        lastStep: CeilingRow.Accuracy(lastStep.right[index], validation: lastStep.trial, at: index),
        difference: PairedDifference(anytime.right[index], own),
        learningRate: Double(specialist.trial.candidate.learningRate),
        attempts: Set(its.map(\.candidate.seed)).count)
    }
  }

  /// The same, not to be stopped.
  public func rows() -> [CeilingRow] { rows {} }
}

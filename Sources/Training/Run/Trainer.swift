import Datasets
import Dispatch
import Recurrent
import Tensors
import _Differentiation

/// Trains a classifier by a plan, batch by batch, and can stop and go on after any of them.
public final class Trainer {
  /// What decides the outcome.
  public let plan: TrainingPlan
  /// The network as it is now.
  public private(set) var model: SequenceClassifier
  /// What training has led to: the network as it is now, or the average of its weights where the plan has one.
  public var result: SequenceClassifier { optimizer.result(for: model) }
  /// Where the run is.
  public private(set) var progress = TrainingProgress()
  private var optimizer: any Optimizer<SequenceClassifier>
  private let data: SequenceData
  private let teacher: Teacher?
  /// The sequences that are learned from.
  package let trainingRows: [Int]
  /// Those that are set apart for validation.
  package let validationRows: [Int]
  /// Batches of each epoch.
  public let batchesPerEpoch: Int
  private let schedule: Schedule
  private let dropout: Dropout
  private let questioner: Questioner
  private let paths: [ParameterPath<SequenceClassifier>]
  /// The order of the current epoch.
  private var order: [Int] = []

  /// A run at its beginning.
  ///
  /// - Parameters:
  ///   - plan: Sizes must be at least 1, the learning rate above 0, shares that are dropped below 1.
  ///   - data: The training set; the validation sequences are taken from it.
  ///   - outputs: The number of classes, each label being below; or 1, where a number is asked for.
  ///   - rows: Which sequences are learned from, at least one. By default all but those that the plan sets apart; otherwise
  ///     none are set apart.
  ///   - teacher: Whose answers are the share of the target that the plan says: for data with classes, of which it knows
  ///     as many. A run that goes on later needs it again.
  ///   - stepWeight: With the objective `weighted`, what the answer after a step (from 1 on) of so many counts for, instead
  ///     of what the plan says. At least 0, and not 0 for all. A run that goes on later needs it again.
  /// - Throws: `TrainingError.tooFewSequences`, `.tooManyBlankSteps`, `.stepBeyondEnd`, `.needsImages`, `.needsOneLength`,
  ///   `.needsClasses`, or `.needsTeacher` if the plan has a share for one and there is none.
  public convenience init(
    _ plan: TrainingPlan, data: SequenceData, outputs: Int, learningFrom rows: [Int]? = nil, teacher: Teacher? = nil,
    stepWeight: ((_ step: Int, _ steps: Int) -> Float)? = nil
  ) throws(TrainingError) {
    precondition(
      plan.hiddenSize >= 1 && plan.layers >= 1 && plan.epochs >= 1 && plan.batchSize >= 1 && plan.learningRate > 0
        && plan.validationCount >= 0, "a plan that cannot be carried out: \(plan)")
    guard plan.validationCount < data.count else {
      throw .tooFewSequences(count: data.count, validation: plan.validationCount)
    }
    try plan.check(suits: data)
    try teacher.check(suits: plan, data, outputs: outputs)
    let model = plan.makeModel(inputSize: data.features, outputs: outputs, on: data.device)
    self.init(plan, data: data, model: model, learningFrom: rows, teacher: teacher, stepWeight: stepWeight)
  }

  /// A run with a model at hand; the plan suits the data.
  private init(
    _ plan: TrainingPlan, data: SequenceData, model: SequenceClassifier, learningFrom rows: [Int]? = nil,
    teacher: Teacher?, stepWeight: ((Int, Int) -> Float)?
  ) {
    self.plan = plan
    self.data = data
    self.teacher = teacher
    self.model = model
    optimizer = plan.makeOptimizer(for: model)
    dropout = Dropout(states: plan.dropout ?? 0, recurrentWeights: plan.recurrentDropout ?? 0)
    paths = model.parameterPaths
    (validationRows, trainingRows) =
      rows.map { ([], $0) } ?? plan.validation(of: data.count).rows(labels: data.labels)
    batchesPerEpoch = (trainingRows.count + plan.batchSize - 1) / plan.batchSize
    schedule = plan.schedule.make(plan.learningRate, steps: plan.epochs * batchesPerEpoch)
    let weighting = plan.classWeights ?? .even
    questioner = Questioner(
      plan, sequenceWeights: weighting.weights(of: data.labels, learnedFrom: trainingRows), stepWeight: stepWeight)
  }

  /// Sequences of each epoch.
  public var sequencesPerEpoch: Int { trainingRows.count }
  /// Whether the network is asked for a number, and not for a class.
  public var asksForNumber: Bool { data.labels.isEmpty }
  /// Whether all epochs are complete.
  public var isFinished: Bool { progress.epoch >= plan.epochs }
  /// Updates so far.
  private var updates: Int { progress.epoch * batchesPerEpoch + progress.batch }

  /// Trains to the end of the current epoch.
  ///
  /// - Parameter afterBatch: Called after every batch. If it throws, training stops there, in good order: a checkpoint can
  ///   be made, and the next call goes on.
  /// - Returns: What the epoch measured.
  /// - Throws: `TrainingError.diverged`, without the update that the loss would have led to; or what `afterBatch` throws.
  public func trainEpoch(afterBatch: (TrainingProgress) throws -> Void = { _ in }) throws -> EpochMetrics {
    precondition(!isFinished, "all \(plan.epochs) epochs are complete")
    shuffle()
    while progress.batch < batchesPerEpoch {
      let start = DispatchTime.now().uptimeNanoseconds
      try trainBatch()
      progress.seconds += Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
      try afterBatch(progress)
    }
    let validation = validate()
    let metrics = EpochMetrics(
      epoch: progress.epoch + 1, loss: progress.loss, accuracy: asksForNumber ? nil : progress.accuracy,
      validationLoss: validation?.loss, validationAccuracy: validation?.accuracy,
      learningRate: Double(schedule(updates - 1)), seconds: progress.seconds,
      sequencesPerSecond: Double(progress.seen) / max(progress.seconds, 1e-9))
    progress.beginNextEpoch()
    return metrics
  }

  /// How good the trained network is on the validation sequences: the loss counts steps and classes as training does, but is
  /// that against the labels alone, without smoothing or a teacher, and sequences are read to their ends; the accuracy is
  /// that after the last step. `nil` if there are none.
  private func validate() -> (loss: Double, accuracy: Double?)? {
    if validationRows.isEmpty { return nil }
    let network = result
    var loss = 0.0, right = 0
    for start in stride(from: 0, to: validationRows.count, by: evaluationBatchSize) {
      let rows = validationRows[start..<min(start + evaluationBatchSize, validationRows.count)],
        batch = data.batch(rows)
      let question = questioner.question(
        rows: rows, steps: batch.sequences.shape[1], lengths: batch.lengths, randomLength: { $0 })
      let answers = network.answers(to: question, batch.sequences, batch.targets)
      loss += Double(answers.loss.scalar) * Double(rows.count)
      right += countRight(answers.outputs, rows)
    }
    let count = Double(validationRows.count)
    return (loss / count, asksForNumber ? nil : Double(right) / count)
  }

  /// How many outputs are largest for the right class; none where a number is asked for.
  private func countRight(_ outputs: Tensor, _ rows: ArraySlice<Int>) -> Int {
    asksForNumber ? 0 : zip(outputs.argmaxOfRows(), rows).count { $0 == data.labels[$1] }
  }

  /// Each epoch has its own order, which depends on the seed and the epoch alone; so a resumed run finds it again. Where
  /// sequences have several lengths, those of a batch are made to be of similar ones: the order within some batches' worth of
  /// sequences is that of their lengths, and then the batches are shuffled.
  private func shuffle() {
    var random = RandomGenerator(seed: plan.seed).stream(.shuffling, index: progress.epoch)
    order = trainingRows
    random.shuffle(&order)
    guard let lengths = data.lengths else { return }
    let window = Self.sortedBatches * plan.batchSize, whole = order.count / plan.batchSize
    let byLength = stride(from: 0, to: order.count, by: window).flatMap { start in
      order[start..<min(start + window, order.count)].sorted { (lengths[$0], $0) < (lengths[$1], $1) }
    }
    var batches = Array(0..<whole)
    random.shuffle(&batches)
    // A smaller batch, if there is one, stays the last.
    order =
      batches.flatMap { byLength[$0 * plan.batchSize..<($0 + 1) * plan.batchSize] }
      + byLength[(whole * plan.batchSize)...]
  }

  /// Among so many batches' worth of sequences those of a batch are chosen by their length.
  private static let sortedBatches = 32

  private func trainBatch() throws(TrainingError) {
    let start = progress.batch * plan.batchSize
    let rows = order[start..<min(start + plan.batchSize, order.count)]
    let batch = batch(rows)
    optimizer.learningRate = schedule(updates)

    // A call, so that the pullback, which holds the parameters, is gone when they are updated in place.
    let question = question(batch, rows), labelSmoothing = plan.labelSmoothing ?? 0
    let softTargets = teacher?.targets(
      for: question, about: batch, share: plan.teacherShare ?? 0, labelSmoothing: labelSmoothing)
    var (answers, gradient) = model.answers(
      to: question, batch.sequences, batch.targets, labelSmoothing: labelSmoothing, softTargets: softTargets,
      masks: masks(batchSize: rows.count))
    let loss = answers.loss.scalar
    guard loss.isFinite else {
      throw .diverged(
        epoch: progress.epoch + 1, step: progress.batch + 1, loss: loss, learningRate: optimizer.learningRate)
    }
    if let maxNorm = plan.maxGradientNorm { clipGradNorm(&gradient, paths, maxNorm: maxNorm) }
    data.device.times.measure(.optimizer) { optimizer.update(&model, along: gradient) }

    progress.correct += countRight(answers.outputs, rows)
    progress.lossSum += Double(loss) * Double(rows.count)
    progress.seen += rows.count
    progress.batch += 1
  }

  /// The next batch, changed at random as the plan has it. What is drawn depends on the seed, the update and the place in the
  /// batch alone; so a resumed run draws it again.
  private func batch(_ rows: ArraySlice<Int>) -> SequenceBatch {
    let random = RandomGenerator(seed: plan.seed), updates = updates
    let images = random.stream(.augmentation, index: updates)
    let batch =
      plan.distortion.map { distortion in
        // Each place has a part of the update's stream to itself, far longer than an image needs.
        data.batch(rows, distortedBy: distortion) { place in
          RandomGenerator(seed: images.seed, stream: images.stream, position: UInt64(place) << 32)
        }
      } ?? data.batch(rows)
    if let most = plan.blankFront, most > 0 {
      var random = random.stream(.delays, index: updates)
      let delays = rows.map { _ in random.integer(below: most + 1) }
      return data.device.times.measure(.data) {
        SequenceBatch(sequences: batch.sequences.delayed(by: delays, blank: data.blank), targets: batch.targets)
      }
    }
    return batch
  }

  /// What the next update goes without.
  private func masks(batchSize: Int) -> DropoutMasks? {
    var random = RandomGenerator(seed: plan.seed).stream(.dropout, index: updates)
    return dropout.masks(for: model, batchSize: batchSize, using: &random)
  }

  /// What the next batch is asked.
  private func question(_ batch: SequenceBatch, _ rows: ArraySlice<Int>) -> Question {
    var random = RandomGenerator(seed: plan.seed).stream(.prefixes, index: updates)
    return questioner.question(rows: rows, steps: batch.sequences.shape[1], lengths: batch.lengths) { most in
      1 + random.integer(below: most)
    }
  }
}

// MARK: - Stopping and going on

extension Trainer {
  /// All that is needed to go on from here.
  public var checkpoint: Checkpoint {
    Checkpoint(
      plan: plan, progress: progress, data: DataIdentity(of: data), model: model, optimizer: optimizer.state,
      instructionSet: data.device.instructionSet)
  }

  /// A run that goes on where `checkpoint` was made: to the same bits as one that never stopped, on the same
  /// instruction set.
  ///
  /// - Parameters:
  ///   - checkpoint: Where the first part ended.
  ///   - data: The training set, the same.
  ///   - teacher: The same as at the beginning.
  ///   - stepWeight: The same as at the beginning.
  /// - Throws: `TrainingError.otherData` if the data cannot be those of the first part, `.needsTeacher` if that had one; as at
  ///   the beginning, if the plan is not for such data.
  public convenience init(
    resuming checkpoint: Checkpoint, data: SequenceData, teacher: Teacher? = nil,
    stepWeight: ((_ step: Int, _ steps: Int) -> Float)? = nil
  ) throws(TrainingError) {
    let identity = DataIdentity(of: data)
    guard identity == checkpoint.data else { throw .otherData(found: identity, expected: checkpoint.data) }
    try checkpoint.plan.check(suits: data)
    try teacher.check(suits: checkpoint.plan, data, outputs: checkpoint.model.classes)
    self.init(checkpoint.plan, data: data, model: checkpoint.model, teacher: teacher, stepWeight: stepWeight)
    optimizer.state = checkpoint.optimizer
    progress = checkpoint.progress
  }
}

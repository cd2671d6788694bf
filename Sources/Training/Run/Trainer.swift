import Datasets
import Dispatch
import Recurrent
import Tensors
import _Differentiation

/// Where a run is, and what it has measured so far.
public struct TrainingProgress: Sendable, Equatable, Codable {
  /// Epochs that are complete.
  public var epoch = 0
  /// Batches of the current epoch that are done.
  public var batch = 0
  /// The sum of the losses and the number of right answers and of all sequences in the current epoch, each batch as it
  /// was before its update.
  public var lossSum = 0.0
  public var correct = 0
  public var seen = 0
  /// Seconds spent on the current epoch, and on each complete one.
  public var seconds = 0.0
  public var epochSeconds: [Double] = []

  /// The mean loss of the current epoch so far.
  public var loss: Double { lossSum / Double(max(1, seen)) }
  /// The share of right answers in the current epoch so far.
  public var accuracy: Double { Double(correct) / Double(max(1, seen)) }
}

/// A complete epoch, as it stands in `metrics.jsonl`.
public struct EpochMetrics: Sendable, Equatable, Codable {
  /// Counted from 1.
  public let epoch: Int
  /// Mean loss and share of right answers on the training sequences, each batch before its update.
  public let loss, accuracy: Double
  /// The same on the validation sequences after the epoch, if some were set apart.
  public let validationLoss, validationAccuracy: Double?
  /// The learning rate of the epoch's last update.
  public let learningRate: Double
  /// Seconds that training took, and sequences per second.
  public let seconds, sequencesPerSecond: Double

  enum CodingKeys: String, CodingKey {
    case epoch, loss, accuracy, seconds
    case validationLoss = "validation_loss"
    case validationAccuracy = "validation_accuracy"
    case learningRate = "learning_rate"
    case sequencesPerSecond = "sequences_per_second"
  }
}

/// A run that cannot go on. Its description is one line.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The loss is no number any more.
  case diverged(epoch: Int, step: Int, loss: Float, learningRate: Float)
  /// More sequences to be set apart than there are.
  case tooFewSequences(count: Int, validation: Int)
  /// A run resumed with another training set: [sequences, features of a step].
  case otherData(found: [Int], expected: [Int])

  public var description: String {
    switch self {
    case .diverged(let epoch, let step, let loss, let learningRate):
      """
      training diverged: the loss became \(loss) at step \(step) of epoch \(epoch), with learning rate \(learningRate); \
      try a lower --learning-rate
      """
    case .tooFewSequences(let count, let validation):
      "--validation \(validation): the training set has only \(count) sequences; leave at least one to train on"
    case .otherData(let found, let expected):
      """
      the training set has \(found[0]) sequences with \(found[1]) features, the run began with \(expected[0]) and \
      \(expected[1]); resume it with the data set that it began with
      """
    }
  }
}

/// Trains a classifier by a plan, batch by batch, and can stop and go on after any of them.
public final class Trainer {
  /// What decides the outcome.
  public let plan: TrainingPlan
  /// The network as it is now.
  public private(set) var model: SequenceClassifier
  /// Where the run is.
  public private(set) var progress = TrainingProgress()
  private var optimizer: any Optimizer<SequenceClassifier>
  private let data: SequenceData
  private let trainingRows, validationRows: [Int]
  private let schedule: Schedule
  private let paths = SequenceClassifier.parameterPaths
  /// The order of the current epoch.
  private var order: [Int] = []

  /// A run at its beginning.
  ///
  /// - Parameters:
  ///   - plan: Sizes must be at least 1, the learning rate above 0.
  ///   - data: The training set; the validation sequences are taken from it.
  ///   - classes: The number of classes; each label is below.
  /// - Throws: `TrainingError.tooFewSequences`.
  public init(_ plan: TrainingPlan, data: SequenceData, classes: Int) throws(TrainingError) {
    precondition(
      plan.hiddenSize >= 1 && plan.epochs >= 1 && plan.batchSize >= 1 && plan.learningRate > 0
        && plan.validationCount >= 0, "a plan that cannot be carried out: \(plan)")
    guard plan.validationCount < data.count else {
      throw .tooFewSequences(count: data.count, validation: plan.validationCount)
    }
    self.plan = plan
    self.data = data
    model = plan.makeModel(inputSize: data.features, classes: classes, on: data.device)
    optimizer = plan.optimizer.make(for: model)
    var random = RandomGenerator(seed: plan.seed).stream(.validation)
    let rows = plan.validationCount == 0 ? Array(0..<data.count) : random.permutation(count: data.count)
    validationRows = Array(rows.prefix(plan.validationCount))
    trainingRows = Array(rows.dropFirst(plan.validationCount))
    let batches = (trainingRows.count + plan.batchSize - 1) / plan.batchSize
    schedule = plan.schedule.make(plan.learningRate, steps: plan.epochs * batches)
  }

  /// Batches of each epoch.
  public var batchesPerEpoch: Int { (trainingRows.count + plan.batchSize - 1) / plan.batchSize }
  /// Sequences of each epoch.
  public var sequencesPerEpoch: Int { trainingRows.count }
  /// Whether all epochs are complete.
  public var isFinished: Bool { progress.epoch >= plan.epochs }
  /// Updates so far.
  private var updates: Int { progress.epoch * batchesPerEpoch + progress.batch }

  /// Trains to the end of the current epoch.
  ///
  /// - Parameter afterBatch: Called after every batch; if it answers false, training stops there.
  /// - Returns: What the epoch measured, or `nil` if it was stopped.
  /// - Throws: `TrainingError.diverged`, without the update that the loss would have led to.
  public func trainEpoch(
    afterBatch: (TrainingProgress) throws -> Bool = { _ in true }
  ) throws -> EpochMetrics? {
    precondition(!isFinished, "all \(plan.epochs) epochs are complete")
    shuffle()
    while progress.batch < batchesPerEpoch {
      let start = DispatchTime.now().uptimeNanoseconds
      try trainBatch()
      progress.seconds += Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
      guard try afterBatch(progress) else { return nil }
    }
    let validation = validationRows.isEmpty ? nil : model.evaluate(data, rows: validationRows)
    let metrics = EpochMetrics(
      epoch: progress.epoch + 1, loss: progress.loss, accuracy: progress.accuracy,
      validationLoss: validation?.crossEntropy, validationAccuracy: validation?.accuracy,
      learningRate: Double(optimizer.learningRate), seconds: progress.seconds,
      sequencesPerSecond: Double(progress.seen) / max(progress.seconds, 1e-9))
    progress = TrainingProgress(
      epoch: progress.epoch + 1, epochSeconds: progress.epochSeconds + [progress.seconds])
    return metrics
  }

  /// Each epoch has its own order, which depends on the seed and the epoch alone; so a resumed run finds it again.
  private func shuffle() {
    var random = RandomGenerator(seed: plan.seed).stream(.shuffling, index: progress.epoch)
    order = trainingRows
    random.shuffle(&order)
  }

  private func trainBatch() throws(TrainingError) {
    let start = progress.batch * plan.batchSize
    let rows = order[start..<min(start + plan.batchSize, order.count)]
    let (sequences, labels) = data.batch(rows)
    optimizer.learningRate = schedule(updates)

    // Two pullbacks and not one, because the logits are wanted besides the loss.
    let (logits, modelPullback) = valueWithPullback(at: model) { model in model(sequences) }
    let (loss, dLogits) = valueWithGradient(at: logits) { logits in
      softmaxCrossEntropy(logits: logits, labels: labels)
    }
    var gradient = modelPullback(dLogits)
    guard loss.scalar.isFinite else {
      throw .diverged(
        epoch: progress.epoch + 1, step: progress.batch + 1, loss: loss.scalar, learningRate: optimizer.learningRate)
    }
    if let maxNorm = plan.maxGradientNorm { clipGradNorm(&gradient, paths, maxNorm: maxNorm) }
    data.device.times.measure(.optimizer) { optimizer.update(&model, along: gradient) }

    let answers = zip(logits.argmaxOfRows(), rows)
    progress.correct += answers.reduce(0) { $0 + ($1.0 == Int(data.labels[$1.1]) ? 1 : 0) }
    progress.lossSum += Double(loss.scalar) * Double(rows.count)
    progress.seen += rows.count
    progress.batch += 1
  }
}

// MARK: - Stopping and going on

extension Trainer {
  /// All that is needed to go on from here.
  public var checkpoint: Checkpoint {
    Checkpoint(
      plan: plan, progress: progress, sequences: data.count, model: model, optimizer: optimizer.state,
      instructionSet: data.device.instructionSet)
  }

  /// A run that goes on where `checkpoint` was made: to the same bits as one that never stopped, on the same
  /// instruction set.
  ///
  /// - Throws: `TrainingError.otherData` if the data cannot be those of the first part.
  public convenience init(resuming checkpoint: Checkpoint, data: SequenceData) throws(TrainingError) {
    guard data.count == checkpoint.sequences, data.features == checkpoint.model.inputSize else {
      throw .otherData(
        found: [data.count, data.features], expected: [checkpoint.sequences, checkpoint.model.inputSize])
    }
    try self.init(checkpoint.plan, data: data, classes: checkpoint.model.classes)
    model = checkpoint.model
    optimizer.state = checkpoint.optimizer
    progress = checkpoint.progress
  }
}

/// Where a run is, and what it has measured so far.
public struct TrainingProgress: Sendable, Equatable, Codable {
  /// Epochs that are complete.
  public var epoch = 0
  /// Batches of the current epoch that are done.
  public var batch = 0
  /// The sum of the losses in the current epoch, each batch's as it was before its update.
  public var lossSum = 0.0
  /// Right answers in the current epoch, likewise.
  public var correct = 0
  /// Sequences read in the current epoch.
  public var seen = 0
  /// Seconds spent on the current epoch.
  public var seconds = 0.0
  /// Seconds spent on each complete epoch.
  public var epochSeconds: [Double] = []

  enum CodingKeys: String, CodingKey {
    case epoch, batch, correct, seen, seconds
    case lossSum = "loss_sum"
    case epochSeconds = "epoch_seconds"
  }

  /// The beginning of a run.
  public init() {}

  /// The mean loss of the current epoch so far.
  public var loss: Double { lossSum / Double(max(1, seen)) }
  /// The share of right answers in the current epoch so far.
  public var accuracy: Double { Double(correct) / Double(max(1, seen)) }

  /// The current epoch is complete.
  mutating func beginNextEpoch() {
    let (epoch, epochSeconds) = (epoch + 1, epochSeconds + [seconds])
    self = TrainingProgress()
    self.epoch = epoch
    self.epochSeconds = epochSeconds
  }
}

/// A complete epoch, as it stands in `metrics.jsonl`.
public struct EpochMetrics: Sendable, Equatable, Codable {
  /// Counted from 1.
  public let epoch: Int
  /// Mean loss on the training sequences, each batch before its update: cross-entropy in nats, or the squared error of the
  /// network's output where a number is asked for.
  public let loss: Double
  /// The share of right answers on the training sequences, likewise; `nil` where a number is asked for.
  public let accuracy: Double?
  /// The same on the validation sequences after the epoch, if some were set apart. The loss counts steps as in training,
  /// but for random prefixes: there it is that after the last step.
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

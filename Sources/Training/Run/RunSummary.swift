/// A run's outcome, as it stands in `summary.json`.
public struct RunSummary: Sendable, Equatable, Codable {
  /// The share of the test set that was classified rightly after the last step, 0…1; `nil` where a number is asked for.
  public var testAccuracy: Double?
  /// How far the estimates on the test set are off after the last step, where a number is asked for.
  public var testError: NumberEvaluation?
  /// The share of the training set that networks classified rightly which had not learned from it, 0…1; `nil` without
  /// cross-validation.
  public var crossValidatedAccuracy: Double?
  /// Seconds spent in training, all epochs together.
  public var trainSeconds: Double
  /// Seconds spent in training in each epoch.
  public var epochSeconds: [Double]
  /// Epochs trained.
  public var epochs: Int
  /// The run's seed.
  public var seed: UInt64
  /// Threads used.
  public var threads: Int
  /// The most memory that the process had resident, in bytes.
  public var peakResidentBytes: Int
  /// The version of Unroll.
  public var version: String

  enum CodingKeys: String, CodingKey {
    case testAccuracy = "test_accuracy"
    case testError = "test_error"
    case crossValidatedAccuracy = "cross_validated_accuracy"
    case trainSeconds = "train_seconds"
    case epochSeconds = "epoch_seconds"
    case peakResidentBytes = "peak_resident_bytes"
    case epochs, seed, threads, version
  }

  /// A summary from its parts.
  public init(
    testAccuracy: Double?, error: NumberEvaluation?, crossValidatedAccuracy: Double? = nil, epochSeconds: [Double],
    seed: UInt64, threads: Int, peakResidentBytes: Int
  ) {
    self.testAccuracy = testAccuracy
    testError = error
    self.crossValidatedAccuracy = crossValidatedAccuracy
    trainSeconds = epochSeconds.reduce(0, +)
    self.epochSeconds = epochSeconds
    epochs = epochSeconds.count
    self.seed = seed
    self.threads = threads
    self.peakResidentBytes = peakResidentBytes
    version = unrollVersion
  }
}

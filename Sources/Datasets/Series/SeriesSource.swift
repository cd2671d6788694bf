/// Where one's own sequences are, and how they are to be read: all that is needed to find the same training and test sets
/// again. A model file carries it.
public struct SeriesSource: Sendable, Hashable, Codable {
  /// The file with the training sequences, or with both parts.
  public var train: String
  /// The file with the test sequences; `nil` if they are in the same file.
  public var test: String?
  /// Whether each sequence is to be answered with a number, and not with a class.
  public var asksForNumber: Bool
  /// The share of the sequences that are set apart for the test set where no file has them, above 0 and below 1.
  public var testShare: Double
  /// What that draw depends on.
  public var seed: UInt64

  /// A source from its parts.
  public init(
    train: String, test: String? = nil, asksForNumber: Bool = false, testShare: Double = 0.2, seed: UInt64 = 1
  ) {
    self.train = train
    self.test = test
    self.asksForNumber = asksForNumber
    self.testShare = testShare
    self.seed = seed
  }
}

/// One's own sequences, in two parts.
public struct SeriesDataset: Sendable {
  /// What is learned from.
  public let train: LabeledSequences
  /// What is examined on.
  public let test: LabeledSequences
  /// All classes, in the order in which the files declare them or else by name; `nil` where a number is asked for.
  public let classes: [String]?

  /// What is asked about each sequence: its class, or a number on the scale of those of `rows` of the training set.
  public func target(learnedFrom rows: [Int]) -> SequenceTarget {
    if let classes { return .classes(classes) }
    guard case .numbers(let all) = train.targets else { return .number(mean: 0, deviation: 1) }
    let numbers = rows.map { Double(all[$0]) }
    let mean = numbers.reduce(0, +) / Double(max(1, numbers.count))
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, numbers.count))
    let deviation = Float(variance.squareRoot())
    return .number(mean: Float(mean), deviation: deviation.isNormal ? deviation : 1)
  }
}

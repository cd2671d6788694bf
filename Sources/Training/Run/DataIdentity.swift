import Datasets

/// What tells one training set from another: a run goes on only with the data that it began with.
public struct DataIdentity: Sendable, Equatable, Codable, CustomStringConvertible {
  /// The number of sequences.
  public let sequences: Int
  /// Steps of each sequence.
  public let steps: Int
  /// Features of each step.
  public let features: Int
  /// Of pixels and labels; see `SequenceData.checksum`.
  public let checksum: UInt64

  /// The identity of `data`.
  public init(of data: SequenceData) {
    sequences = data.count
    steps = data.steps
    features = data.features
    checksum = data.checksum
  }

  /// For example "60000 sequences of 28×28 numbers (checksum 1f)".
  public var description: String {
    "\(sequences) sequences of \(steps)×\(features) numbers (checksum \(String(checksum, radix: 16)))"
  }
}

import Tensors

/// Sequences that are read together, and what they are to be answered with.
public struct SequenceBatch: Sendable {
  /// [batch, steps, features]; steps are those of the longest sequence, and zero beyond each one's end.
  public let sequences: Tensor
  /// What each sequence is to be answered with: its class, [batch] of `int32`; or, where a number is asked for, the
  /// network's right output, [batch] of `float32`.
  public let targets: Tensor
  /// The steps of each sequence; `nil` if all have all of them.
  public let lengths: [Int]?

  /// A batch from its parts.
  public init(sequences: Tensor, targets: Tensor, lengths: [Int]? = nil) {
    self.sequences = sequences
    self.targets = targets
    self.lengths = lengths
  }
}

import Tensors

/// Which training sequences were set apart for validation: enough to find them again later.
public struct ValidationSplit: Sendable, Hashable, Codable {
  /// How many.
  public let count: Int
  /// The seed that they were drawn with: the run's, or that of its plan for this.
  public let seed: UInt64

  /// So many sequences, drawn with a seed.
  ///
  /// - Precondition: `count` is not negative.
  public init(count: Int, seed: UInt64) {
    precondition(count >= 0, "\(count) sequences for validation")
    self.count = count
    self.seed = seed
  }

  /// The rows of a training set, cut in two.
  ///
  /// - Parameter total: Sequences of the training set, at least `count`.
  /// - Returns: The rows set apart, as they were drawn, and those that are learned from.
  public func rows(of total: Int) -> (validation: [Int], training: [Int]) {
    precondition(count <= total, "\(count) of \(total) sequences for validation")
    var random = RandomGenerator(seed: seed).stream(.validation)
    let rows = count == 0 ? Array(0..<total) : random.permutation(count: total)
    return (Array(rows.prefix(count)), Array(rows.dropFirst(count)))
  }
}

extension TrainingPlan {
  /// Which sequences are set apart; none where the plan says 0.
  public var validation: ValidationSplit { ValidationSplit(count: validationCount, seed: validationSeed ?? seed) }
}

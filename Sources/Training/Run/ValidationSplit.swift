import Tensors

/// Which training sequences were set apart for validation: enough to find them again later.
public struct ValidationSplit: Sendable, Hashable, Codable {
  /// How many.
  public let count: Int
  /// The seed that they were drawn with: the run's, or that of its plan for this.
  public let seed: UInt64
  /// Of how many training sequences: of another number, others are drawn. `nil`: not known.
  public let total: Int?

  /// So many sequences, drawn with a seed.
  ///
  /// - Precondition: `count` is not negative, and below `total`.
  public init(count: Int, seed: UInt64, total: Int? = nil) {
    precondition(
      count >= 0 && total.map { count < $0 } ?? true,
      "\(count) of \(total.map(String.init) ?? "unknown") sequences for validation")
    self.count = count
    self.seed = seed
    self.total = total
  }

  /// The rows of a training set, cut in two.
  ///
  /// - Parameter total: Sequences of the training set: the number that the split was of where that is known, else at least
  ///   `count`.
  /// - Returns: The rows set apart, as they were drawn, and those that are learned from.
  public func rows(of total: Int) -> (validation: [Int], training: [Int]) {
    precondition(
      count <= total && (self.total ?? total) == total,
      "\(count) of \(total) sequences for validation, drawn from \(self.total ?? total)")
    var random = RandomGenerator(seed: seed).stream(.validation)
    let rows = count == 0 ? Array(0..<total) : random.permutation(count: total)
    return (Array(rows.prefix(count)), Array(rows.dropFirst(count)))
  }
}

extension TrainingPlan {
  /// Which sequences are set apart of any training set; none where the plan says 0.
  public var validation: ValidationSplit { ValidationSplit(count: validationCount, seed: validationSeed ?? seed) }

  /// Which sequences are set apart of a training set of `total`, more than `validationCount`.
  public func validation(of total: Int) -> ValidationSplit {
    ValidationSplit(count: validationCount, seed: validationSeed ?? seed, total: total)
  }
}

import Tensors

/// Which training sequences were set apart for validation: enough to find them again later.
public struct ValidationSplit: Sendable, Hashable, Codable {
  /// How many.
  public let count: Int
  /// Of how many training sequences: of another number, others are drawn.
  public let total: Int
  /// The seed that they were drawn with: the run's, or that of its plan for this.
  public let seed: UInt64

  /// So many sequences of a training set, drawn with a seed.
  ///
  /// - Precondition: `count` is from 0 to `total`.
  public init(count: Int, of total: Int, seed: UInt64) {
    precondition((0...max(0, total)).contains(count), "\(count) of \(total) sequences for validation")
    self.count = count
    self.total = total
    self.seed = seed
  }

  /// The rows of the training set, cut in two: those set apart, as they were drawn, and those that are learned from.
  public var rows: (validation: [Int], training: [Int]) {
    var random = RandomGenerator(seed: seed).stream(.validation)
    let rows = count == 0 ? Array(0..<total) : random.permutation(count: total)
    return (Array(rows.prefix(count)), Array(rows.dropFirst(count)))
  }
}

extension TrainingPlan {
  /// Which sequences are set apart of a training set of `total`, at least `validationCount`.
  public func validation(of total: Int) -> ValidationSplit {
    ValidationSplit(count: validationCount, of: total, seed: validationSeed ?? seed)
  }
}

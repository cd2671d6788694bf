import Datasets
import Tensors

/// Which training sequences were set apart for validation: enough to find them again later.
public struct ValidationSplit: Sendable, Hashable, Codable {
  /// How many.
  public let count: Int
  /// Of how many training sequences: of another number, others are drawn.
  public let total: Int
  /// The seed that they were drawn with: the run's, or that of its plan for this.
  public let seed: UInt64
  /// Whether each class has the same share of them as of all, as closely as whole numbers allow. `nil`: no.
  public let isStratified: Bool?

  /// So many sequences of a training set, drawn with a seed.
  ///
  /// - Precondition: `count` is from 0 to `total`.
  public init(count: Int, of total: Int, seed: UInt64, isStratified: Bool = false) {
    precondition((0...max(0, total)).contains(count), "\(count) of \(total) sequences for validation")
    self.count = count
    self.total = total
    self.seed = seed
    self.isStratified = isStratified ? true : nil
  }

  enum CodingKeys: String, CodingKey {
    case count, total, seed
    case isStratified = "stratified"
  }

  /// The rows of the training set, cut in two: those set apart, as they were drawn, and those that are learned from.
  ///
  /// - Parameter labels: The class of each sequence; needed by a stratified split alone, which is a plain one without.
  /// - Returns: The rows of both.
  public func rows(labels: [Int]) -> (validation: [Int], training: [Int]) {
    var random = RandomGenerator(seed: seed).stream(.validation)
    let rows = count == 0 ? Array(0..<total) : random.permutation(count: total)
    if isStratified ?? false, count > 0, labels.count == total {
      let parts = stratified(rows, labels: labels, first: count)
      return (parts.first, parts.rest)
    }
    return (Array(rows.prefix(count)), Array(rows.dropFirst(count)))
  }
}

extension TrainingPlan {
  /// Which sequences are set apart of a training set of `total`, at least `validationCount`.
  public func validation(of total: Int) -> ValidationSplit {
    ValidationSplit(
      count: validationCount, of: total, seed: validationSeed ?? seed, isStratified: isStratified ?? false)
  }
}

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
  public func rows(labels: [Int]) -> (validation: [Int], training: [Int]) {
    var random = RandomGenerator(seed: seed).stream(.validation)
    var rows = count == 0 ? Array(0..<total) : random.permutation(count: total)
    if isStratified ?? false, count > 0, labels.count == total {
      rows = stratified(rows, labels: labels, first: count)
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

/// The same rows in another order: among the first `first` each class has its share, by the method of largest remainders.
/// Otherwise the order stays.
///
/// - Parameters:
///   - rows: All rows, in random order.
///   - labels: The class of each row.
///   - first: How many are set apart.
func stratified(_ rows: [Int], labels: [Int], first count: Int) -> [Int] {
  let ofClass = Dictionary(grouping: rows) { labels[$0] }
  let shares = ofClass.map { label, rows in
    (label: label, share: Double(rows.count) * Double(count) / Double(labels.count))
  }
  var quotas = Dictionary(uniqueKeysWithValues: shares.map { ($0.label, Int($0.share)) })
  let byRemainder = shares.sorted {
    ($0.share - $0.share.rounded(.down), $1.label) > ($1.share - $1.share.rounded(.down), $0.label)
  }
  for (label, _) in byRemainder.prefix(count - quotas.values.reduce(0, +)) { quotas[label, default: 0] += 1 }
  let isFirst = rows.map { row in
    let label = labels[row], left = quotas[label] ?? 0
    quotas[label] = left - 1
    return left > 0
  }
  return zip(rows, isFirst).filter(\.1).map(\.0) + zip(rows, isFirst).filter { !$0.1 }.map(\.0)
}

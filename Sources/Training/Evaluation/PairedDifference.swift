/// How far apart two classifiers are that have answered the same questions.
///
/// Where both are right or both are wrong, nothing is learned about their difference; what counts is where one alone is
/// right (McNemar 1947, "Note on the sampling error of the difference between correlated proportions or percentages"). So
/// the difference of two good networks is known several times better than either's accuracy.
public struct PairedDifference: Sendable, Hashable, Codable {
  /// The number of questions.
  public let count: Int
  /// Questions that the first alone answered rightly.
  public let onlyFirst: Int
  /// Questions that the second alone answered rightly.
  public let onlySecond: Int

  enum CodingKeys: String, CodingKey {
    case count
    case onlyFirst = "only_first"
    case onlySecond = "only_second"
  }

  /// The difference of a first classifier to a second, from whether each question was answered rightly.
  ///
  /// - Precondition: Both have answered as many questions.
  public init(_ first: [Bool], _ second: [Bool]) {
    precondition(
      first.count == second.count, "\(first.count) and \(second.count) answers are not of the same questions")
    let pairs = zip(first, second)
    count = first.count
    onlyFirst = pairs.count { $0 && !$1 }
    onlySecond = pairs.count { !$0 && $1 }
  }

  /// Whether there can be such answers: what is read from a file must not trap later.
  package var isSound: Bool {
    (0...max(0, count)).contains(onlyFirst) && (0...max(0, count - max(0, onlyFirst))).contains(onlySecond)
  }

  /// The first's accuracy minus the second's.
  public var value: Double { Double(onlyFirst - onlySecond) / Double(max(1, count)) }

  /// The standard error of `value`.
  public var standardError: Double {
    let n = Double(max(1, count)), difference = Double(onlyFirst - onlySecond)
    return (Double(onlyFirst + onlySecond) - difference * difference / n).squareRoot() / n
  }

  /// The 95 % confidence interval of `value`, by the normal distribution.
  public var interval: (low: Double, high: Double) {
    let spread = 1.959963984540054 * standardError
    return (value - spread, value + spread)
  }

  /// Whether the first is better by more than two standard errors.
  public var favorsFirstBeyondNoise: Bool { value > 0 && value > 2 * standardError }
}

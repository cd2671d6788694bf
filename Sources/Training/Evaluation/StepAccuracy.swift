import Foundation

/// How good a classifier's answer is after a number of steps.
public struct StepAccuracy: Sendable, Equatable, Codable {
  /// How many steps of the sequence were read.
  public let step: Int
  /// The share of right answers, 0…1.
  public let accuracy: Double
  /// The lower end of the 95 % confidence interval of the accuracy (Wilson 1927).
  public let low: Double
  /// The upper end.
  public let high: Double
  /// The mean probability that the network gave to its own answer.
  public let confidence: Double
  /// The mean cross-entropy, in nats.
  public let crossEntropy: Double

  enum CodingKeys: String, CodingKey {
    case step, accuracy, low, high, confidence
    case crossEntropy = "cross_entropy"
  }
}

extension [StepAccuracy] {
  /// A table with a row for each step, numbers with six decimals.
  public var csv: String {
    let header = "step,accuracy,low,high,confidence,cross_entropy\n"
    return reduce(into: header) { text, row in
      let numbers = [row.accuracy, row.low, row.high, row.confidence, row.crossEntropy]
      text += ([String(row.step)] + numbers.map { String(format: "%.6f", $0) }).joined(separator: ",") + "\n"
    }
  }
}

/// The 95 % confidence interval of a share (Wilson 1927, "Probable inference, the law of succession, and statistical
/// inference").
public func wilsonInterval(successes: Int, of count: Int) -> (low: Double, high: Double) {
  guard count > 0 else { return (0, 1) }
  let z = 1.959963984540054, n = Double(count), p = Double(successes) / n
  let center = p + z * z / (2 * n)
  let spread = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
  let scale = 1 + z * z / n
  return (max(0, (center - spread) / scale), min(1, (center + spread) / scale))
}

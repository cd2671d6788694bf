import Foundation

/// The contestants of a ceiling study after a number of steps.
public struct CeilingRow: Sendable, Equatable, Encodable {
  /// How good a network is on the test set and on the validation sequences.
  public struct Accuracy: Sendable, Equatable, Encodable {
    /// The share of right answers on the test set, 0…1, and the ends of its 95 % interval (Wilson 1927).
    public let test, low, high: Double
    /// The share of right answers on the validation sequences that the network was chosen by.
    public let validation: Double

    /// From the answers on the test set, and the trial that the network was chosen by.
    init(_ right: [Bool], validation trial: CeilingTrial, at index: Int) {
      let correct = right.count { $0 }
      test = Double(correct) / Double(right.count)
      (low, high) = wilsonInterval(successes: correct, of: right.count)
      validation = Double(trial.right[index]) / Double(trial.count)
    }
  }

  /// How many steps were read.
  public let step: Int
  /// The one anytime network.
  public let anytime: Accuracy
  /// The network trained for this number of steps alone.
  public let specialist: Accuracy
  /// The network trained for the answer after the last step alone.
  public let lastStep: Accuracy
  /// The anytime network compared with the specialist, on the test set.
  public let difference: PairedDifference
  /// The specialist's learning rate, chosen by the validation sequences.
  public let learningRate: Double
  /// With how many seeds the specialist was trained: more than 1 where it trailed the anytime network.
  public let attempts: Int

  enum CodingKeys: String, CodingKey {
    case step, anytime, specialist, attempts
    case lastStep = "last_step"
    case difference
    case differenceLow = "difference_low"
    case differenceHigh = "difference_high"
    case learningRate = "learning_rate"
  }

  /// The difference as a number, with the ends of its 95 % interval.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(step, forKey: .step)
    try container.encode(anytime, forKey: .anytime)
    try container.encode(specialist, forKey: .specialist)
    try container.encode(lastStep, forKey: .lastStep)
    try container.encode(difference.value, forKey: .difference)
    try container.encode(difference.interval.low, forKey: .differenceLow)
    try container.encode(difference.interval.high, forKey: .differenceHigh)
    try container.encode(learningRate, forKey: .learningRate)
    try container.encode(attempts, forKey: .attempts)
  }
}

extension [CeilingRow] {
  /// The row where the anytime network is furthest behind its specialist, or ahead by least.
  public var worst: CeilingRow? { self.min { $0.difference.value < $1.difference.value } }

  /// A table with a row for each number of steps, shares with six decimals. The difference is the anytime network's accuracy
  /// minus the specialist's.
  public var csv: String {
    let contestants = ["anytime", "last_step", "specialist"]
    let columns = contestants.flatMap { name in ["", "_low", "_high", "_validation"].map { name + $0 } }
    let header = ["step"] + columns + ["difference", "difference_low", "difference_high", "learning_rate", "attempts"]
    return reduce(into: header.joined(separator: ",") + "\n") { text, row in
      let shares =
        [row.anytime, row.lastStep, row.specialist].flatMap { [$0.test, $0.low, $0.high, $0.validation] }
        + [row.difference.value, row.difference.interval.low, row.difference.interval.high]
      let cells =
        ["\(row.step)"] + shares.map { String(format: "%.6f", $0) } + ["\(Float(row.learningRate))", "\(row.attempts)"]
      text += cells.joined(separator: ",") + "\n"
    }
  }
}

/// Who takes part in a ceiling study.
public enum CeilingContestant: Sendable, Hashable {
  /// The one network that is to be as good as each specialist.
  case anytime
  /// A network trained for the answer after so many steps alone. That for all steps is last-step training.
  case specialist(steps: Int)
}

extension CeilingContestant: RawRepresentable, Codable {
  private static let prefix = "specialist-"

  /// "anytime", or "specialist-7".
  public var rawValue: String {
    switch self {
    case .anytime: "anytime"
    case .specialist(let steps): "\(Self.prefix)\(steps)"
    }
  }

  /// The contestant of that name; `nil` if there is none.
  public init?(rawValue: String) {
    if rawValue == "anytime" {
      self = .anytime
    } else if rawValue.hasPrefix(Self.prefix), let steps = Int(rawValue.dropFirst(Self.prefix.count)), steps > 0 {
      self = .specialist(steps: steps)
    } else {
      return nil
    }
  }
}

/// A network that a contestant may be represented by.
public struct CeilingCandidate: Sendable, Hashable, Codable {
  /// Whom it stands for.
  public let contestant: CeilingContestant
  /// What it is trained with.
  public let learningRate: Float
  /// What it is trained with, too.
  public let seed: UInt64

  enum CodingKeys: String, CodingKey {
    case contestant, seed
    case learningRate = "learning_rate"
  }

  /// A candidate from its parts.
  public init(contestant: CeilingContestant, learningRate: Float, seed: UInt64) {
    self.contestant = contestant
    self.learningRate = learningRate
    self.seed = seed
  }
}

/// A candidate that was trained, and how good it is on the validation sequences: a line of `ceiling.jsonl`.
public struct CeilingTrial: Sendable, Equatable, Codable {
  /// What was trained.
  public let candidate: CeilingCandidate
  /// The number of validation sequences.
  public let count: Int
  /// How many of them were classified rightly, after each number of steps that the contestant is asked for. Empty if
  /// training diverged.
  public let right: [Int]
  /// For a specialist: the anytime network compared with it, on the validation sequences after its number of steps.
  public let difference: PairedDifference?
  /// Seconds that training took.
  public let seconds: Double

  /// A trial from its parts.
  public init(candidate: CeilingCandidate, count: Int, right: [Int], difference: PairedDifference?, seconds: Double) {
    self.candidate = candidate
    self.count = count
    self.right = right
    self.difference = difference
    self.seconds = seconds
  }

  /// What it is chosen by: the validation accuracy after a specialist's own number of steps, the mean of those of the
  /// anytime network. 0 if training diverged.
  public var score: Double {
    guard let last = right.last, count > 0 else { return 0 }
    switch candidate.contestant {
    case .specialist: return Double(last) / Double(count)
    case .anytime: return Double(right.reduce(0, +)) / Double(right.count * count)
    }
  }

  /// Whether the anytime network is better by more than noise: two standard errors of the paired difference.
  public var isBehindAnytime: Bool { difference?.favorsFirstBeyondNoise ?? false }
}

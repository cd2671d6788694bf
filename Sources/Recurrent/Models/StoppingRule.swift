/// When a network has read enough of a sequence to answer.
///
/// After each step a rule has a score, and it stops at the first whose score is at least its threshold; after the last
/// step it stops anyway. A higher threshold reads more.
public enum StoppingRule: Sendable, Hashable {
  /// When the largest probability is at least this.
  case confidence(Float)
  /// When the largest probability is at least this much above the next.
  case margin(Float)
  /// When the answer has been the same for so many steps in a row.
  case patience(Int)
  /// When a regression on these and other signs says that reading on would not help.
  case learned(LearnedStoppingRule)

  /// What a rule goes by.
  public enum Family: String, Sendable, CaseIterable, Codable {
    /// The largest probability.
    case confidence
    /// The difference of the two largest.
    case margin
    /// How long the answer has stood.
    case patience
    /// A regression on these and other signs.
    case learned
  }

  /// What the rule goes by.
  public var family: Family {
    switch self {
    case .confidence: .confidence
    case .margin: .margin
    case .patience: .patience
    case .learned: .learned
    }
  }

  /// What a score is held against.
  public var threshold: Double {
    switch self {
    case .confidence(let threshold), .margin(let threshold): Double(threshold)
    case .patience(let steps): Double(steps)
    case .learned(let rule): rule.threshold
    }
  }

  /// The same rule with another threshold, a finite number; for `patience`, of whole steps, the next greater from 0 to 2³¹,
  /// more than any sequence has.
  public func withThreshold(_ threshold: Double) -> StoppingRule {
    switch self {
    case .confidence: return .confidence(Float(threshold))
    case .margin: return .margin(Float(threshold))
    case .patience: return .patience(Int(min(max(threshold.rounded(.up), 0), 0x1p31)))
    case .learned(var rule):
      rule.threshold = threshold
      return .learned(rule)
    }
  }

  /// How much speaks for stopping. It does not depend on the threshold.
  public func score(_ state: StoppingState) -> Double {
    switch self {
    case .confidence: Double(state.confidence)
    case .margin: Double(state.confidence - state.runnerUp)
    case .patience: Double(state.standing)
    case .learned(let rule): rule.probability(state)
    }
  }

  /// Whether the rule stops here: its score is high enough, or nothing is left to read. Never before the first step.
  public func stops(_ state: StoppingState) -> Bool {
    state.stepsRead > 0 && (state.isAtEnd || score(state) >= threshold)
  }
}

/// In JSON: `{"rule": "confidence", "threshold": 0.97}`, and for a learned one also `"weights"` and `"steps"`.
extension StoppingRule: Codable {
  private enum CodingKeys: String, CodingKey { case rule, threshold, weights, steps }

  /// Writes the rule.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(family, forKey: .rule)
    switch self {
    case .confidence(let threshold), .margin(let threshold): try values.encode(threshold, forKey: .threshold)
    case .patience(let steps): try values.encode(steps, forKey: .threshold)
    case .learned(let rule):
      try values.encode(rule.threshold, forKey: .threshold)
      try values.encode(rule.weights, forKey: .weights)
      try values.encode(rule.steps, forKey: .steps)
    }
  }

  /// Reads a rule.
  ///
  /// - Throws: `DecodingError` if a key is missing, or a learned rule is for sequences without steps.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    switch try values.decode(Family.self, forKey: .rule) {
    case .confidence: self = .confidence(try values.decode(Float.self, forKey: .threshold))
    case .margin: self = .margin(try values.decode(Float.self, forKey: .threshold))
    case .patience: self = .patience(try values.decode(Int.self, forKey: .threshold))
    case .learned:
      let steps = try values.decode(Int.self, forKey: .steps)
      guard steps >= 1 else {
        throw DecodingError.dataCorruptedError(forKey: .steps, in: values, debugDescription: "\(steps) steps")
      }
      self = .learned(
        LearnedStoppingRule(
          weights: try values.decode(SIMD8<Double>.self, forKey: .weights),
          threshold: try values.decode(Double.self, forKey: .threshold), steps: steps))
    }
  }
}

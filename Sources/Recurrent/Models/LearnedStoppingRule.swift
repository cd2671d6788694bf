import Foundation

/// Logistic regression on what is known after a step: how probable it is that reading on would not help, that is, that
/// the answer is right by now, or will not be right at the end either.
///
/// Fitted on sequences that the network has not learned from; see `AnswerTrace.learnedRule(penalty:)`.
public struct LearnedStoppingRule: Sendable, Hashable {
  /// What the features count for; see `features(of:steps:)`.
  public let weights: SIMD8<Double>
  /// The rule stops once the probability is at least this.
  public var threshold: Double
  /// How many steps a sequence has.
  public let steps: Int

  /// A rule from its parts.
  ///
  /// - Parameters:
  ///   - weights: What the features count for.
  ///   - threshold: How probable it must be that reading on would not help.
  ///   - steps: How many steps a sequence has, at least 1.
  public init(weights: SIMD8<Double>, threshold: Double, steps: Int) {
    precondition(steps >= 1, "a rule for sequences of \(steps) steps")
    self.weights = weights
    self.threshold = threshold
    self.steps = steps
  }

  /// How probable it is that reading on would not help, 0…1.
  public func probability(_ state: StoppingState) -> Double {
    1 / (1 + exp(-(weights * Self.features(of: state, steps: steps)).sum()))
  }

  /// What the regression sees after a step, in this order: 1; the logarithm of the odds of the answer; that of its odds
  /// against the next best class; the entropy in nats; the logarithm of the number of steps that the answer has stood; the
  /// share r of the sequence that has been read; r²; r times the logarithm of the answer's odds.
  ///
  /// - Parameters:
  ///   - state: After at least one step.
  ///   - steps: How many steps a sequence has.
  /// - Returns: The features; logarithms of odds are kept below 20, for a probability may round to 0.
  public static func features(of state: StoppingState, steps: Int) -> SIMD8<Double> {
    func logOdds(against other: Float) -> Double {
      let odds = log(Double(state.confidence)) - log(Double(other))
      return odds.isNaN ? 0 : min(max(odds, -20), 20)
    }
    let share = Double(state.stepsRead) / Double(steps), odds = logOdds(against: state.doubt)
    return SIMD8(
      1, odds, logOdds(against: state.runnerUp), state.entropy, log(Double(max(1, state.standing))), share,
      share * share, share * odds)
  }
}

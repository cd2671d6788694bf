import Foundation
import Recurrent

/// Rules for stopping early side by side: thresholds are chosen on sequences set apart from training, and what they are
/// worth is told on others.
public struct StoppingComparison: Sendable {
  /// One family of rules, or a yardstick.
  public struct Entry: Sendable {
    /// The family's name, "fixed" or "oracle".
    public let name: String
    /// The rule with the chosen threshold; `nil` for a yardstick, or where no threshold reaches the accuracy.
    public let rule: StoppingRule?
    /// All thresholds on the validation sequences, and the same on the test sequences.
    public let validation, test: [StoppingPoint]
    /// Which of the thresholds is chosen: the one that reads least of the validation sequences among those that reach the
    /// target accuracy on them. `nil` if none reaches it.
    public let choice: Int?
  }

  /// The accuracy on the validation sequences that a rule has to reach.
  public let targetAccuracy: Double
  /// What was compared, in the order of `StoppingRule.Family`.
  public let rules: [Entry]
  /// Yardstick: every sequence is stopped after the same number of steps.
  public let fixed: Entry
  /// Bound: knows the labels; see `AnswerTrace.oracleCurve()`.
  public let oracle: Entry
  /// The one of `rules` that reads least of the validation sequences; `nil` if none reaches the target accuracy.
  public let best: Entry?

  /// What a rule may lose on validation sequences against reading everything, if no target is given: half a point.
  public static let tolerance = 0.005

  /// Compares rules.
  ///
  /// - Parameters:
  ///   - families: What the rules go by.
  ///   - validation: Sequences that the network has not learned from; rules are fitted and chosen on them.
  ///   - test: Other sequences, of as many steps.
  ///   - targetAccuracy: What has to be reached on the validation sequences, 0…1; by default what reading everything
  ///     reaches, less `tolerance`.
  public init(
    of families: [StoppingRule.Family] = StoppingRule.Family.allCases, validation: AnswerTrace, test: AnswerTrace,
    targetAccuracy: Double? = nil
  ) {
    precondition(
      validation.steps == test.steps, "validation sequences of \(validation.steps) steps, test of \(test.steps)")
    let target = targetAccuracy ?? validation.accuracies[validation.steps - 1] - Self.tolerance
    self.targetAccuracy = target
    rules = families.map { family in
      let rule = validation.fitted(family), thresholds = validation.thresholds(for: rule)
      let curve = validation.curve(of: rule, thresholds: thresholds), choice = curve.cheapest(reaching: target)
      return Entry(
        name: family.rawValue, rule: choice.map { rule.withThreshold(thresholds[$0]) }, validation: curve,
        test: test.curve(of: rule, thresholds: thresholds), choice: choice)
    }
    func yardstick(_ name: String, _ curve: (AnswerTrace) -> [StoppingPoint]) -> Entry {
      let points = curve(validation)
      return Entry(
        name: name, rule: nil, validation: points, test: curve(test), choice: points.cheapest(reaching: target))
    }
    fixed = yardstick("fixed") { $0.fixedCurve() }
    oracle = yardstick("oracle") { $0.oracleCurve() }
    let reaching = rules.filter { $0.choice != nil }
    best = reaching.min { ($0.onValidation?.earliness ?? 1) < ($1.onValidation?.earliness ?? 1) }
  }
}

extension StoppingComparison.Entry {
  /// What the chosen threshold gives on the validation sequences.
  public var onValidation: StoppingPoint? { choice.map { validation[$0] } }
  /// What it gives on the test sequences.
  public var onTest: StoppingPoint? { choice.map { test[$0] } }
}

extension AnswerTrace {
  /// A rule of a family, fitted to these sequences where there is something to fit; its threshold is still to be chosen.
  fileprivate func fitted(_ family: StoppingRule.Family) -> StoppingRule {
    switch family {
    case .confidence: .confidence(1)
    case .margin: .margin(1)
    case .patience: .patience(steps)
    case .learned: learnedRule()
    }
  }
}

extension StoppingComparison {
  /// A table with a row for each threshold of each rule and yardstick, on validation and test sequences.
  public var csv: String {
    var text = "split,rule,threshold,accuracy,earliness,harmonic_mean\n"
    for entry in rules + [fixed, oracle] {
      for (split, points) in [("validation", entry.validation), ("test", entry.test)] {
        for point in points {
          let numbers = [point.accuracy, point.earliness, point.harmonicMean].map { String(format: "%.6f", $0) }
          // Enough digits to give the very threshold back.
          text += ([split, entry.name, "\(point.threshold)"] + numbers).joined(separator: ",") + "\n"
        }
      }
    }
    return text
  }
}

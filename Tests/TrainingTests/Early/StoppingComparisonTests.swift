import Foundation
import Recurrent
import Testing
import Training

@Suite("Rules side by side")
struct StoppingComparisonTests {
  private let validation = AnswerTrace(of: randomAnswers(count: 500, seed: 1), temperatures: nil)
  private let test = AnswerTrace(of: randomAnswers(count: 400, seed: 2), temperatures: nil)

  @Test func choicesAreMadeOnValidationAndToldOnTest() throws {
    let comparison = StoppingComparison(validation: validation, test: test)
    #expect(comparison.targetAccuracy == validation.accuracies[7] - 0.005)
    #expect(comparison.rules.map(\.name) == ["confidence", "margin", "patience", "learned"])
    for entry in comparison.rules {
      let rule = try #require(entry.rule), chosen = try #require(entry.onValidation)
      #expect(chosen == validation.point(of: rule) && entry.onTest == test.point(of: rule))
      #expect(chosen.accuracy >= comparison.targetAccuracy && chosen.earliness < 1)
      let others = entry.validation.filter { $0.accuracy >= comparison.targetAccuracy }
      #expect(others.allSatisfy { $0.earliness >= chosen.earliness })
      #expect(zip(entry.validation, entry.test).allSatisfy { $0.threshold == $1.threshold })
    }
    let best = try #require(comparison.best)
    #expect(comparison.rules.allSatisfy { ($0.onValidation?.earliness ?? 1) >= (best.onValidation?.earliness ?? 0) })
    #expect(comparison.fixed.name == "fixed" && comparison.fixed.validation == validation.fixedCurve())
    #expect(comparison.oracle.test == test.oracleCurve())
    let least = try #require(comparison.oracle.onTest), fixed = try #require(comparison.fixed.onTest)
    #expect(least.earliness < (best.onTest?.earliness ?? 0) && (best.onTest?.earliness ?? 1) < fixed.earliness)
  }

  @Test func oneFamilyAndATargetOfOnesOwn() throws {
    let comparison = StoppingComparison(of: [.patience], validation: validation, test: test, targetAccuracy: 0.5)
    #expect(comparison.targetAccuracy == 0.5 && comparison.rules.count == 1)
    #expect(comparison.best?.rule?.family == .patience)
    let strict = StoppingComparison(of: [.margin, .patience], validation: validation, test: test, targetAccuracy: 1)
    #expect(strict.best == nil && strict.rules.allSatisfy { $0.rule == nil && $0.onTest == nil })
  }

  @Test func csvHasEveryPoint() throws {
    let comparison = StoppingComparison(validation: validation, test: test)
    let lines = comparison.csv.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    #expect(lines.first == ["split", "rule", "threshold", "accuracy", "earliness", "harmonic_mean"])
    let entries = comparison.rules + [comparison.fixed, comparison.oracle]
    #expect(lines.count == 1 + entries.reduce(0) { $0 + $1.validation.count + $1.test.count })
    for entry in entries {
      for (split, points) in [("validation", entry.validation), ("test", entry.test)] {
        let own = lines.filter { $0[0] == split && $0[1] == entry.name }
        #expect(own.map { Double($0[2]) } == points.map(\.threshold))
        #expect(own.map { $0[3] } == points.map { String(format: "%.6f", $0.accuracy) })
        #expect(own.map { $0[4] } == points.map { String(format: "%.6f", $0.earliness) })
        #expect(own.map { $0[5] } == points.map { String(format: "%.6f", $0.harmonicMean) })
      }
    }
  }
}

import Testing
import Training

@Suite("Validation split")
struct ValidationSplitTests {
  @Test func findsTheTrainersRowsAgain() throws {
    let plan = smallPlan { ($0.validationCount, $0.seed) = (30, 11) }
    let trainer = try Trainer(plan, data: bars(100).sequences(), outputs: 3)
    let rows = ValidationSplit(count: 30, of: 100, seed: 11).rows(labels: [])
    #expect(rows.validation == trainer.validationRows && rows.training == trainer.trainingRows)
    #expect(ValidationSplit(count: 30, of: 100, seed: 12).rows(labels: []).validation != rows.validation)
  }

  @Test func aPlansSplit() {
    let plan = smallPlan { ($0.validationCount, $0.seed) = (30, 11) }
    #expect(plan.validation(of: 100) == ValidationSplit(count: 30, of: 100, seed: 11))
    #expect(
      plan.validation(of: 101).rows(labels: []).validation != plan.validation(of: 100).rows(labels: []).validation)
    var other = plan
    other.validationSeed = 5
    #expect(other.validation(of: 100) == ValidationSplit(count: 30, of: 100, seed: 5))
  }

  /// Published runs depend on these numbers.
  @Test func drawsTheSameForEver() {
    #expect(ValidationSplit(count: 5, of: 12, seed: 1).rows(labels: []).validation == [5, 11, 2, 10, 8])
  }

  /// 60, 30 and 10 sequences of three classes: a tenth of each, and where that is no whole number, as close as can be.
  @Test func stratifiedSplitsHaveEachClassesShare() {
    let labels = (0..<100).map { $0 % 10 < 6 ? 0 : $0 % 10 < 9 ? 1 : 2 }
    for (count, expected) in [(10, [6, 3, 1]), (20, [12, 6, 2]), (5, [3, 2, 0]), (100, [60, 30, 10])] {
      let split = ValidationSplit(count: count, of: 100, seed: 4, isStratified: true).rows(labels: labels)
      let found = (0..<3).map { label in split.validation.count { labels[$0] == label } }
      #expect(found == expected, "\(count)")
      #expect((split.validation + split.training).sorted() == Array(0..<100))
    }
  }

  @Test func withoutValidationNothingIsDrawn() {
    let rows = ValidationSplit(count: 0, of: 7, seed: 3).rows(labels: [])
    #expect(rows.validation.isEmpty && rows.training == Array(0..<7))
    let all = ValidationSplit(count: 7, of: 7, seed: 3).rows(labels: [])
    #expect(all.training.isEmpty && all.validation.sorted() == Array(0..<7))
  }
}

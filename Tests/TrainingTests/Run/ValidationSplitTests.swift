import Testing
import Training

@Suite("Validation split")
struct ValidationSplitTests {
  @Test func findsTheTrainersRowsAgain() throws {
    let plan = smallPlan { ($0.validationCount, $0.seed) = (30, 11) }
    let trainer = try Trainer(plan, data: bars(100).sequences(), classes: 3)
    let rows = ValidationSplit(count: 30, of: 100, seed: 11).rows
    #expect(rows.validation == trainer.validationRows && rows.training == trainer.trainingRows)
    #expect(ValidationSplit(count: 30, of: 100, seed: 12).rows.validation != rows.validation)
  }

  @Test func aPlansSplit() {
    let plan = smallPlan { ($0.validationCount, $0.seed) = (30, 11) }
    #expect(plan.validation(of: 100) == ValidationSplit(count: 30, of: 100, seed: 11))
    #expect(plan.validation(of: 101).rows.validation != plan.validation(of: 100).rows.validation)
    var other = plan
    other.validationSeed = 5
    #expect(other.validation(of: 100) == ValidationSplit(count: 30, of: 100, seed: 5))
  }

  /// Published runs depend on these numbers.
  @Test func drawsTheSameForEver() {
    #expect(ValidationSplit(count: 5, of: 12, seed: 1).rows.validation == [5, 11, 2, 10, 8])
  }

  @Test func withoutValidationNothingIsDrawn() {
    let rows = ValidationSplit(count: 0, of: 7, seed: 3).rows
    #expect(rows.validation.isEmpty && rows.training == Array(0..<7))
    let all = ValidationSplit(count: 7, of: 7, seed: 3).rows
    #expect(all.training.isEmpty && all.validation.sorted() == Array(0..<7))
  }
}

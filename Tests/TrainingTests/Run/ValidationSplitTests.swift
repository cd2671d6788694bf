import Testing
import Training

@Suite("Validation split")
struct ValidationSplitTests {
  @Test func findsTheTrainersRowsAgain() throws {
    let plan = smallPlan { ($0.validationCount, $0.seed) = (30, 11) }
    let trainer = try Trainer(plan, data: bars(100).sequences(), classes: 3)
    let rows = ValidationSplit(count: 30, seed: 11).rows(of: 100)
    #expect(rows.validation == trainer.validationRows && rows.training == trainer.trainingRows)
    #expect(ValidationSplit(count: 30, seed: 12).rows(of: 100).validation != rows.validation)
  }

  @Test func aModelsSplitSaysOfHowMany() {
    let plan = smallPlan { ($0.validationCount, $0.seed) = (30, 11) }
    #expect(plan.validation(of: 100) == ValidationSplit(count: 30, seed: 11, total: 100))
    #expect(plan.validation(of: 100).rows(of: 100).validation == plan.validation.rows(of: 100).validation)
    #expect(plan.validation.rows(of: 101).validation != plan.validation.rows(of: 100).validation)
    var other = plan
    other.validationSeed = 5
    #expect(other.validation(of: 100) == ValidationSplit(count: 30, seed: 5, total: 100))
  }

  /// Published runs depend on these numbers.
  @Test func drawsTheSameForEver() {
    #expect(ValidationSplit(count: 5, seed: 1).rows(of: 12).validation == [5, 11, 2, 10, 8])
  }

  @Test func withoutValidationNothingIsDrawn() {
    let rows = ValidationSplit(count: 0, seed: 3).rows(of: 7)
    #expect(rows.validation.isEmpty && rows.training == Array(0..<7))
    let all = ValidationSplit(count: 7, seed: 3).rows(of: 7)
    #expect(all.training.isEmpty && all.validation.sorted() == Array(0..<7))
  }
}

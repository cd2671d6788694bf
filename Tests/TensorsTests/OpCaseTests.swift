import OpCases
import Tensors
import Testing

/// Every op against double precision, on every instruction set, with the same bits for 1, 2 and 3 threads.
@Suite("Ops")
struct OpCaseTests {
  @Test(arguments: OpCase.all)
  func resultsAndGradientsAreThoseOfTheReference(opCase: OpCase) {
    let report = opCase.check(on: Device.forChecking())
    #expect(report.failures.isEmpty)
  }

  /// A budget of a single byte cuts every sequence into segments of about √steps steps, which are computed again on the
  /// way back.
  @Test(arguments: OpCase.recurrents)
  func segmentsGiveTheSameAsTheWhole(opCase: OpCase) {
    let report = opCase.check(on: Device.forChecking(sequenceMemoryBudget: 1))
    #expect(report.failures.isEmpty)
  }

  @Test func namesTellCasesApart() {
    #expect(Set(OpCase.all.map(\.name)).count == OpCase.all.count)
  }
}

import OpCases
import Tensors
import Testing
import _Differentiation

/// The check itself: it must find what is wrong.
@Suite("Checking ops")
struct OpCheckTests {
  private let device = Device(threads: 1)
  private let operands = [Operand("a", [3, 4]), Operand("b", [4])]
  private let product: @Sendable ([Doubles]) -> [Doubles] = { operands in
    [Doubles([3, 4]) { operands[0][$0] * operands[1][broadcast: $0] }]
  }

  @Test func whatIsRightPasses() {
    let report = OpCase("right", operands, op: { [$0[0] * $0[1]] }, reference: product).check(on: [device])
    #expect(report.failures.isEmpty)
    #expect(report.worst.error > 0 && report.worst.error < report.worst.tolerance)
  }

  @Test func aWrongValueIsFound() {
    let report = OpCase("wrong", operands, op: { [$0[0] * $0[1] + $0[1].scaled(by: 1e-5)] }, reference: product)
      .check(on: [device])
    #expect(report.failures.contains { $0.contains("value 0") })
  }

  @Test func aWrongGradientIsFound() {
    // The value of a product, the gradient of nothing: b counts as a constant.
    let op: @Sendable @differentiable(reverse) ([Tensor]) -> [Tensor] = { [$0[0] * withoutDerivative(at: $0[1])] }
    let failures = OpCase("wrong", operands, op: op, reference: product).check(on: [device]).failures
    #expect(failures.count == 1)
    #expect(failures.allSatisfy { $0.contains("gradient of b") })
  }

  @Test func aGradientThatNobodyWantsIsFound() {
    let operands = [Operand("a", [3, 4], isConstant: true), Operand("b", [4])]
    let failures = OpCase("wasteful", operands, op: { [$0[0] * $0[1]] }, reference: product).check(on: [device])
      .failures
    #expect(failures.count == 1)
    #expect(failures.allSatisfy { $0.contains("gradient of a") })
  }

  @Test(arguments: [[.nan], [1, 2], [], [1.1]] as [[Float]])
  func aWrongResultIsFound(floats: [Float]) {
    let opCase = OpCase(
      "wrong", results: { _ in [OpResult("value", floats)] }, expectations: { [Expectation([1], tolerance: 1e-3)] })
    #expect(opCase.check(on: [device]).failures.count == 1)
  }

  @Test func aMissingResultIsFound() {
    let opCase = OpCase("wrong", results: { _ in [] }, expectations: { [Expectation([1], tolerance: 1)] })
    #expect(opCase.check(on: [device]).failures.count == 1)
  }

  @Test func otherBitsOnOtherThreadsAreFound() {
    let opCase = OpCase(
      "unsteady", results: { [OpResult("value", [$0.threads == 2 ? (1 as Float).nextUp : 1])] },
      expectations: { [Expectation([1], tolerance: 1e-3)] })
    let failures = opCase.check(on: Device.forChecking(instructionSets: [.baseline])).failures
    #expect(failures.count == 1)
    #expect(failures.allSatisfy { $0.contains("2 threads") && $0.contains("other bits") })
  }

  @Test func relativeErrorIsThatOfTheNorms() {
    #expect(relativeError(of: [3, 4.5] as [Double], to: [3, 4]) == 0.1)
    #expect(relativeError(of: [0, 0.5] as [Double], to: [0, 0]) == 0.5)
    #expect(relativeError(of: [1] as [Double], to: [1, 1]) == .infinity)
    #expect(relativeError(of: [.nan] as [Double], to: [1]).isNaN)
  }

  @Test func manyElementsAreProbedAlongRandomDirections() {
    // 1,000 elements, one of them wrong by as much as 1 % of the gradient's norm.
    let operands = [Operand("a", [1000])]
    let gradient = operands[0].values.map { 2 * $0 }
    let probes = Probes(
      of: { $0[0].elements.reduce(0) { $0 + $1 * $1 } }, at: operands.map(\.doubles), withRespectTo: 0)
    #expect(probes.error(of: gradient) < 1e-6)
    var wrong = gradient
    wrong[617] += 0.01 * gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect((0.003...0.03).contains(probes.error(of: wrong)))
  }
}

import Recurrent
import Tensors
import Testing
import _Differentiation

@Suite("Gradient clipping")
struct ClipGradNormTests {
  private let paths = Linear(weight: .zeros([1, 1]), bias: .zeros([1])).parameterPaths

  @Test func aLongGradientIsScaledToTheMaximum() {
    var gradient = gradient([3, 0], [4])
    #expect(clipGradNorm(&gradient, paths, maxNorm: 1) == 5)
    for (actual, expected) in zip(gradient.weight.floats + gradient.bias.floats, [0.6, 0, 0.8] as [Float]) {
      #expect(abs(actual - expected) < 1e-6)
    }
  }

  @Test(arguments: [5.1, 1000] as [Float])
  func aShortGradientStaysAsItIs(maxNorm: Float) {
    var gradient = gradient([3, 0], [4])
    #expect(clipGradNorm(&gradient, paths, maxNorm: maxNorm) == 5)
    #expect(gradient.weight.floats == [3, 0])
    #expect(gradient.bias.floats == [4])
  }

  @Test func theSymbolicZeroCountsNothingAndStays() {
    var gradient = Linear.TangentVector(weight: Tensor([2, 0] as [Float], shape: [1, 2]), bias: .zero)
    #expect(clipGradNorm(&gradient, paths, maxNorm: 1) == 2)
    #expect(abs(gradient.weight.floats[0] - 1) < 1e-6)
    #expect(gradient.bias.isSymbolicZero)
  }

  @Test func onlyTheGivenParametersCount() {
    var gradient = gradient([3, 0], [4])
    #expect(clipGradNorm(&gradient, paths.filter { $0.name == "bias" }, maxNorm: 1) == 4)
    #expect(gradient.weight.floats == [3, 0])
    #expect(abs(gradient.bias.floats[0] - 1) < 1e-6)
  }

  @Test(arguments: [Float.nan, .infinity])
  func whatIsNotFiniteIsReportedAndNotScaled(value: Float) {
    var gradient = gradient([value, 2], [4])
    #expect(!clipGradNorm(&gradient, paths, maxNorm: 1).isFinite)
    #expect(gradient.weight.floats[1] == 2)
    #expect(gradient.bias.floats == [4])
  }

  /// Squares of numbers this large are beyond the range of a float.
  @Test func largeNumbersDoNotOverflow() {
    var gradient = gradient([3e25, 0], [4e25])
    #expect(abs(clipGradNorm(&gradient, paths, maxNorm: 1) / 5e25 - 1) < 1e-6)
    #expect(abs(gradient.bias.floats[0] - 0.8) < 1e-6)
  }

  private func gradient(_ weight: [Float], _ bias: [Float]) -> Linear.TangentVector {
    Linear.TangentVector(weight: Tensor(weight, shape: [1, 2]), bias: Tensor(bias))
  }
}

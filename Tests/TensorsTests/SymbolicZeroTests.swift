import Tensors
import Testing
import _Differentiation

/// A gradient that nobody asked for has no memory and costs no arithmetic.
@Suite("Symbolic zero")
struct SymbolicZeroTests {
  // Nothing has been freed on a new device, so every buffer that is taken is a system allocation.
  private let device = Device(threads: 1)
  private var matrix: Tensor { Tensor([1, -2, 3, 4, 5, 6] as [Float], shape: [2, 3], on: device) }

  @Test func itHasNoElements() {
    #expect(Tensor.zero.isSymbolicZero)
    #expect(Tensor.zero.count == 0)
    #expect(Tensor.zero.floats.isEmpty)
    #expect(Tensor.zero.scalar == 0)
    #expect(Tensor.zero == Tensor.zero)
    #expect(Tensor.zero != Tensor(0))
    #expect(!Tensor.zeros([]).isSymbolicZero)
    #expect(Tensor.zero.sumOfSquares() == 0)
  }

  @Test func sumsAndProductsWithItCostNothing() {
    let matrix = matrix
    let before = device.systemAllocations
    #expect((matrix + .zero) == matrix)
    #expect((.zero + matrix) == matrix)
    #expect((matrix - .zero) == matrix)
    for zero in [
      .zero + .zero, .zero - .zero, matrix * .zero, .zero * matrix, matmul(matrix, .zero), matmul(.zero, matrix),
      Tensor.zero.scaled(by: 2), Tensor.zero.reshaped(to: [7]), Tensor.zero.transposed(), Tensor.zero.sum(),
      Tensor.zero.sliced(alongAxis: 3, 1..<2), Tensor.zero.selected(0, alongAxis: 1),
      Tensor.zero.scaled(byMask: matrix),
    ] {
      #expect(zero.isSymbolicZero)
    }
    #expect(device.systemAllocations == before)
  }

  @Test func takenFromItATensorIsNegated() {
    #expect((Tensor.zero - matrix).floats == [-1, 2, -3, -4, -5, -6])
  }

  @Test(arguments: Pullback.all)
  fileprivate func aPullbackHandsItOnForNothing(_ pullback: Pullback) {
    let apply = pullback.make(matrix)
    let before = device.systemAllocations
    #expect(apply(.zero).allSatisfy { $0.isSymbolicZero })
    #expect(device.systemAllocations == before)
  }

  @Test func anUnusedParameterHasIt() {
    struct Model: Differentiable {
      var used: Tensor
      var unused: Tensor
    }
    let gradient = gradient(at: Model(used: matrix, unused: matrix)) { $0.used.sum() }
    #expect(gradient.used.floats == [1, 1, 1, 1, 1, 1])
    #expect(gradient.unused.isSymbolicZero)
  }
}

/// An op's pullback at a matrix [2, 3].
private struct Pullback: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let make: @Sendable (Tensor) -> (Tensor) -> [Tensor]

  init(_ name: String, _ op: @escaping @Sendable @differentiable(reverse) (Tensor) -> Tensor) {
    testDescription = name
    make = { operand in
      let pullback = pullback(at: operand, of: op)
      return { [pullback($0)] }
    }
  }

  static let all: [Pullback] = [
    Pullback("+") { $0 + $0 },
    Pullback("-") { $0 - $0 },
    Pullback("*") { $0 * $0 },
    Pullback("scaled") { $0.scaled(by: 2) },
    Pullback("matmul") { matmul($0, $0.transposed()) },
    Pullback("linear") { linear($0, weight: $0, bias: $0.selected(0, alongAxis: 1)) },
    Pullback("sigmoid") { sigmoid($0) },
    Pullback("tanh") { tanh($0) },
    Pullback("relu") { relu($0) },
    Pullback("softmax") { softmax($0) },
    Pullback("cross-entropy") { x in
      softmaxCrossEntropy(
        logits: x, labels: withoutDerivative(at: Tensor([0, 1] as [Int32], on: x.device)))
    },
    Pullback("sum") { $0.sum() },
    Pullback("sum along an axis") { $0.sum(alongAxis: 1) },
    Pullback("mean") { $0.mean() },
    Pullback("reshaped") { $0.reshaped(to: [6]) },
    Pullback("transposed") { $0.transposed() },
    Pullback("sliced") { $0.sliced(alongAxis: 1, 0..<2) },
    Pullback("selected") { $0.selected(0, alongAxis: 1) },
    Pullback("scaled by a mask") { $0.scaled(byMask: withoutDerivative(at: $0)) },
    Pullback("layer normalization") {
      layerNorm($0, weight: $0.selected(0, alongAxis: 0), bias: $0.selected(1, alongAxis: 0))
    },
    Pullback("stack") { Tensor.stack([$0, $0], alongAxis: 0) },
  ]
}

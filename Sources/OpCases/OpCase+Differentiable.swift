import Tensors
import _Differentiation

extension OpCase {
  /// A case of a differentiable op: its values against `reference`, and the gradient of each operand against central
  /// differences of `reference`, both contracted with the same random cotangents.
  ///
  /// - Parameters:
  ///   - name: The op and its shapes.
  ///   - operands: What the op is applied to.
  ///   - valueTolerance: The relative L2 error that values may have. The default is for
  ///     some roundings of 6e-8 each that partly cancel.
  ///   - gradientTolerance: The same for gradients, which are longer sums.
  ///   - differenceStep: The step of central differences.
  ///   - isSupported: Tells devices that can run it; by default all.
  ///   - unused: Results that get no cotangent, as if the loss did not depend on them.
  ///   - op: From operands to results.
  ///   - reference: The same function in double precision, from dense operands.
  package init(
    _ name: String, _ operands: [Operand], valueTolerance: Double = 5e-7, gradientTolerance: Double = 2e-6,
    differenceStep: Double = 1e-4,
    isSupported: @escaping @Sendable (Device) -> Bool = { _ in true }, unused: Set<Int> = [],
    op: @escaping @Sendable @differentiable(reverse) ([Tensor]) -> [Tensor],
    reference: @escaping @Sendable ([Doubles]) -> [Doubles]
  ) {
    self.init(
      name, isSupported: isSupported,
      results: { device in
        let (values, pullback) = valueWithPullback(at: operands.map { $0.tensor(on: device) }, of: op)
        let cotangents = values.enumerated().map { index, value in
          unused.contains(index) ? .zero : Tensor(cotangent(index, value.shape), shape: value.shape, on: device)
        }
        let gradients = pullback(.init(cotangents))
        return values.enumerated().map { OpResult("value \($0)", $1.floats) }
          + operands.indices.map { operands[$0].gradient(among: gradients, at: $0) }
      },
      expectations: {
        let point = operands.map(\.doubles)
        let values = reference(point)
        let cotangents = values.enumerated().map { index, value in
          cotangent(index, value.shape).map { unused.contains(index) ? 0 : Double($0) }
        }
        func loss(_ operands: [Doubles]) -> Double {
          zip(reference(operands), cotangents).reduce(0) { loss, pair in
            zip(pair.0.elements, pair.1).reduce(loss) { $0 + $1.0 * $1.1 }
          }
        }
        let gradients = operands.indices.map { index in
          operands[index].isConstant
            ? Expectation([], tolerance: 0)
            : Expectation(
              tolerance: gradientTolerance,
              error: Probes(of: loss, at: point, withRespectTo: index, step: differenceStep).error)
        }
        return values.map { Expectation($0.elements, tolerance: valueTolerance) } + gradients
      })
  }
}

extension Operand {
  /// The gradient with respect to this operand: empty for a constant's symbolic zero, which no one may have computed.
  fileprivate func gradient(among gradients: [Tensor].TangentVector, at index: Int) -> OpResult {
    let gradient = index < gradients.base.count ? gradients.base[index] : .zero
    let isZero = gradient.isSymbolicZero && !isConstant
    return OpResult("gradient of \(name)", isZero ? [Float](repeating: 0, count: values.count) : gradient.floats)
  }
}

/// The cotangent that result `index` gets.
private func cotangent(_ index: Int, _ shape: [Int]) -> [Float] { normals(shape, for: "cotangent \(index)") }

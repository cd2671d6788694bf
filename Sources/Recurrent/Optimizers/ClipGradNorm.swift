import Tensors
import _Differentiation

/// Scales a gradient down so that its Euclidean norm over all parameters is at most `maxNorm` (Pascanu et al. 2013).
///
/// - Parameters:
///   - gradient: Changed in place; multiplied by `maxNorm / (norm + 1e-6)`, as in PyTorch, where that is below 1.
///   - paths: The parameters that count.
///   - maxNorm: Greater than 0.
/// - Returns: The norm before scaling. It is NaN or infinite where the gradient is; nothing is scaled then.
@discardableResult
public func clipGradNorm<Model: Differentiable>(
  _ gradient: inout Model.TangentVector, _ paths: [ParameterPath<Model>], maxNorm: Float
) -> Float {
  precondition(maxNorm > 0, "a gradient clipped to the norm \(maxNorm)")
  let norm = Float(paths.reduce(0) { $0 + $1.gradient(in: gradient).sumOfSquares() }.squareRoot())
  let factor = maxNorm / (norm + 1e-6)
  if factor < 1 && norm.isFinite {
    for path in paths {
      path.withGradient(in: &gradient) { $0 = $0.scaled(by: factor) }
    }
  }
  return norm
}

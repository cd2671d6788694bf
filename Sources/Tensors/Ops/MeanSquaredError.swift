import _Differentiation

/// The squared difference (prediction − target)² of every element, reduced.
///
/// - Parameters:
///   - predictions: Any shape.
///   - targets: What they should be, of the same shape; data, so there is no derivative with respect to them.
///   - reduction: `.mean`, over all elements, by default.
/// - Returns: A scalar, or with `.none` one loss per element, in the shape of the predictions.
/// - Precondition: The shapes are equal.
@differentiable(reverse,wrt: predictions)
public func meanSquaredError(_ predictions: Tensor, targets: Tensor, reduction: Reduction = .mean) -> Tensor {
  reducedSquares(differences(predictions, targets), reduction)
}

// With e = prediction − target: d e² = 2 · e · de, over the number of elements where the mean is taken.
@derivative(of: meanSquaredError, wrt: predictions)
@usableFromInline
func _vjpMeanSquaredError(_ predictions: Tensor, targets: Tensor, reduction: Reduction)
  -> (value: Tensor, pullback: (Tensor) -> Tensor)
{
  let differences = differences(predictions, targets)
  let factor = reduction == .mean ? 2 / Float(differences.count) : 2
  return (
    reducedSquares(differences, reduction),
    // The cotangent is a scalar, which broadcasts, or has the shape of the predictions.
    { d in d.isSymbolicZero ? d : (differences * d).scaled(by: factor) }
  )
}

private func differences(_ predictions: Tensor, _ targets: Tensor) -> Tensor {
  precondition(
    predictions.shape == targets.shape && !predictions.isSymbolicZero && !targets.isSymbolicZero,
    "squared error of predictions \(predictions.shape) and targets \(targets.shape)")
  return predictions - targets
}

private func reducedSquares(_ differences: Tensor, _ reduction: Reduction) -> Tensor {
  let squares = differences * differences
  switch reduction {
  case .mean: return squares.mean()
  case .sum: return squares.sum()
  case .none: return squares
  }
}

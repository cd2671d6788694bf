import _Differentiation

/// The value of `function` at `model` and its gradient.
///
/// The toolchain's own function of this name wants a `FloatingPoint` result, which would have to be read back from a
/// device at every step; this one takes losses that are scalar tensors.
///
/// - Precondition: The result of `function` has one element.
public func valueWithGradient<Model: Differentiable>(
  at model: Model, of function: @differentiable(reverse) (Model) -> Tensor
) -> (value: Tensor, gradient: Model.TangentVector) {
  let (value, pullback) = valueWithPullback(at: model, of: function)
  return (value, pullback(one(like: value)))
}

/// The gradient of `function` at `model`; see `valueWithGradient(at:of:)`.
public func gradient<Model: Differentiable>(
  at model: Model, of function: @differentiable(reverse) (Model) -> Tensor
) -> Model.TangentVector {
  valueWithGradient(at: model, of: function).gradient
}

private func one(like value: Tensor) -> Tensor {
  precondition(value.count == 1, "a gradient needs a result of one element, not of shape \(value.shape)")
  return Tensor(repeating: 1, shape: value.shape, on: value.device)
}

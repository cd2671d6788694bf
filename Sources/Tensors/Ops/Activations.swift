import CKernels
import _Differentiation

/// The logistic function 1 / (1 + e⁻ˣ) of every element.
@differentiable(reverse)
public func sigmoid(_ x: Tensor) -> Tensor {
  mapped(x) { kernels, count, x, out in kernels.sigmoid(count, x, out) }
}

// With y = σ(x): dx = dy · y · (1 − y).
@derivative(of: sigmoid)
@usableFromInline
func _vjpSigmoid(_ x: Tensor) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
  let y = sigmoid(x)
  return (y, { d in mapped(y, d) { kernels, count, y, d, out in kernels.sigmoid_gradient(count, y, d, out) } })
}

/// The hyperbolic tangent of every element.
@differentiable(reverse)
public func tanh(_ x: Tensor) -> Tensor {
  mapped(x) { kernels, count, x, out in kernels.tanh(count, x, out) }
}

// With y = tanh(x): dx = dy · (1 − y²).
@derivative(of: tanh)
@usableFromInline
func _vjpTanh(_ x: Tensor) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
  let y = tanh(x)
  return (y, { d in mapped(y, d) { kernels, count, y, d, out in kernels.tanh_gradient(count, y, d, out) } })
}

/// The rectified linear unit, max(0, x), of every element (Nair & Hinton 2010).
@differentiable(reverse)
public func relu(_ x: Tensor) -> Tensor {
  mapped(x) { kernels, count, x, out in kernels.relu(count, x, out) }
}

// With y = max(0, x): dx = dy where y is not 0. The slope at 0 is 0, as in PyTorch.
@derivative(of: relu)
@usableFromInline
func _vjpReLU(_ x: Tensor) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
  let y = relu(x)
  return (y, { d in mapped(y, d) { kernels, count, y, d, out in kernels.relu_gradient(count, y, d, out) } })
}

/// Applies a kernel of one operand; the symbolic zero must not come here, for σ(0) is not 0.
private func mapped(
  _ x: Tensor, _ kernel: (UnrollKernels, Int64, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
) -> Tensor {
  mapped(x, x) { kernels, count, x, _, out in kernel(kernels, count, x, out) }
}

/// Applies a kernel of two operands of one shape; a symbolic zero as the second, a cotangent, stays one.
private func mapped(
  _ x: Tensor, _ y: Tensor,
  _ kernel: (UnrollKernels, Int64, UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
) -> Tensor {
  if y.isSymbolicZero && !x.isSymbolicZero { return y }
  precondition(x.shape == y.shape, "shapes \(x.shape) and \(y.shape) element by element")
  let x = x.dense(), y = y.dense()
  let result = Tensor(uninitialized: x.shape, on: x.device)
  withWorkspace(on: x.device) { workspace in
    let xs = workspace.floats(of: x), ys = workspace.floats(of: y), out = workspace.floats(of: result)
    x.device.forRanges(of: result.count, grain: elementwiseGrain) { range in
      let from = range.lowerBound
      kernel(x.device.kernels, Int64(range.count), xs + from, ys + from, out + from)
    }
  }
  return result
}

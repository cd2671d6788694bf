import CKernels
import _Differentiation

/// Layer normalization (Ba, Kiros & Hinton 2016): each row less its mean, over its deviation, times a gain, plus a bias.
///
///     y = (x − mean(x)) / √(variance(x) + ε) · weight + bias
///
/// - Parameters:
///   - input: [rows, features]. The symbolic zero stands for rows of zeros, of which just the bias is left.
///   - weight: The gain, [features].
///   - bias: [features].
///   - epsilon: What keeps a constant row from a division by zero; 1e-5 by default, as in PyTorch and MLX.
/// - Returns: [rows, features]; `bias` alone, [features], for the symbolic zero.
/// - Precondition: The sizes agree.
@differentiable(reverse,wrt: (input, weight, bias))
public func layerNorm(_ input: Tensor, weight: Tensor, bias: Tensor, epsilon: Float = 1e-5) -> Tensor {
  input.isSymbolicZero ? bias : NormalizedRows(input, weight, bias, epsilon).result
}

// With n the normalized rows and g = dy · weight: dx = (g − mean(g) − n · mean(g·n)) / deviation, the means over each row.
// dweight = Σ dy · n and dbias = Σ dy over all rows.
@derivative(of: layerNorm, wrt: (input, weight, bias))
@usableFromInline
func _vjpLayerNorm(_ input: Tensor, weight: Tensor, bias: Tensor, epsilon: Float)
  -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor, Tensor))
{
  if input.isSymbolicZero { return (bias, { d in (.zero, .zero, d) }) }
  let rows = NormalizedRows(input, weight, bias, epsilon)
  return (
    rows.result,
    { d in
      guard !d.isSymbolicZero else { return (.zero, .zero, .zero) }
      return (rows.gradient(d, weight: weight), (d * rows.normalized).sum(alongAxis: 0), d.sum(alongAxis: 0))
    }
  )
}

/// The result of a layer normalization, and what its gradient needs.
private struct NormalizedRows {
  /// [rows, features], the second before gain and bias.
  let result, normalized: Tensor
  /// One over each row's deviation, [rows].
  private let inverseDeviations: Tensor

  init(_ input: Tensor, _ weight: Tensor, _ bias: Tensor, _ epsilon: Float) {
    precondition(
      input.rank == 2 && input.shape[1] > 0 && weight.shape == [input.shape[1]] && bias.shape == weight.shape,
      "layer normalization of \(input.shape) with weight \(weight.shape) and bias \(bias.shape)")
    let input = input.strides[1] == 1 ? input : input.dense(), weight = weight.dense(), bias = bias.dense()
    let (device, rows, columns) = (input.device, input.shape[0], input.shape[1])
    let result = Tensor(uninitialized: input.shape, on: device)
    let normalized = Tensor(uninitialized: input.shape, on: device)
    let inverseDeviations = Tensor(uninitialized: [rows], on: device)
    withWorkspace(on: device) { workspace in
      let x = workspace.floats(of: input), weight = workspace.floats(of: weight), bias = workspace.floats(of: bias)
      let out = workspace.floats(of: result), n = workspace.floats(of: normalized)
      let deviations = workspace.floats(of: inverseDeviations)
      device.forRanges(of: rows, grain: max(1, elementwiseGrain / columns)) { range in
        let first = range.lowerBound
        device.kernels.layer_norm(
          Int64(range.count), Int64(columns), x + first * input.strides[0], Int64(input.strides[0]), weight, bias,
          epsilon, n + first * columns, deviations + first, out + first * columns, Int64(columns))
      }
    }
    (self.result, self.normalized, self.inverseDeviations) = (result, normalized, inverseDeviations)
  }

  /// The gradient with respect to the input.
  func gradient(_ d: Tensor, weight: Tensor) -> Tensor {
    let d = d.strides[1] == 1 ? d : d.dense(), weight = weight.dense()
    let (device, rows, columns) = (d.device, d.shape[0], d.shape[1])
    let gradient = Tensor(uninitialized: d.shape, on: device)
    withWorkspace(on: device) { workspace in
      let dy = workspace.floats(of: d), weight = workspace.floats(of: weight), n = workspace.floats(of: normalized)
      let deviations = workspace.floats(of: inverseDeviations), out = workspace.floats(of: gradient)
      device.forRanges(of: rows, grain: max(1, elementwiseGrain / columns)) { range in
        let first = range.lowerBound
        device.kernels.layer_norm_gradient(
          Int64(range.count), Int64(columns), dy + first * d.strides[0], Int64(d.strides[0]), weight,
          n + first * columns, deviations + first, out + first * columns, Int64(columns))
      }
    }
    return gradient
  }
}

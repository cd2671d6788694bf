import CKernels
import _Differentiation

/// The matrix product `a` [M, K] · `b` [K, N] → [M, N]; either may be a transposed view.
///
/// - Precondition: Both are matrices, and the inner sizes agree.
@differentiable(reverse)
public func matmul(_ a: Tensor, _ b: Tensor) -> Tensor {
  if a.isSymbolicZero || b.isSymbolicZero { return .zero }
  precondition(
    a.rank == 2 && b.rank == 2 && a.shape[1] == b.shape[0], "matmul of shapes \(a.shape) and \(b.shape)")
  let (rows, columns) = (a.shape[0], b.shape[1])
  let result = Tensor(uninitialized: [rows, columns], on: a.device)
  withWorkspace(on: a.device) { workspace in
    multiply(
      workspace.matrix(a), workspace.matrix(b), rows: rows, columns: columns, inner: a.shape[1],
      to: workspace.floats(of: result), in: workspace)
  }
  return result
}

// With c = a·b: da = dc·bᵀ and db = aᵀ·dc.
@derivative(of: matmul)
@usableFromInline
func _vjpMatmul(_ a: Tensor, _ b: Tensor) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor)) {
  (matmul(a, b), { d in (matmul(d, b.transposed()), matmul(a.transposed(), d)) })
}

/// `input` [..., inputs] · `weight`ᵀ + `bias`, for `weight` [outputs, inputs] and `bias` [outputs] as PyTorch has them.
///
/// - Precondition: `input` has rank 2 or 3, and the sizes agree.
@differentiable(reverse)
@differentiable(reverse,wrt: (weight, bias))
public func linear(_ input: Tensor, weight: Tensor, bias: Tensor) -> Tensor {
  input.device.times.measure(.linearLayers) { productAndBias(input, weight: weight, bias: bias) }
}

private func productAndBias(_ input: Tensor, weight: Tensor, bias: Tensor) -> Tensor {
  let (outputs, inputs) = (weight.shape[0], weight.shape[1])
  precondition(
    (2...3).contains(input.rank) && input.shape.last == inputs && bias.shape == [outputs],
    "linear with input \(input.shape), weight \(weight.shape) and bias \(bias.shape)")
  let rows = input.flattenedRows()
  let result = Tensor(uninitialized: [rows.tensor.shape[0], outputs], on: input.device)
  bias.broadcast(to: result.shape).copyElements(to: result)
  withWorkspace(on: input.device) { workspace in
    multiply(
      workspace.matrix(rows.tensor), workspace.matrix(weight.transposed()), rows: rows.tensor.shape[0],
      columns: outputs, inner: inputs, to: workspace.floats(of: result), accumulate: true, in: workspace)
  }
  return rows.unflatten(result)
}

@derivative(of: linear)
@usableFromInline
func _vjpLinear(_ input: Tensor, weight: Tensor, bias: Tensor)
  -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor, Tensor))
{
  let (value, pullback) = _vjpLinearParameters(input, weight: weight, bias: bias)
  return (
    value,
    { d in
      let (dWeight, dBias) = pullback(d)
      guard !d.isSymbolicZero else { return (.zero, dWeight, dBias) }
      return weight.device.times.measure(.linearLayers) {
        let rows = d.flattenedRows()
        return (rows.unflatten(matmul(rows.tensor, weight)), dWeight, dBias)
      }
    }
  )
}

// The first layer of a network asks for no gradient of its input, and pays for none.
@derivative(of: linear, wrt: (weight, bias))
@usableFromInline
func _vjpLinearParameters(_ input: Tensor, weight: Tensor, bias: Tensor)
  -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor))
{
  (
    linear(input, weight: weight, bias: bias),
    { d in
      guard !d.isSymbolicZero else { return (.zero, .zero) }
      return weight.device.times.measure(.linearLayers) {
        let (dRows, inputRows) = d.flattenedTogether(with: input)
        return (matmul(dRows.transposed(), inputRows), dRows.sum(alongAxis: 0))
      }
    }
  )
}

// MARK: - On raw memory

extension Workspace {
  /// A matrix, or a transposed view of one, as kernels take it.
  func matrix(_ tensor: Tensor) -> UnrollMatrix {
    UnrollMatrix(base: floats(of: tensor), row: Int64(tensor.strides[0]), column: Int64(tensor.strides[1]))
  }
}

/// c [rows, columns] dense = a · b (+ c if `accumulate`), threaded over rows.
func multiply(
  _ a: UnrollMatrix, _ b: UnrollMatrix, rows: Int, columns: Int, inner: Int, to c: UnsafeMutablePointer<Float>,
  accumulate: Bool = false, in workspace: Workspace
) {
  let device = workspace.device, kernels = device.kernels
  let panelSize = Int(kernels.panel)
  let panels = (columns + panelSize - 1) / panelSize
  let packed = workspace.floats(panels * inner * panelSize)
  device.forRanges(of: panels, grain: max(1, elementwiseGrain / max(1, inner * panelSize))) { range in
    kernels.pack(Int64(inner), Int64(columns), b, packed, Int64(range.lowerBound), Int64(range.upperBound))
  }
  // Some 50,000 multiply-adds take as long as waking a thread.
  device.forRanges(of: rows, grain: max(1, 50_000 / max(1, inner * columns))) { range in
    kernels.multiply(
      Int64(columns), Int64(inner), a, packed, c, Int64(columns), accumulate ? 1 : 0, Int64(range.lowerBound),
      Int64(range.upperBound))
  }
}

// MARK: - Rows of [batch, steps, features]

/// A tensor's rows as one matrix, in the order in which they lie in memory.
struct FlattenedRows {
  /// [rows, features]
  let tensor: Tensor
  /// The shape that was flattened, and whether steps vary slowest.
  let shape: [Int]
  let isTimeMajor: Bool

  /// A matrix with a row for each of these, in the original shape.
  func unflatten(_ rows: Tensor) -> Tensor {
    guard shape.count == 3 else { return rows }
    let (batch, steps, features) = (shape[0], shape[1], rows.shape[1])
    let row = rows.strides[0]
    return Tensor(
      storage: rows.storage, shape: [batch, steps, features],
      strides: isTimeMajor ? [row, batch * row, rows.strides[1]] : [steps * row, row, rows.strides[1]],
      offset: rows.offset)
  }
}

extension Tensor {
  /// The rows of [rows, features] or [batch, steps, features]; copied only if they are not evenly spaced.
  func flattenedRows() -> FlattenedRows {
    guard rank == 3 else { return FlattenedRows(tensor: self, shape: shape, isTimeMajor: false) }
    let count = shape[0] * shape[1]
    for (isTimeMajor, outer, inner) in [(true, 1, 0), (false, 0, 1)]
    where strides[outer] == shape[inner] * strides[inner] || shape[outer] == 1 {
      let rows = Tensor(
        storage: storage, shape: [count, shape[2]], strides: [strides[inner], strides[2]], offset: offset)
      return FlattenedRows(tensor: rows, shape: shape, isTimeMajor: isTimeMajor)
    }
    return FlattenedRows(tensor: dense().reshaped(to: [count, shape[2]]), shape: shape, isTimeMajor: false)
  }

  /// The rows of this tensor and of `other`, both in the same order.
  fileprivate func flattenedTogether(with other: Tensor) -> (Tensor, Tensor) {
    let mine = flattenedRows(), others = other.flattenedRows()
    if mine.isTimeMajor == others.isTimeMajor || rank == 2 || shape[0] == 1 || shape[1] == 1 {
      return (mine.tensor, others.tensor)
    }
    return (dense().reshaped(to: mine.tensor.shape), other.dense().reshaped(to: others.tensor.shape))
  }
}

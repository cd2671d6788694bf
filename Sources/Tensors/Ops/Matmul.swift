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
  return product(a, b)
}

/// The product of two matrices that fit, plus a `bias` [N] for each row. For `blocks`, see `multiply`.
private func product(_ a: Tensor, _ b: Tensor, bias: Tensor? = nil, blocks: Int = 1) -> Tensor {
  let (rows, columns) = (a.shape[0], b.shape[1])
  let result = Tensor(uninitialized: [rows, columns], on: a.device)
  withWorkspace(on: a.device) { workspace in
    multiply(
      workspace.matrix(a), workspace.matrix(b), bias: bias.map { workspace.floats(of: $0) }, rows: rows,
      columns: columns, inner: a.shape[1], to: workspace.floats(of: result), blocks: blocks, in: workspace)
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
  return rows.unflatten(product(rows.tensor, weight.transposed(), bias: bias.dense(), blocks: rows.blocks))
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
        return (rows.unflatten(product(rows.tensor, weight, blocks: rows.blocks)), dWeight, dBias)
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

/// c [rows, columns] dense = a · b + bias, threaded over rows.
///
/// The rows are `blocks` equal blocks, of each of which a thread takes the same part: with a block per step, a thread works
/// on the sequences that it has in recurrent layers too, and finds their states in its own core's cache.
func multiply(
  _ a: UnrollMatrix, _ b: UnrollMatrix, bias: UnsafePointer<Float>? = nil, rows: Int, columns: Int, inner: Int,
  to c: UnsafeMutablePointer<Float>, blocks: Int = 1, in workspace: Workspace
) {
  let device = workspace.device, kernels = device.kernels
  let panelSize = Int(kernels.panel), inPlace = isReadInPlace(b, rows: rows, columns: columns, panelSize: panelSize)
  let factor = inPlace ? b.base : UnsafePointer(pack(b, columns: columns, inner: inner, in: workspace))
  let blocks = blocks > 0 && rows >= blocks * device.threads ? blocks : 1, blockRows = rows / blocks
  // Some 50,000 multiply-adds take as long as waking a thread.
  device.forRanges(of: blockRows, grain: max(1, 50_000 / max(1, blocks * inner * columns))) { range in
    for first in stride(from: 0, to: rows, by: blockRows) {
      kernels.multiply(
        Int64(columns), Int64(inner), a, factor, inPlace ? b.row : 0, bias, c, Int64(columns),
        Int64(first + range.lowerBound), Int64(first + range.upperBound))
    }
  }
}

/// Whether packing `b` would take longer than it helps: where it is read once or twice, in whole panels as it lies.
private func isReadInPlace(_ b: UnrollMatrix, rows: Int, columns: Int, panelSize: Int) -> Bool {
  rows <= 12 && b.column == 1 && b.row > 0 && columns % panelSize == 0
}

private func pack(
  _ b: UnrollMatrix, columns: Int, inner: Int, in workspace: Workspace
) -> UnsafeMutablePointer<Float> {
  let kernels = workspace.device.kernels, panelSize = Int(kernels.panel)
  let panels = (columns + panelSize - 1) / panelSize
  let packed = workspace.floats(panels * inner * panelSize)
  workspace.device.forRanges(of: panels, grain: max(1, elementwiseGrain / max(1, inner * panelSize))) { range in
    kernels.pack(Int64(inner), Int64(columns), b, packed, Int64(range.lowerBound), Int64(range.upperBound))
  }
  return packed
}

// MARK: - Rows of [batch, steps, features]

/// A tensor's rows as one matrix, in the order in which they lie in memory.
struct FlattenedRows {
  /// [rows, features]
  let tensor: Tensor
  /// The shape that was flattened, and whether steps vary slowest.
  let shape: [Int]
  let isTimeMajor: Bool

  /// Equal blocks of rows in which the same sequences stand at the same places: one for each step if steps vary slowest.
  var blocks: Int { isTimeMajor ? shape[1] : 1 }

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

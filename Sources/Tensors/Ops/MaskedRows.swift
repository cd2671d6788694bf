import CKernels
import _Differentiation

extension Tensor {
  /// This tensor [batch, features], or every step of this tensor [batch, steps, features], times the same mask: how
  /// dropout is applied. The mask is data, and nobody pays for a gradient with respect to it.
  ///
  /// - Parameter mask: [batch, features].
  /// - Returns: A tensor of this one's shape, time-major in memory as the sequence ops read it.
  /// - Precondition: The shapes agree.
  @differentiable(reverse,wrt: self)
  public func scaled(byMask mask: Tensor) -> Tensor {
    if isSymbolicZero { return self }
    precondition(
      (2...3).contains(rank) && mask.shape == [shape[0], shape[rank - 1]],
      "a tensor of shape \(shape) scaled by a mask \(mask.shape)")
    if rank == 3 { return sequenceScaled(byMask: mask) }
    let oneStep = Tensor(
      storage: storage, shape: [shape[0], 1, shape[1]], strides: [strides[0], shape[0] * strides[0], strides[1]],
      offset: offset)
    return oneStep.sequenceScaled(byMask: mask).selected(0, alongAxis: 1)
  }

  // Linear in this tensor: the cotangent goes through the same mask.
  @derivative(of: scaled(byMask:), wrt: self)
  @usableFromInline
  func _vjpScaled(byMask mask: Tensor) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
    (scaled(byMask: mask), { d in d.scaled(byMask: mask) })
  }

  /// Rows stay as far apart as they are: a recurrent layer keeps those of its hidden states at a distance that caches
  /// like.
  private func sequenceScaled(byMask mask: Tensor) -> Tensor {
    let source = timeMajor(), mask = mask.strides[1] == 1 ? mask : mask.dense()
    let (batch, steps, features) = (shape[0], shape[1], shape[2])
    let row = max(features, source.strides[0])  // the rows of a tensor that repeats one lie 0 apart
    let result = Tensor(
      storage: Storage(.float32, count: steps * batch * row, on: device), shape: shape, strides: [row, batch * row, 1])
    withWorkspace(on: device) { workspace in
      let from = workspace.floats(of: source), factors = workspace.floats(of: mask)
      let out = workspace.floats(of: result)
      // By rows of the batch, as the sequence ops divide their work: each thread finds its own rows in its cache.
      device.forRanges(of: batch, grain: max(1, elementwiseGrain / max(1, steps * features))) { range in
        let first = range.lowerBound
        for step in 0..<steps {
          device.kernels.multiply_rows(
            Int64(range.count), Int64(features), from + step * source.strides[1] + first * source.strides[0],
            Int64(source.strides[0]), factors + first * mask.strides[0], Int64(mask.strides[0]),
            out + (step * batch + first) * row, Int64(row))
        }
      }
    }
    return result
  }
}

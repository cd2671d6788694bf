import _Differentiation

// Sums are products with a vector of ones: one kernel, one order of addition for any number of threads.

extension Tensor {
  /// The sum of all elements, a scalar.
  @differentiable(reverse)
  public func sum() -> Tensor {
    isSymbolicZero ? self : reshaped(to: [count]).sum(alongAxis: 0)
  }

  @derivative(of: sum)
  @usableFromInline
  func _vjpSum() -> (value: Tensor, pullback: (Tensor) -> Tensor) {
    let shape = shape
    return (sum(), { d in d.isSymbolicZero ? d : d.reshaped(to: []).broadcast(to: shape) })
  }

  /// The mean of all elements, a scalar.
  @differentiable(reverse)
  public func mean() -> Tensor {
    let count = withoutDerivative(at: Float(self.count))
    return sum().scaled(by: 1 / count)
  }

  /// The sum along one dimension, which disappears.
  ///
  /// - Precondition: `0 ≤ axis < rank`.
  @differentiable(reverse,wrt: self)
  public func sum(alongAxis axis: Int) -> Tensor {
    precondition(shape.indices.contains(axis), "axis \(axis) of a tensor of shape \(shape)")
    var rest = shape
    rest.remove(at: axis)
    let columns = movedToFront(axis).dense().reshaped(to: [shape[axis], rest.product])
    let ones = Tensor(repeating: 1, shape: [1, shape[axis]], on: device)
    return matmul(ones, columns).reshaped(to: rest)
  }

  // Every element counts once: the cotangent is repeated along the axis.
  @derivative(of: sum(alongAxis:), wrt: self)
  @usableFromInline
  func _vjpSum(alongAxis axis: Int) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
    let shape = shape
    return (
      sum(alongAxis: axis),
      { d in
        guard !d.isSymbolicZero else { return d }
        var kept = shape
        kept[axis] = 1
        return d.reshaped(to: kept).broadcast(to: shape)
      }
    )
  }

  /// A view with dimension `axis` first and the others in their order.
  private func movedToFront(_ axis: Int) -> Tensor {
    let order = [axis] + shape.indices.filter { $0 != axis }
    return Tensor(storage: storage, shape: order.map { shape[$0] }, strides: order.map { strides[$0] }, offset: offset)
  }

  /// The position of the largest element of each row of a matrix [rows, columns]: the first one where several are
  /// equal, −1 where the row has a NaN.
  public func argmaxOfRows() -> [Int] {
    precondition(rank == 2 && shape[1] > 0, "argmaxOfRows of a tensor of shape \(shape), not [rows, columns]")
    let values = floats, columns = shape[1]
    return (0..<shape[0]).map { row in
      var best = row * columns
      for index in best..<best + columns {
        if values[index].isNaN { return -1 }
        if values[index] > values[best] { best = index }
      }
      return best - row * columns
    }
  }
}

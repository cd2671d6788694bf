import _Differentiation

// Reshaping, slicing and transposing: the same elements seen another way, without a copy where strides allow it.

extension Tensor {
  /// The same elements in row-major order under another shape of as many.
  ///
  /// - Precondition: `shape` has as many elements.
  @differentiable(reverse,wrt: self)
  public func reshaped(to shape: [Int]) -> Tensor {
    if isSymbolicZero { return self }
    precondition(shape.product == count, "a tensor of shape \(self.shape) reshaped to \(shape)")
    let source = dense()
    return Tensor(storage: source.storage, shape: shape, strides: Self.denseStrides(shape), offset: source.offset)
  }

  @derivative(of: reshaped(to:), wrt: self)
  @usableFromInline
  func _vjpReshaped(to shape: [Int]) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
    let original = self.shape
    return (reshaped(to: shape), { d in d.reshaped(to: original) })
  }

  /// The matrix with rows and columns exchanged, as a view.
  ///
  /// - Precondition: The rank is 2.
  @differentiable(reverse)
  public func transposed() -> Tensor {
    if isSymbolicZero { return self }
    precondition(rank == 2, "transposed() of a tensor of shape \(shape), not of a matrix")
    return Tensor(storage: storage, shape: shape.reversed(), strides: strides.reversed(), offset: offset)
  }

  @derivative(of: transposed)
  @usableFromInline
  func _vjpTransposed() -> (value: Tensor, pullback: (Tensor) -> Tensor) {
    (transposed(), { d in d.transposed() })
  }

  /// The part of the tensor in `range` of dimension `axis`, as a view.
  ///
  /// - Precondition: `axis` is a dimension and `range` lies within it.
  @differentiable(reverse,wrt: self)
  public func sliced(alongAxis axis: Int, _ range: Range<Int>) -> Tensor {
    if isSymbolicZero { return self }
    precondition(
      shape.indices.contains(axis) && range.lowerBound >= 0 && range.upperBound <= shape[axis],
      "slice \(range) along axis \(axis) of a tensor of shape \(shape)")
    var part = shape
    part[axis] = range.count
    return Tensor(
      storage: storage, shape: part, strides: strides, offset: offset + range.lowerBound * strides[axis])
  }

  // What was not sliced has no part in the result: zero around the cotangent.
  @derivative(of: sliced(alongAxis:_:), wrt: self)
  @usableFromInline
  func _vjpSliced(alongAxis axis: Int, _ range: Range<Int>) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
    let shape = shape
    return (
      sliced(alongAxis: axis, range),
      { d in
        guard !d.isSymbolicZero else { return d }
        let whole = Tensor.zeros(shape, on: d.device)
        d.copyElements(to: whole.sliced(alongAxis: axis, range))
        return whole
      }
    )
  }

  /// One position of dimension `axis`, which disappears; for example step `t` of [batch, steps, features].
  ///
  /// - Precondition: `axis` is a dimension and `index` lies within it.
  @differentiable(reverse,wrt: self)
  public func selected(_ index: Int, alongAxis axis: Int) -> Tensor {
    if isSymbolicZero { return self }
    let part = sliced(alongAxis: axis, index..<index + 1)
    return Tensor(
      storage: storage, shape: part.shape.removing(at: axis), strides: strides.removing(at: axis), offset: part.offset)
  }

  @derivative(of: selected(_:alongAxis:), wrt: self)
  @usableFromInline
  func _vjpSelected(_ index: Int, alongAxis axis: Int) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
    let (_, pullback) = _vjpSliced(alongAxis: axis, index..<index + 1)
    var kept = shape
    kept[axis] = 1
    return (selected(index, alongAxis: axis), { [kept] d in pullback(d.reshaped(to: kept)) })
  }

  /// Tensors of one shape, stacked along a new dimension `axis`.
  ///
  /// - Precondition: There is at least one, and all shapes are equal.
  @differentiable(reverse,wrt: tensors)
  public static func stack(_ tensors: [Tensor], alongAxis axis: Int) -> Tensor {
    guard let first = tensors.first else { preconditionFailure("there is nothing to stack") }
    var shape = first.shape
    shape.insert(tensors.count, at: axis)
    let result = Tensor(uninitialized: shape, on: first.device)
    for (index, tensor) in tensors.enumerated() {
      precondition(tensor.shape == first.shape, "shapes \(first.shape) and \(tensor.shape) stacked")
      tensor.copyElements(to: result.selected(index, alongAxis: axis))
    }
    return result
  }

  @derivative(of: stack, wrt: tensors)
  @usableFromInline
  static func _vjpStack(_ tensors: [Tensor], alongAxis axis: Int)
    -> (value: Tensor, pullback: (Tensor) -> [Tensor].TangentVector)
  {
    let count = tensors.count
    return (
      stack(tensors, alongAxis: axis),
      { d in .init((0..<count).map { d.selected($0, alongAxis: axis) }) }
    )
  }
}

/// Vectors one behind the other, as one.
///
/// - Precondition: Both are of rank 1.
@differentiable(reverse)
package func joined(_ first: Tensor, _ second: Tensor) -> Tensor {
  precondition(first.rank == 1 && second.rank == 1, "\(first.shape) and \(second.shape) joined")
  let result = Tensor(uninitialized: [first.count + second.count], on: first.device)
  first.copyElements(to: result.sliced(alongAxis: 0, 0..<first.count))
  second.copyElements(to: result.sliced(alongAxis: 0, first.count..<result.count))
  return result
}

// Each has its part of the cotangent.
@derivative(of: joined)
package func _vjpJoined(_ first: Tensor, _ second: Tensor) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor)) {
  let (middle, end) = (first.count, first.count + second.count)
  return (
    joined(first, second), { d in (d.sliced(alongAxis: 0, 0..<middle), d.sliced(alongAxis: 0, middle..<end)) }
  )
}

extension Array where Element == Int {
  fileprivate func removing(at index: Int) -> [Int] {
    var result = self
    result.remove(at: index)
    return result
  }
}

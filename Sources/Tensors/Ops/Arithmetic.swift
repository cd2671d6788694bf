import CKernels
import _Differentiation

// Sums, differences and products element by element, with NumPy's broadcasting: dimensions are matched from the last
// one on, and a missing dimension or one of extent 1 is repeated.

extension Tensor: AdditiveArithmetic {
  /// The symbolic zero: no shape, no storage.
  public static var zero: Tensor { Tensor(storage: nil, shape: [], strides: []) }

  /// The sum, broadcast to a common shape.
  @differentiable(reverse)
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    if a.isSymbolicZero { return b }
    if b.isSymbolicZero { return a }
    return combined(1, a, 1, b)
  }

  // ∂(a + b) is the cotangent itself, summed over what was repeated.
  @derivative(of: +)
  @usableFromInline
  static func _vjpAdd(_ a: Tensor, _ b: Tensor) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor)) {
    (a + b, { d in (d.reduced(to: a), d.reduced(to: b)) })
  }

  /// The difference, broadcast to a common shape.
  @differentiable(reverse)
  public static func - (a: Tensor, b: Tensor) -> Tensor {
    if b.isSymbolicZero { return a }
    if a.isSymbolicZero { return b.scaled(by: -1) }
    return combined(1, a, -1, b)
  }

  @derivative(of: -)
  @usableFromInline
  static func _vjpSubtract(_ a: Tensor, _ b: Tensor) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor)) {
    (a - b, { d in (d.reduced(to: a), d.scaled(by: -1).reduced(to: b)) })
  }
}

extension Tensor {
  /// The product element by element, broadcast to a common shape.
  @differentiable(reverse)
  public static func * (a: Tensor, b: Tensor) -> Tensor {
    if a.isSymbolicZero || b.isSymbolicZero { return .zero }
    return elementwise(a, b) { kernels, count, x, y, out in kernels.multiply_elements(Int64(count), x, y, out) }
  }

  @derivative(of: *)
  @usableFromInline
  static func _vjpMultiply(_ a: Tensor, _ b: Tensor) -> (value: Tensor, pullback: (Tensor) -> (Tensor, Tensor)) {
    (a * b, { d in ((d * b).reduced(to: a), (d * a).reduced(to: b)) })
  }

  /// Every element times `factor`.
  @differentiable(reverse,wrt: self)
  public func scaled(by factor: Float) -> Tensor {
    isSymbolicZero ? self : Self.combined(factor, self, 0, self)
  }

  @derivative(of: scaled(by:), wrt: self)
  @usableFromInline
  func _vjpScaled(by factor: Float) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
    (scaled(by: factor), { d in d.scaled(by: factor) })
  }

  private static func combined(_ alpha: Float, _ a: Tensor, _ beta: Float, _ b: Tensor) -> Tensor {
    elementwise(a, b) { kernels, count, x, y, out in kernels.combine(Int64(count), alpha, x, beta, y, out) }
  }

  /// Repeats `a` and `b` to a common shape and calls `kernel` with their elements and those of the result.
  private static func elementwise(
    _ a: Tensor, _ b: Tensor,
    _ kernel: (UnrollKernels, Int, UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    let shape = broadcastShape(a.shape, b.shape)
    let a = a.broadcast(to: shape).dense(), b = b.broadcast(to: shape).dense()
    let result = Tensor(uninitialized: shape, on: a.device)
    withWorkspace(on: a.device) { workspace in
      let x = workspace.floats(of: a), y = workspace.floats(of: b), out = workspace.floats(of: result)
      a.device.forRanges(of: result.count, grain: elementwiseGrain) { range in
        kernel(a.device.kernels, range.count, x + range.lowerBound, y + range.lowerBound, out + range.lowerBound)
      }
    }
    return result
  }

  /// The shape that `a` and `b` are both repeated to.
  private static func broadcastShape(_ a: [Int], _ b: [Int]) -> [Int] {
    let rank = max(a.count, b.count)
    return (0..<rank).map { axis in
      let x = axis - (rank - a.count), y = axis - (rank - b.count)
      let m = x < 0 ? 1 : a[x], n = y < 0 ? 1 : b[y]
      precondition(m == n || m == 1 || n == 1, "shapes \(a) and \(b) do not broadcast")
      return m == 1 ? n : m
    }
  }

  /// A view that repeats this tensor's elements along dimensions that it lacks or has once.
  package func broadcast(to target: [Int]) -> Tensor {
    if shape == target { return self }
    let missing = target.count - rank
    let newStrides = target.indices.map { axis in
      axis < missing || shape[axis - missing] != target[axis] ? 0 : strides[axis - missing]
    }
    return Tensor(storage: storage, shape: target, strides: newStrides, offset: offset)
  }

  /// Sums a cotangent of a broadcast result down to the shape of `operand`.
  fileprivate func reduced(to operand: Tensor) -> Tensor {
    if isSymbolicZero || operand.isSymbolicZero { return isSymbolicZero ? self : .zero }
    if shape == operand.shape { return self }
    var result = self
    while result.rank > operand.rank { result = result.sum(alongAxis: 0) }
    for axis in result.shape.indices where operand.shape[axis] == 1 && result.shape[axis] != 1 {
      var kept = result.shape
      kept[axis] = 1
      result = result.sum(alongAxis: axis).reshaped(to: kept)
    }
    return result
  }
}

/// Elements that are worth a thread of their own where little is done with each.
let elementwiseGrain = 1 << 14

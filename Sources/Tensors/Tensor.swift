import _Differentiation

/// An N-dimensional array of numbers on a device, with value semantics.
///
/// `float32` tensors are differentiable, and their own tangent vectors; `uint8` and `int32` tensors hold data and
/// labels. Strides are part of a tensor, so a slice or a transpose shares its source's storage, and a batch
/// [batch, steps, features] may lie time-major in memory.
///
/// `Tensor.zero` is a *symbolic* zero: it has no shape and no storage, adds to anything for nothing, and stands for a
/// gradient that nobody asked for.
public struct Tensor: Sendable {
  /// `nil` for the symbolic zero.
  private(set) var storage: Storage?
  /// The extent of each dimension; `[]` for a scalar.
  public let shape: [Int]
  /// How many elements apart neighbours of each dimension are in memory.
  let strides: [Int]
  /// The first element's position in the storage.
  let offset: Int

  init(storage: Storage?, shape: [Int], strides: [Int], offset: Int = 0) {
    self.storage = storage
    self.shape = shape
    self.strides = strides
    self.offset = offset
  }

  /// An uninitialized dense tensor, to be written before anyone sees it.
  init(uninitialized shape: [Int], _ elementType: ElementType = .float32, on device: Device) {
    let storage = Storage(elementType, count: shape.product, on: device)
    self.init(storage: storage, shape: shape, strides: Self.denseStrides(shape))
  }

  /// A tensor of `elements` in row-major order.
  ///
  /// - Precondition: `elements.count` is the product of `shape`.
  public init<Element: TensorElement>(_ elements: [Element], shape: [Int], on device: Device = .cpu) {
    precondition(
      elements.count == shape.product, "\(elements.count) elements do not fill a tensor of shape \(shape)")
    self.init(uninitialized: shape, Element.elementType, on: device)
    let storage = checkedStorage
    elements.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      storage.pointer(to: Element.self).update(from: base, count: source.count)
    }
  }

  /// A vector of `elements`.
  public init<Element: TensorElement>(_ elements: [Element], on device: Device = .cpu) {
    self.init(elements, shape: [elements.count], on: device)
  }

  /// A scalar.
  public init(_ value: Float, on device: Device = .cpu) { self.init([value], shape: [], on: device) }

  /// A tensor whose elements are all `value`.
  public init(repeating value: Float, shape: [Int], on device: Device = .cpu) {
    self.init(uninitialized: shape, on: device)
    let storage = checkedStorage
    storage.floats.update(repeating: value, count: storage.count)
  }

  /// A tensor of zeros, with storage: unlike `Tensor.zero` it has a shape.
  public static func zeros(_ shape: [Int], on device: Device = .cpu) -> Tensor {
    Tensor(repeating: 0, shape: shape, on: device)
  }

  static func denseStrides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    return strides
  }
}

// MARK: - What it is

extension Tensor {
  /// Whether this is the symbolic zero, which has no shape, no device and no elements.
  public var isSymbolicZero: Bool { storage == nil }

  /// The number of dimensions.
  public var rank: Int { shape.count }

  /// The number of elements.
  public var count: Int { isSymbolicZero ? 0 : shape.product }

  /// Where the elements are. The symbolic zero is nowhere, and traps.
  public var device: Device { checkedStorage.device }

  /// What the elements are.
  public var elementType: ElementType { storage?.elementType ?? .float32 }

  var checkedStorage: Storage {
    guard let storage else { preconditionFailure("the symbolic zero has no elements; a tensor with a shape is needed") }
    return storage
  }

  /// Whether the elements lie in row-major order without gaps.
  var isDense: Bool {
    var expected = 1
    for axis in shape.indices.reversed() {
      if shape[axis] != 1 && strides[axis] != expected { return false }
      expected *= shape[axis]
    }
    return true
  }
}

// MARK: - Elements

extension Tensor {
  /// The elements in row-major order, copied to the host.
  public func elements<Element: TensorElement>(as type: Element.Type = Element.self) -> [Element] {
    guard !isSymbolicZero else { return [] }
    let dense = dense()
    return withWorkspace(on: dense.device) { workspace in
      Array(UnsafeBufferPointer(start: workspace.pointer(to: dense, as: type), count: dense.count))
    }
  }

  /// The floats in row-major order, copied to the host.
  public var floats: [Float] { elements() }

  /// The one element of a tensor that has just one; 0 for the symbolic zero.
  public var scalar: Float {
    if isSymbolicZero { return 0 }
    precondition(count == 1, "only a tensor of one element has a scalar value; this has shape \(shape)")
    return floats[0]
  }

  /// The same elements in row-major order without gaps; itself where they are so already.
  func dense() -> Tensor {
    guard !isSymbolicZero && !isDense else { return self }
    let copy = Tensor(uninitialized: shape, elementType, on: device)
    copyElements(to: copy)
    return copy
  }

  /// Copies the elements to those of `target`, which has the same shape and any strides.
  func copyElements(to target: Tensor) {
    switch elementType {
    case .float32: copyElements(to: target, as: Float.self)
    case .uint8: copyElements(to: target, as: UInt8.self)
    case .int32: copyElements(to: target, as: Int32.self)
    }
  }

  private func copyElements<Element: TensorElement>(to target: Tensor, as type: Element.Type) {
    precondition(shape == target.shape, "a tensor of shape \(shape) copied to one of shape \(target.shape)")
    withWorkspace(on: device) { workspace in
      let source = workspace.pointer(to: self, as: type), sink = workspace.pointer(to: target, as: type)
      func copy(axis: Int, from: Int, to: Int) {
        guard axis < rank else {
          sink[to] = source[from]
          return
        }
        if axis == rank - 1 && strides[axis] == 1 && target.strides[axis] == 1 {
          (sink + to).update(from: source + from, count: shape[axis])
          return
        }
        for index in 0..<shape[axis] {
          copy(axis: axis + 1, from: from + index * strides[axis], to: to + index * target.strides[axis])
        }
      }
      copy(axis: 0, from: 0, to: 0)
    }
  }

  /// Calls `body` with the elements, dense and writable in place: they are copied first only where another tensor
  /// shares them, which `Device.copiesOnWrite` counts.
  mutating func withMutableFloats<Result>(_ body: (UnsafeMutablePointer<Float>) -> Result) -> Result {
    precondition(!isSymbolicZero, "the symbolic zero has no elements to write")
    if !isKnownUniquelyReferenced(&storage) || !isDense {
      device.pool.countCopyOnWrite()
      let copy = Tensor(uninitialized: shape, elementType, on: device)
      copyElements(to: copy)
      self = copy
    }
    let storage = checkedStorage
    return withExtendedLifetime(storage) { body(storage.floats + offset) }
  }
}

// MARK: - Differentiation

extension Tensor: Differentiable {
  /// A gradient with respect to a tensor is a tensor.
  public typealias TangentVector = Tensor

  /// Adds `offset`.
  public mutating func move(by offset: Tensor) {
    if !offset.isSymbolicZero { self = self + offset }
  }
}

extension Tensor: Equatable {
  /// Whether shapes, element types and all elements are equal; the symbolic zero equals only itself.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    guard a.shape == b.shape, a.elementType == b.elementType, a.isSymbolicZero == b.isSymbolicZero else { return false }
    switch a.elementType {
    case .float32: return a.elements(as: Float.self) == b.elements(as: Float.self)
    case .uint8: return a.elements(as: UInt8.self) == b.elements(as: UInt8.self)
    case .int32: return a.elements(as: Int32.self) == b.elements(as: Int32.self)
    }
  }
}

extension Tensor: CustomStringConvertible {
  /// Shape and element type, and the elements where they are few.
  public var description: String {
    if isSymbolicZero { return "Tensor.zero" }
    let shown = elementType == .float32 && count <= 64 ? ", \(floats)" : ""
    return "Tensor(shape: \(shape), \(elementType.rawValue)\(shown))"
  }
}

extension Array where Element == Int {
  /// The number of elements in a tensor of this shape.
  var product: Int { reduce(1, *) }
}

import Tensors

/// What an op is applied to: reproducible values, and how they lie in memory.
package struct Operand: Sendable {
  /// How a tensor's elements lie in memory.
  package enum Layout: Sendable {
    case dense
    /// A matrix whose columns are contiguous.
    case transposed
    /// [batch, steps, features] with steps slowest in memory.
    case timeMajor
    /// A view into the middle of a tensor that holds NaN everywhere else.
    case window
  }

  let name: String
  let shape: [Int]
  package let values: [Float]
  let layout: Layout
  /// Whether the case's op takes no derivative with respect to this operand.
  let isConstant: Bool

  /// An operand of given values.
  package init(
    _ name: String, _ shape: [Int], values: [Float], layout: Layout = .dense, isConstant: Bool = false
  ) {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values for shape \(shape)")
    self.name = name
    self.shape = shape
    self.values = values
    self.layout = layout
    self.isConstant = isConstant
  }

  /// An operand of normal numbers with deviation `scale`, which depend on its name and shape alone.
  package init(
    _ name: String, _ shape: [Int], scale: Float = 1, layout: Layout = .dense, isConstant: Bool = false
  ) {
    self.init(
      name, shape, values: normals(shape, for: name).map { $0 * scale }, layout: layout, isConstant: isConstant)
  }

  /// The same operand with other values, each made from its index and what it was.
  func changed(_ change: (Int, Float) -> Float) -> Operand {
    Operand(
      name, shape, values: values.enumerated().map { change($0.offset, $0.element) }, layout: layout,
      isConstant: isConstant)
  }

  /// The operand as references read it.
  package var doubles: Doubles { Doubles(shape, values.map(Double.init)) }

  /// The operand as the op reads it.
  package func tensor(on device: Device) -> Tensor {
    let dense = Tensor(values, shape: shape, on: device)
    switch layout {
    case .dense: return dense
    case .transposed: return Tensor(transposedValues, shape: shape.reversed(), on: device).transposed()
    case .timeMajor: return dense.timeMajor()
    case .window: return window(on: device)
    }
  }

  private var transposedValues: [Float] {
    let (rows, columns) = (shape[0], shape[1])
    return (0..<rows * columns).map { values[$0 % rows * columns + $0 / rows] }
  }

  /// One element of NaN before and after in each dimension.
  private func window(on device: Device) -> Tensor {
    let doubles = doubles
    let surrounded = Doubles(shape.map { $0 + 2 }) { index in
      let inner = index.map { $0 - 1 }
      let isInside = zip(inner, shape).allSatisfy { (0..<$1).contains($0) }
      return isInside ? doubles[inner] : .nan
    }
    let whole = Tensor(surrounded.elements.map(Float.init), shape: surrounded.shape, on: device)
    return shape.indices.reduce(whole) { $0.sliced(alongAxis: $1, 1..<shape[$1] + 1) }
  }
}

/// Normal numbers that depend on the shape and on what they are for.
func normals(_ shape: [Int], for purpose: String) -> [Float] {
  // FNV-1a; Swift's own hashes change from run to run.
  let seed = "\(purpose) \(shape)".utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
    ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
  }
  var random = RandomGenerator(seed: seed)
  return random.normals(count: shape.reduce(1, *))
}

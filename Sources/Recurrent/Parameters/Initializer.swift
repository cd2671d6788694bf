import Tensors

/// How the initial values of a parameter are drawn.
///
/// Values are drawn in row-major order of the logical tensor, so that they depend on the generator alone and not on the
/// device or on how kernels lay out weights.
public struct Initializer: Sendable {
  private let draw: @Sendable (_ shape: [Int], _ random: inout RandomGenerator) -> [Float]

  /// An initializer that draws as many values as `shape` has elements.
  public init(_ draw: @escaping @Sendable (_ shape: [Int], _ random: inout RandomGenerator) -> [Float]) {
    self.draw = draw
  }

  /// Draws a tensor.
  public func tensor(_ shape: [Int], using random: inout RandomGenerator, on device: Device = .cpu) -> Tensor {
    Tensor(draw(shape, &random), shape: shape, on: device)
  }

  /// Draws `blocks` matrices independently and puts one below the other.
  public func tensor(
    blocks: Int, of shape: [Int], using random: inout RandomGenerator, on device: Device = .cpu
  ) -> Tensor {
    let values = (0..<blocks).flatMap { _ in draw(shape, &random) }
    return Tensor(values, shape: [blocks * shape[0]] + shape.dropFirst(), on: device)
  }
}

extension Initializer {
  /// All zero.
  public static let zeros = Initializer { shape, _ in [Float](repeating: 0, count: shape.reduce(1, *)) }

  /// The normal distribution of mean 0 and the given deviation, 1 by default: what the assignment uses for its input and
  /// output layers.
  public static func normal(deviation: Float = 1) -> Initializer {
    Initializer { shape, random in random.normals(count: shape.reduce(1, *)).map { $0 * deviation } }
  }

  /// Uniform from −`limit` to `limit`.
  public static func uniform(limit: Float) -> Initializer {
    Initializer { shape, random in random.uniforms(count: shape.reduce(1, *), in: -limit..<limit) }
  }

  /// Uniform in ±√(6 / (inputs + outputs)) for a matrix [outputs, inputs] (Glorot & Bengio 2010, equation 16).
  public static let glorotUniform = Initializer { shape, random in
    let limit = (6 / Float(shape.reduce(0, +))).squareRoot()
    return random.uniforms(count: shape.reduce(1, *), in: -limit..<limit)
  }

  /// The identity matrix; with a zero row or column for each that it has more of the other.
  public static let identity = Initializer { shape, _ in
    precondition(shape.count == 2, "an identity matrix of shape \(shape)")
    return (0..<shape[0] * shape[1]).map { $0 / shape[1] == $0 % shape[1] ? 1 : 0 }
  }

  /// A random orthogonal matrix (Saxe et al. 2014): the rows of a normal matrix made orthonormal, or its columns where
  /// it has more rows than columns.
  public static let orthogonal = Initializer { shape, random in
    precondition(shape.count == 2, "an orthogonal initializer needs a matrix, not shape \(shape)")
    let (rows, columns) = (shape[0], shape[1])
    let (count, length) = (min(rows, columns), max(rows, columns))
    let basis = orthonormalVectors(count: count, length: length, using: &random)
    guard rows > columns else { return basis }
    return (0..<rows * columns).map { basis[$0 % columns * length + $0 / columns] }
  }

  /// `count` ≤ `length` orthonormal vectors one after the other: modified Gram-Schmidt in double precision.
  private static func orthonormalVectors(count: Int, length: Int, using random: inout RandomGenerator) -> [Float] {
    var vectors = random.normals(count: count * length).map(Double.init)
    vectors.withUnsafeMutableBufferPointer { vectors in
      for k in 0..<count {
        let this = k * length
        for other in stride(from: 0, to: this, by: length) {
          var overlap = 0.0
          for i in 0..<length { overlap += vectors[this + i] * vectors[other + i] }
          for i in 0..<length { vectors[this + i] -= overlap * vectors[other + i] }
        }
        var square = 0.0
        for i in this..<this + length { square += vectors[i] * vectors[i] }
        let scale = 1 / square.squareRoot()
        for i in this..<this + length { vectors[i] *= scale }
      }
    }
    return vectors.map(Float.init)
  }
}

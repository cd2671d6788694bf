import Tensors

/// What the derivative of a function is along some directions, by central differences in double precision.
///
/// An operand of up to 400 elements is probed along each of them. A larger one is probed along 24 random directions:
/// the squared error of such a probe is, in expectation, the squared error of the whole gradient, so the relative error
/// over the probes estimates that of the gradient, and no element escapes.
package struct Probes: Sendable {
  /// Unit vectors.
  private let directions: [[Double]]
  /// The derivative along each.
  private let slopes: [Double]

  /// Probes `loss`, a function of `operands`, with respect to one of them, by steps of a size that suits its curvature.
  ///
  /// The error of a difference is of order step² from curvature, 1e-8, and 1e-16 / step from rounding, 1e-12.
  package init(of loss: ([Doubles]) -> Double, at operands: [Doubles], withRespectTo index: Int, step: Double = 1e-4) {
    directions = Self.directions(count: operands[index].elements.count)
    slopes = directions.map { direction in
      func moved(_ distance: Double) -> Double {
        var operands = operands
        operands[index].elements = zip(operands[index].elements, direction).map { $0 + distance * $1 }
        return loss(operands)
      }
      return (moved(step) - moved(-step)) / (2 * step)
    }
  }

  /// The relative L2 error of a gradient along the directions.
  package func error(of gradient: [Float]) -> Double {
    guard gradient.count == directions.first?.count else { return .infinity }
    let actual = directions.map { direction in zip(gradient, direction).reduce(0) { $0 + Double($1.0) * $1.1 } }
    return relativeError(of: actual, to: slopes)
  }

  private static func directions(count: Int) -> [[Double]] {
    if count <= 400 {
      return (0..<count).map { one in (0..<count).map { $0 == one ? 1 : 0 } }
    }
    return (0..<24).map { probe in
      let vector = normals([count], for: "direction \(probe)").map(Double.init)
      let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return vector.map { $0 / length }
    }
  }
}

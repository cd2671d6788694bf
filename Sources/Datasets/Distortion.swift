import Foundation
import Tensors

/// Small random changes that leave an image what it is: other images to learn from.
///
/// Each image of each batch is moved, turned, stretched and bent anew. Moving, turning and stretching are one affine map
/// about the image's middle; bending moves the control points of a `WarpGrid` one by one, a coarse and cheap form of
/// elastic distortion (Simard, Steinkraus & Platt 2003, "Best practices for convolutional neural networks", section 2).
public struct Distortion: Sendable, Equatable, Codable {
  /// The largest move along each axis, in pixels.
  public var shift: Float
  /// The largest turn either way, in degrees.
  public var rotation: Float
  /// The largest stretch along each axis, as a share of the image: 0.1 makes it up to 10 % longer or shorter.
  public var scaling: Float
  /// The largest move of a control point along each axis, in pixels.
  public var bending: Float

  /// - Precondition: It `isSound`.
  public init(shift: Float = 0, rotation: Float = 0, scaling: Float = 0, bending: Float = 0) {
    self.shift = shift
    self.rotation = rotation
    self.scaling = scaling
    self.bending = bending
    precondition(
      isSound,
      "a distortion by a shift of \(shift), rotation of \(rotation), scaling of \(scaling), bending of \(bending)")
  }

  /// Whether no number is negative or infinite, and `scaling` is below 1. One that was read from a file may not be.
  public var isSound: Bool {
    [shift, rotation, scaling, bending].allSatisfy { $0 >= 0 && $0.isFinite } && scaling < 1
  }

  /// Draws one image's distortion, and writes where the control points of `grid` go: [2, controls, controls].
  func draw(on grid: WarpGrid, using random: inout RandomGenerator, into points: UnsafeMutableBufferPointer<Float>) {
    // Two numbers from −1 to 1 of one word: drawing words is most of the work.
    func pair() -> (Float, Float) {
      let word = random.next()
      return (Float(word >> 40) * 0x1p-23 - 1, Float(word & 0xFF_FFFF) * 0x1p-23 - 1)
    }
    let (moveY, moveX) = pair(), (stretchY, stretchX) = pair(), (turn, _) = pair()
    let angle = turn * rotation * .pi / 180
    let (sine, cosine) = (sin(angle), cos(angle))
    // A pixel shows what was at the place that is moved to it: so the map goes back.
    let (taller, wider) = (1 / (1 + stretchY * scaling), 1 / (1 + stretchX * scaling))
    let (middleY, middleX) = (Float(grid.height - 1) / 2, Float(grid.width - 1) / 2)
    let rows = grid.positions(along: grid.height), columns = grid.positions(along: grid.width)
    let half = grid.controls * grid.controls
    for (j, row) in rows.enumerated() {
      for (k, column) in columns.enumerated() {
        let (y, x) = (row - middleY - moveY * shift, column - middleX - moveX * shift), index = j * grid.controls + k
        let (bendY, bendX) = pair()
        points[index] = middleY + (cosine * y - sine * x) * taller + bendY * bending
        points[half + index] = middleX + (sine * y + cosine * x) * wider + bendX * bending
      }
    }
  }
}

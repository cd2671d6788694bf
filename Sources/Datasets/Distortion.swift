import Foundation
import Tensors

/// Small random changes that leave an image what it is: other images to learn from.
///
/// Each image of each batch is moved, turned, slanted, stretched and bent anew. All but bending is one affine map about the
/// image's middle; bending moves the control points of a `WarpGrid` one by one, a coarse and cheap form of
/// elastic distortion (Simard, Steinkraus & Platt 2003, "Best practices for convolutional neural networks", section 2).
///
/// A network that reads rows from the top and answers before the last one learns from the height at which ink begins. What
/// moves ink up and down takes that away from it; slanting does not, and `vertical` limits the rest.
public struct Distortion: Sendable, Equatable, Codable {
  /// The largest move along each axis, in pixels.
  public var shift: Float
  /// The largest turn either way, in degrees.
  public var rotation: Float
  /// The largest slant either way, in degrees: rows are moved sideways, the farther from the middle the more.
  public var slant: Float
  /// The largest stretch along each axis, as a share of the image: 0.1 makes it up to 10 % longer or shorter.
  public var scaling: Float
  /// The largest move of a control point along each axis, in pixels.
  public var bending: Float
  /// How much of moving, stretching and bending is done up and down too: from 0, only sideways, to 1, alike.
  public var vertical: Float

  /// - Precondition: It `isSound`.
  public init(
    shift: Float = 0, rotation: Float = 0, slant: Float = 0, scaling: Float = 0, bending: Float = 0, vertical: Float = 1
  ) {
    self.shift = shift
    self.rotation = rotation
    self.slant = slant
    self.scaling = scaling
    self.bending = bending
    self.vertical = vertical
    precondition(isSound, "\(self)")
  }

  /// Whether no number is negative or infinite, slanting stays below a right angle, `scaling` below 1 and `vertical` is at
  /// most 1. A distortion that was read from a file may be another.
  public var isSound: Bool {
    [shift, rotation, slant, scaling, bending, vertical].allSatisfy { $0 >= 0 && $0.isFinite } && slant < 90
      && scaling < 1 && vertical <= 1
  }

  /// Draws one image's distortion, and writes where the control points of `grid` go: [2, controls, controls].
  func draw(on grid: WarpGrid, using random: inout RandomGenerator, into points: UnsafeMutableBufferPointer<Float>) {
    // Two numbers from −1 to 1 of one word: drawing words is most of the work.
    func pair() -> (Float, Float) {
      let word = random.next()
      return (Float(word >> 40) * 0x1p-23 - 1, Float(word & 0xFF_FFFF) * 0x1p-23 - 1)
    }
    let (moveY, moveX) = pair(), (stretchY, stretchX) = pair(), (turn, lean) = pair()
    let angle = turn * rotation * .pi / 180, lateral = tan(lean * slant * .pi / 180)
    let (sine, cosine) = (sin(angle), cos(angle))
    // A pixel shows what was at the place that is moved to it: so the map goes back.
    let (taller, wider) = (1 / (1 + stretchY * scaling * vertical), 1 / (1 + stretchX * scaling))
    let (middleY, middleX) = (Float(grid.height - 1) / 2, Float(grid.width - 1) / 2)
    let rows = grid.positions(along: grid.height), columns = grid.positions(along: grid.width)
    let half = grid.controls * grid.controls
    for (j, row) in rows.enumerated() {
      for (k, column) in columns.enumerated() {
        let (y, x) = (row - middleY - moveY * shift * vertical, column - middleX - moveX * shift),
          index = j * grid.controls + k
        let (bendY, bendX) = pair()
        points[index] = middleY + (cosine * y - sine * x) * taller + bendY * bending * vertical
        points[half + index] = middleX + (sine * y + cosine * x) * wider + lateral * y + bendX * bending
      }
    }
  }
}

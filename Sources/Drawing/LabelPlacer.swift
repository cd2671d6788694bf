/// An upright rectangle; y points down, as on a screen.
package struct Box: Equatable {
  package var x: Double
  package var y: Double
  package var width: Double
  package var height: Double

  package init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  package var maxX: Double { x + width }
  package var maxY: Double { y + height }
  package var middleX: Double { x + width / 2 }
  package var middleY: Double { y + height / 2 }

  package func contains(x pointX: Double, y pointY: Double) -> Bool {
    pointX >= x && pointX <= maxX && pointY >= y && pointY <= maxY
  }

  /// The area shared with `other`.
  package func overlap(with other: Box) -> Double {
    max(0, min(maxX, other.maxX) - max(x, other.x)) * max(0, min(maxY, other.maxY) - max(y, other.y))
  }
}

/// Finds room for labels: the same for pixels and for terminal cells.
package struct LabelPlacer {
  private let bounds: Box
  private let obstacles: [(x: Double, y: Double)]
  private var taken: [Box]

  /// - Parameters:
  ///   - bounds: Where labels should stay.
  ///   - obstacles: Points on the curves that labels should not cover, dense enough that no label slips between them.
  ///   - taken: Where other text already is.
  package init(bounds: Box, obstacles: [(x: Double, y: Double)], taken: [Box] = []) {
    self.bounds = bounds
    self.obstacles = obstacles
    self.taken = taken
  }

  /// The best of `candidates`, which is taken from then on; among equals the first, so callers list
  /// them in order of preference.
  package mutating func place(_ candidates: [Box]) -> Box {
    let costs = candidates.map(cost)
    guard let best = zip(candidates, costs).min(by: { $0.1 < $1.1 })?.0 else {
      preconditionFailure("a label needs at least one candidate place")
    }
    taken.append(best)
    return best
  }

  /// Text that leaves the chart or covers other text is worse than text that covers any length of a curve.
  private func cost(of box: Box) -> Double {
    // An empty text covers nothing.
    let area = max(box.width * box.height, 1e-9)
    let outside = area - box.overlap(with: bounds)
    let covered = taken.reduce(0) { $0 + box.overlap(with: $1) }
    let crossed = obstacles.count { box.contains(x: $0.x, y: $0.y) }
    return (outside + covered) / area * 1e6 + Double(crossed)
  }

  /// Places around a point, in order of preference: beside it above and below, then straight above and below.
  package static func places(
    around x: Double, _ y: Double, width: Double, height: Double, gap: (x: Double, y: Double)
  ) -> [Box] {
    let (left, right) = (x - gap.x - width, x + gap.x)
    let (above, below) = (y - gap.y - height, y + gap.y)
    let middle = (x: x - width / 2, y: y - height / 2)
    return [
      (left, above), (right, below), (left, below), (right, above),
      (middle.x, above), (middle.x, below), (left, middle.y), (right, middle.y),
      (left, below + height), (right, below + height), (left, above - height), (right, above - height),
    ].map { Box(x: $0.0, y: $0.1, width: width, height: height) }
  }
}

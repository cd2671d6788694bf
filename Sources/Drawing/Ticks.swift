/// A distance between ticks that people like to read: 1, 2 or 5 times a power of ten.
package struct NiceStep: Hashable {
  private let mantissa: Int
  private let exponent: Int

  /// The smallest nice step that is not below `distance`, a positive number.
  package init(atLeast distance: Double) {
    precondition(distance > 0 && distance.isFinite, "a step of \(distance) is no distance")
    var exponent = 0
    while powerOfTen(exponent + 1) <= distance { exponent += 1 }
    while powerOfTen(exponent) > distance { exponent -= 1 }
    // The tolerance accepts a distance that only rounding has pushed above the step.
    let mantissa = [1, 2, 5].first { Double($0) * powerOfTen(exponent) >= distance * (1 - 1e-9) }
    self.mantissa = mantissa ?? 1
    self.exponent = mantissa == nil ? exponent + 1 : exponent
  }

  /// `count` steps from zero, the Double nearest to the decimal number: whole numbers are divided, so that
  /// three steps of 0.1 are 0.3 and not 0.30000000000000004.
  package func times(_ count: Double) -> Double {
    let whole = count * Double(mantissa)
    return exponent < 0 ? whole / powerOfTen(-exponent) : whole * powerOfTen(exponent)
  }

  /// The digits behind the point that its multiples need.
  package var decimals: Int { max(0, -exponent) }

  /// The next larger nice step.
  package var next: NiceStep { NiceStep(atLeast: times(1.5)) }
}

/// Where an axis has its ticks.
package struct Ticks: Equatable {
  package let values: [Double]
  package let decimals: Int
}

extension Ticks {
  /// The finest nice ticks that lie inside `range` and are at most `count`.
  package init(inside range: ClosedRange<Double>, atMost count: Int, minimumStep: Double = 0) {
    self.init(range, atMost: count, minimumStep: minimumStep) {
      (($0 - Self.tolerance).rounded(.up), ($1 + Self.tolerance).rounded(.down))
    }
  }

  /// The finest nice ticks, at most `count`, whose first and last enclose `range`: the range of an automatic axis.
  package init(around range: ClosedRange<Double>, atMost count: Int, minimumStep: Double = 0) {
    // Two neighbouring ticks may have to become three to enclose a range that straddles one.
    self.init(range, atMost: max(count, 3), minimumStep: minimumStep) {
      (($0 + Self.tolerance).rounded(.down), ($1 - Self.tolerance).rounded(.up))
    }
  }

  /// Ticks that someone chose, with the digits that they need.
  package init(_ values: [Double]) {
    let isExact = { (decimals: Int) in
      values.allSatisfy { value in
        let scaled = value * powerOfTen(decimals)
        return (scaled - scaled.rounded()).magnitude <= 1e-6
      }
    }
    self.init(values: values, decimals: (0...6).first(where: isExact) ?? 6)
  }

  /// In steps: how far a bound may be off a tick by rounding and still count as on it.
  private static let tolerance = 1e-6

  /// `bounds` turns the range in steps into the first and the last tick's number.
  private init(
    _ range: ClosedRange<Double>, atMost count: Int, minimumStep: Double,
    bounds: (Double, Double) -> (first: Double, last: Double)
  ) {
    let span = range.upperBound - range.lowerBound
    guard span > 0, span.isFinite else {
      self.init([range.lowerBound])
      return
    }
    let most = Double(max(count, 1))
    var step = NiceStep(atLeast: max(span / most, minimumStep))
    func ends() -> (first: Double, last: Double) {
      bounds(range.lowerBound / step.times(1), range.upperBound / step.times(1))
    }
    while ends().last - ends().first + 1 > most { step = step.next }
    let (first, last) = ends()
    self.init(values: stride(from: first, through: last, by: 1).map(step.times), decimals: step.decimals)
  }
}

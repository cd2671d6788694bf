/// An axis with everything decided: its range, and ticks with their labels.
package struct AxisScale {
  package let range: ClosedRange<Double>
  package let ticks: [(value: Double, label: String)]
  private let isLogarithmic: Bool

  /// An axis from its parts.
  init(range: ClosedRange<Double>, ticks: [(value: Double, label: String)], isLogarithmic: Bool) {
    self.range = range
    self.ticks = ticks
    self.isLogarithmic = isLogarithmic
  }

  /// Settles what `axis` leaves open.
  ///
  /// - Parameters:
  ///   - axis: The axis; its own range and ticks win.
  ///   - values: What an automatic range must include; numbers that cannot be drawn are ignored.
  ///   - count: The most ticks that have room.
  ///   - endsOnTicks: Whether an automatic range is widened to the next tick at both ends.
  package init(_ axis: LineChart.Axis, covering values: [Double], ticksAtMost count: Int, endsOnTicks: Bool) {
    if axis.scale == .logarithmic {
      self = .logarithmic(axis, covering: values, ticksAtMost: count, endsOnTicks: endsOnTicks)
      return
    }
    let minimumStep = axis.format == .integer ? 1.0 : 0
    let extent = axis.range.map(Self.checked) ?? Self.extent(of: values, format: axis.format)
    let ticks: Ticks
    var range = extent
    if let chosen = axis.ticks {
      ticks = Ticks(chosen.filter(extent.contains))
    } else if endsOnTicks, axis.range == nil {
      ticks = Ticks(around: extent, atMost: count, minimumStep: minimumStep)
      range = (ticks.values.first ?? extent.lowerBound)...(ticks.values.last ?? extent.upperBound)
    } else {
      ticks = Ticks(inside: extent, atMost: count, minimumStep: minimumStep)
    }
    self.init(range: range, ticks: Self.labels(of: ticks, axis.format), isLogarithmic: false)
  }

  /// Ticks with their numbers written with equally many decimals.
  static func labels(of ticks: Ticks, _ format: ValueFormat) -> [(value: Double, label: String)] {
    let decimals = format.tickDecimals(ticks.decimals)
    return ticks.values.map { ($0, format.string($0, decimals: decimals)) }
  }

  /// Where `value` lies on the axis: 0 at the lower end, 1 at the upper. What is not positive lies infinitely far below on a
  /// logarithmic one.
  package func fraction(_ value: Double) -> Double {
    guard isLogarithmic else { return (value - range.lowerBound) / (range.upperBound - range.lowerBound) }
    guard value > 0 else { return -.infinity }
    let (low, high) = (decimalLogarithm(of: range.lowerBound), decimalLogarithm(of: range.upperBound))
    return (decimalLogarithm(of: value) - low) / (high - low)
  }

  private static func checked(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    precondition(
      range.lowerBound.isDrawable && range.upperBound.isDrawable && range.lowerBound < range.upperBound,
      "an axis cannot show the range \(range): it needs two different finite ends")
    return range
  }

  /// The range of `values`, widened where it is too narrow to draw; 0...1 if there are none.
  private static func extent(of values: [Double], format: ValueFormat) -> ClosedRange<Double> {
    let drawable = values.filter(\.isDrawable)
    guard let low = drawable.min(), let high = drawable.max() else { return 0...1 }
    let magnitude = max(low.magnitude, high.magnitude)
    // Below this, neighbouring ticks would be the same number in floating point, or read the same.
    if high - low > magnitude * 1e-9, high - low > 1e-150 { return low...high }
    let margin = max(magnitude * 0.1, magnitude == 0 ? 1 : 1e-150)
    // A lone accuracy of 98 % should not make an axis that goes up to 108 %.
    if format == .percent, low >= 0, high <= 1 { return max(0, low - margin)...min(1, high + margin) }
    return (low - margin)...(high + margin)
  }
}

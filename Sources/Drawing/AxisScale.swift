/// An axis with everything decided: its range, and ticks with their labels.
package struct AxisScale {
  package let range: ClosedRange<Double>
  package let ticks: [(value: Double, label: String)]

  /// Settles what `axis` leaves open.
  ///
  /// - Parameters:
  ///   - axis: The axis; its own range and ticks win.
  ///   - values: What an automatic range must include; numbers that cannot be drawn are ignored.
  ///   - count: The most ticks that have room.
  ///   - endsOnTicks: Whether an automatic range is widened to the next tick at both ends.
  package init(_ axis: LineChart.Axis, covering values: [Double], ticksAtMost count: Int, endsOnTicks: Bool) {
    let minimumStep = axis.format == .integer ? 1.0 : 0
    let extent = axis.range.map(Self.checked) ?? Self.extent(of: values, format: axis.format)
    let ticks: Ticks
    if let chosen = axis.ticks {
      ticks = Ticks(chosen.filter(extent.contains))
      range = extent
    } else if endsOnTicks, axis.range == nil {
      ticks = Ticks(around: extent, atMost: count, minimumStep: minimumStep)
      range = (ticks.values.first ?? extent.lowerBound)...(ticks.values.last ?? extent.upperBound)
    } else {
      ticks = Ticks(inside: extent, atMost: count, minimumStep: minimumStep)
      range = extent
    }
    let decimals = axis.format.tickDecimals(ticks.decimals)
    self.ticks = ticks.values.map { ($0, axis.format.string($0, decimals: decimals)) }
  }

  /// Where `value` lies on the axis: 0 at the lower end, 1 at the upper.
  package func fraction(_ value: Double) -> Double {
    (value - range.lowerBound) / (range.upperBound - range.lowerBound)
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

extension AxisScale {
  /// Settles what a logarithmic `axis` leaves open; see `init(_:covering:ticksAtMost:endsOnTicks:)`.
  static func logarithmic(
    _ axis: LineChart.Axis, covering values: [Double], ticksAtMost count: Int, endsOnTicks: Bool
  ) -> AxisScale {
    let extent = axis.range.map(checked) ?? extent(of: values)
    func scale(_ range: ClosedRange<Double>, _ ticks: Ticks) -> AxisScale {
      AxisScale(range: range, ticks: labels(of: ticks, axis.format), isLogarithmic: true)
    }
    if let chosen = axis.ticks { return scale(extent, Ticks(chosen.filter(extent.contains))) }
    let around = LogarithmicTicks(around: extent, atMost: count).ticks
    if endsOnTicks, axis.range == nil, let first = around.first, let last = around.last {
      return AxisScale(
        range: first.value...last.value, ticks: labels(of: around, axis.format), isLogarithmic: true)
    }
    let inside = LogarithmicTicks(inside: extent, atMost: count).ticks
    // Within less than a decade there may be none, but there are round numbers.
    if inside.count < 2 { return scale(extent, Ticks(inside: extent, atMost: count)) }
    return AxisScale(range: extent, ticks: labels(of: inside, axis.format), isLogarithmic: true)
  }

  /// Plain numbers where none of them is long, else powers of ten: "1e-5".
  private static func labels(
    of ticks: [LogarithmicTicks.Tick], _ format: ValueFormat
  ) -> [(value: Double, label: String)] {
    let arePlain = ticks.allSatisfy { (-4...4).contains($0.exponent) }
    return ticks.map { tick in
      let decimals = format.tickDecimals(max(0, -tick.exponent))
      return (
        tick.value,
        arePlain ? format.string(tick.value, decimals: decimals) : "\(tick.mantissa)e\(tick.exponent)"
      )
    }
  }

  private static func checked(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    precondition(
      range.lowerBound.isLogarithmicallyDrawable && range.upperBound.isDrawable && range.lowerBound < range.upperBound,
      "a logarithmic axis cannot show the range \(range): it needs two different positive ends")
    return range
  }

  /// The range of the positive `values`, widened where it is too narrow to draw; 1...10 if there are none.
  private static func extent(of values: [Double]) -> ClosedRange<Double> {
    let drawable = values.filter(\.isLogarithmicallyDrawable)
    guard let low = drawable.min(), let high = drawable.max() else { return 1...10 }
    return high > low * (1 + 1e-9) ? low...high : low / 2...high * 2
  }
}

extension LineChart {
  /// The chart without what has no place on a logarithmic axis: a point that is not positive interrupts its line there, as
  /// one that is not finite does everywhere.
  var placeable: LineChart {
    guard [xAxis, yAxis].contains(where: { $0.scale == .logarithmic }) else { return self }
    func hasPlace(_ value: Double, on axis: Axis) -> Bool {
      axis.scale == .linear || value.isLogarithmicallyDrawable
    }
    var chart = self
    for (index, series) in series.enumerated() {
      chart.series[index].points = series.points.map { point in
        var point = point
        if !hasPlace(point.x, on: xAxis) || !hasPlace(point.y, on: yAxis) { point.y = .nan }
        if let low = point.low, !hasPlace(low, on: yAxis) { point.low = nil }
        return point
      }
    }
    chart.notes = notes.filter { hasPlace($0.x, on: xAxis) && hasPlace($0.y, on: yAxis) }
    return chart
  }
}

extension Double {
  /// Whether a logarithmic axis has a place for it.
  var isLogarithmicallyDrawable: Bool { self > 1e-150 && isDrawable }
}

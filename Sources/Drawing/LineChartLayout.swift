/// Where everything in a chart's SVG goes.
struct LineChartLayout {
  /// The name of a series at a place.
  struct Entry {
    var series: Int
    var box: Box
  }

  static let swatchWidth = 34.0

  let margin = 28.0
  let heading: [SVGElement]
  let plot: Box
  let xScale: AxisScale
  let yScale: AxisScale
  /// Filled where the lines end too close to each other for ``endLabels``.
  let legend: [Entry]
  /// The names behind the ends of the lines.
  let endLabels: [Entry]

  private let chart: LineChart

  init(_ chart: LineChart, width: Double, height: Double, showsTitle: Bool = true) {
    self.chart = chart
    let named = chart.series.indices.filter { !chart.series[$0].name.isEmpty }
    let textWidth = { (text: String) in SVGText.width(of: text, size: SVGText.bodySize) }
    let endWidth = named.map { textWidth(chart.series[$0].name) }.max() ?? 0

    var y = margin
    heading = SVGText.heading(
      title: showsTitle ? chart.title : "", subtitle: chart.subtitle, x: margin, width: width - 2 * margin, y: &y)
    // The plot's height, which end labels need, depends on whether there is a legend: first try without.
    let below = chart.xAxis.label.isEmpty ? 40.0 : 64.0
    let yLabel = chart.yAxis.label.isEmpty ? 0 : SVGText.bodySize * SVGText.lineHeight
    func plotHeight(below top: Double) -> Double { max(40, height - below - top) }
    let top = y + 18 + yLabel
    yScale = chart.yScale(ticksAtMost: max(2, Int(plotHeight(below: top) / 50)))
    let tickWidth = yScale.ticks.map { SVGText.width(of: $0.label, size: SVGText.smallSize) }.max() ?? 0
    let left = margin + tickWidth + 10

    let ends = Self.lineEnds(of: chart, named: named, yScale: yScale, top: top, height: plotHeight(below: top))
    if let ends, endWidth <= width / 4 {
      legend = []
      plot = Box(x: left, y: top, width: width - left - margin - endWidth - 14, height: plotHeight(below: top))
      let labelX = plot.maxX + 14
      endLabels = ends.map { end in
        let lineHeight = SVGText.bodySize * SVGText.lineHeight
        return Entry(
          series: end.series, box: Box(x: labelX, y: end.y - lineHeight / 2, width: endWidth, height: lineHeight))
      }
    } else {
      endLabels = []
      legend = Self.legend(named.map { ($0, textWidth(chart.series[$0].name)) }, x: margin, y: y + 10, width: width)
      let legendBottom = legend.map(\.box.maxY).max().map { $0 + 4 } ?? y
      let top = legendBottom + 18 + yLabel
      plot = Box(x: left, y: top, width: width - left - margin - 8, height: plotHeight(below: top))
    }
    let widest = chart.xScale(ticksAtMost: 8).ticks.map { SVGText.width(of: $0.label, size: SVGText.smallSize) }.max()
    xScale = chart.xScale(ticksAtMost: max(2, min(15, Int(plot.width / ((widest ?? 0) + 32)))))
  }

  func x(_ value: Double) -> Double { Self.paper(plot.x + xScale.fraction(value) * plot.width) }

  func y(_ value: Double) -> Double { Self.paper(plot.maxY - yScale.fraction(value) * plot.height) }

  func place(x: Double, y: Double) -> (x: Double, y: Double) { (self.x(x), self.y(y)) }

  /// Renderers compute in single precision and misdraw what lies too far outside.
  private static func paper(_ coordinate: Double) -> Double { min(max(coordinate, -1e5), 1e5) }

  /// Whether the points of `series` are far enough apart to mark every one.
  func showsMarkers(for series: LineChart.Series) -> Bool {
    let points = series.drawablePoints
    return zip(points, points.dropFirst()).allSatisfy { abs(x($1.x) - x($0.x)) >= 12 }
  }

  /// Where the lines end, if labels fit there: all at the same x, and no two too close.
  private static func lineEnds(
    of chart: LineChart, named: [Int], yScale: AxisScale, top: Double, height: Double
  ) -> [(series: Int, y: Double)]? {
    var ends: [(series: Int, y: Double)] = []
    var lastX: Double?
    for index in named {
      guard let last = chart.series[index].drawablePoints.last, yScale.range.contains(last.y),
        lastX == nil || lastX == last.x
      else { return nil }
      lastX = last.x
      ends.append((index, top + (1 - yScale.fraction(last.y)) * height))
    }
    // A label at the lines' ends must also be at the plot's edge.
    guard let lastX, chart.xScale(ticksAtMost: 8).range.upperBound == lastX else { return nil }
    let sorted = ends.map(\.y).sorted()
    return zip(sorted, sorted.dropFirst()).allSatisfy { $1 - $0 >= SVGText.bodySize * SVGText.lineHeight } ? ends : nil
  }

  /// Names in rows, as many in each as have room.
  private static func legend(
    _ names: [(series: Int, width: Double)], x left: Double, y top: Double, width: Double
  ) -> [Entry] {
    let rowHeight = 24.0
    var (x, y) = (left, top)
    return names.map { name in
      let entryWidth = swatchWidth + 8 + name.width
      if x > left, x + entryWidth > width - left {
        x = left
        y += rowHeight
      }
      defer { x += entryWidth + 24 }
      return Entry(series: name.series, box: Box(x: x, y: y, width: entryWidth, height: rowHeight))
    }
  }

  /// The vertical axis's label, above the axis: easier to read than beside it, where it would have to be turned.
  var yLabelBox: Box {
    let width = SVGText.width(of: chart.yAxis.label, size: SVGText.bodySize)
    return Box(x: margin, y: plot.y - 32, width: width, height: SVGText.bodySize * SVGText.lineHeight)
  }

  /// Where labels may be: in the plot and a line above it, where a chart of accuracies has its most interesting points.
  var labelBounds: Box { Box(x: plot.x, y: plot.y - 30, width: plot.width, height: plot.height + 30) }

  /// Points along the lines that labels should not cover.
  var obstacles: [(x: Double, y: Double)] {
    chart.series.flatMap(\.runs).flatMap { run in
      let places = run.map { place(x: $0.x, y: $0.y) }
      let between = zip(places, places.dropFirst()).flatMap { start, end in
        let pieces = min(200, 1 + Int(max(abs(end.x - start.x), abs(end.y - start.y)) / 4))
        return (0..<pieces).map { piece in
          let fraction = Double(piece) / Double(pieces)
          return (x: start.x + (end.x - start.x) * fraction, y: start.y + (end.y - start.y) * fraction)
        }
      }
      return between + places.suffix(1)
    }
  }

  /// Where the text of `note` may go, best place first.
  func places(for note: LineChart.Note) -> [Box] {
    LabelPlacer.places(
      around: x(note.x), y(note.y), width: SVGText.width(of: note.text, size: SVGText.smallSize), height: 20,
      gap: (x: 8, y: 8))
  }

  /// Where the text of `reference` may go: on either side of the line, at either end. None if the line is not
  /// visible or has no name.
  func places(for reference: LineChart.Reference) -> [Box] {
    if reference.label.isEmpty { return [] }
    let (width, height) = (SVGText.width(of: reference.label, size: SVGText.smallSize), 20.0)
    switch reference {
    case .horizontal(let value, _):
      guard yScale.range.contains(value) else { return [] }
      return [plot.maxX - width - 4, plot.x + 4].flatMap { x in
        [y(value) - height - 1, y(value) + 1].map { Box(x: x, y: $0, width: width, height: height) }
      }
    case .vertical(let value, _):
      guard xScale.range.contains(value) else { return [] }
      return [plot.y + 4, plot.maxY - height - 4].flatMap { y in
        [x(value) + 6, x(value) - width - 6].map { Box(x: $0, y: y, width: width, height: height) }
      }
    }
  }
}

import Drawing
import Testing

@Suite struct LineChartSVGTests {
  private static func chart(_ series: [LineChart.Series]) -> LineChart {
    LineChart(
      title: "Accuracy", xAxis: .init(label: "rows", range: 0...10, format: .integer),
      yAxis: .init(label: "accuracy", range: 0...1, format: .percent), series: series)
  }

  private static func line(_ points: [(Double, Double)]) -> LineChart.Series {
    .init(name: "a", points: points.map { .init(x: $0.0, y: $0.1) })
  }

  /// The lines of a series, without its bands.
  private static func lines(_ root: XMLTree, _ name: String = "series-1") -> [XMLTree] {
    root.all("path", class: "stroke-\(name)")
  }

  /// The plot's edges as a reader finds them: from the axis' ends and the lowest and highest grid line.
  private static func edges(_ root: XMLTree) throws -> (left: Double, right: Double, top: Double, bottom: Double) {
    let grid = root.all("line", class: "stroke-grid")
    let heights = try grid.map { try $0.number("y1") }
    let first = try #require(grid.first)
    return (
      try first.number("x1"), try first.number("x2"), try #require(heights.min()), try #require(heights.max())
    )
  }

  @Test func pointsLieWhereTheAxesSay() throws {
    let root = try XMLTree.parse(Self.chart([Self.line([(0, 0), (2.5, 0.25), (5, 1), (10, 0.5)])]).svg())
    let (left, right, top, bottom) = try Self.edges(root)
    #expect(right - left > 600 && bottom - top > 300)
    let expected = [
      [left, bottom], [left + (right - left) / 4, bottom - (bottom - top) / 4],
      [left + (right - left) / 2, top], [right, top + (bottom - top) / 2],
    ]
    let points = try #require(Self.lines(root).first).pathPoints
    #expect(points.count == expected.count)
    for (point, place) in zip(points, expected) {
      #expect(abs(point[0] - place[0]) <= 0.01 && abs(point[1] - place[1]) <= 0.01, "\(point) is not \(place)")
    }
    #expect(root.all("circle", class: "fill-series-1").count == 4)
  }

  @Test func tickLabelsStandAtTheirLines() throws {
    let root = try XMLTree.parse(Self.chart([Self.line([(0, 0), (10, 1)])]).svg())
    let (left, right, top, bottom) = try Self.edges(root)
    func text(_ content: String) throws -> XMLTree { try #require(root.all("text").first { $0.text == content }) }
    // Baselines lie a third of the letters' size below the line that they name.
    #expect(abs(try text("100 %").number("y") - top - 5) < 0.1)
    #expect(abs(try text("0 %").number("y") - bottom - 5) < 0.1)
    #expect(try text("10").number("x") == right)
    #expect(try text("0").number("x") == left)
  }

  @Test func nonFiniteNumbersBreakTheLine() throws {
    let svg = Self.chart([
      Self.line([(0, 0.1), (1, 0.2), (2, .nan), (3, 0.3), (4, .infinity), (5, 0.4), (.nan, 0.4), (6, 0.5), (7, 1e200)])
    ]).svg()
    let root = try XMLTree.parse(svg)
    // One line of two points; 3, 5 and 6 stand alone and show as markers.
    #expect(Self.lines(root).map(\.pathPoints.count) == [2])
    let plot = try #require(root.children.first { $0.name == "svg" })
    #expect(plot.all("circle").count == 5)
    #expect(!svg.contains("nan") && !svg.contains("inf\"") && !svg.contains("e+"))
  }

  @Test func bandsGoThereAboveAndBackBelow() throws {
    let points: [LineChart.Point] = [
      .init(x: 0, y: 0.5, low: 0.25, high: 0.75), .init(x: 10, y: 0.5, low: 0.5, high: 1),
    ]
    let root = try XMLTree.parse(Self.chart([.init(name: "a", points: points)]).svg())
    let (left, right, top, bottom) = try Self.edges(root)
    let band = try #require(root.all("path", class: "fill-series-1").first)
    let quarter = (bottom - top) / 4
    let expected = [[left, top + quarter], [right, top], [right, top + 2 * quarter], [left, bottom - quarter]]
    #expect(band.pathPoints.count == 4)
    for (point, place) in zip(band.pathPoints, expected) {
      #expect(abs(point[0] - place[0]) <= 0.01 && abs(point[1] - place[1]) <= 0.01, "\(point) is not \(place)")
    }
  }

  @Test func bandsStopWhereAnIntervalIsMissing() throws {
    let points: [LineChart.Point] = [
      .init(x: 0, y: 0.5, low: 0.4, high: 0.6), .init(x: 1, y: 0.5, low: 0.4, high: 0.6),
      .init(x: 2, y: 0.5, low: 0.4, high: .nan), .init(x: 3, y: 0.5, low: 0.4),
      .init(x: 4, y: 0.5, low: 0.4, high: 0.6),
    ]
    let root = try XMLTree.parse(Self.chart([.init(name: "a", points: points)]).svg())
    #expect(root.all("path", class: "fill-series-1").map(\.pathPoints.count) == [4])
    // The line itself goes on; the last interval stands alone as a bar.
    #expect(Self.lines(root).map(\.pathPoints.count) == [2, 5])
  }

  @Test func automaticRangeIncludesIntervalsNotesAndReferences() throws {
    let points: [LineChart.Point] = [.init(x: 1, y: 0.5, low: 0.15, high: 0.6), .init(x: 2, y: 0.5)]
    var chart = LineChart(series: [.init(name: "a", points: points)])
    func labels() throws -> [String] { try XMLTree.parse(chart.svg()).all("text").map(\.text) }
    #expect(try labels().contains("0.1") && !labels().contains("0.0"))
    chart.references = [.horizontal(y: 0, label: "zero")]
    #expect(try labels().contains("0.0"))
    chart.notes = [.init(x: 4, y: 2, text: "note")]
    #expect(try labels().contains("2.0") && labels().contains("4.0"))
  }

  @Test func namesStandAtTheEndsOfLinesThatEndApart() throws {
    let apart = Self.chart([
      .init(name: "upper", points: [.init(x: 0, y: 0), .init(x: 10, y: 0.9)]),
      .init(name: "lower", points: [.init(x: 0, y: 0), .init(x: 10, y: 0.4)]),
    ])
    let root = try XMLTree.parse(apart.svg())
    let ends =
      Self.lines(root).compactMap(\.pathPoints.last) + Self.lines(root, "series-2").compactMap(\.pathPoints.last)
    for (name, end) in zip(["upper", "lower"], ends) {
      let label = try #require(root.all("text").first { $0.text == name })
      #expect(abs(try label.number("y") - end[1]) < 8)
      #expect(try label.number("x") > end[0])
    }
    #expect(ends.count == 2)
  }

  @Test func linesThatEndTogetherGetALegend() throws {
    let together = Self.chart([
      .init(name: "one", points: [.init(x: 0, y: 0), .init(x: 10, y: 0.9)]),
      .init(name: "other", points: [.init(x: 0, y: 0.1), .init(x: 10, y: 0.9)], isDashed: true),
    ])
    let root = try XMLTree.parse(together.svg())
    let top = try Self.edges(root).top
    for name in ["one", "other"] {
      #expect(try #require(root.all("text").first { $0.text == name }).number("y") < top)
    }
    let swatch = try #require(root.all("line", class: "stroke-series-2").first)
    #expect(swatch.attributes["stroke-dasharray"] == Self.lines(root, "series-2")[0].attributes["stroke-dasharray"])
    #expect(swatch.attributes["stroke-dasharray"] != "none")
  }

  @Test func emptyChartSaysSo() throws {
    for series in [[], [LineChart.Series(name: "a", points: [])], [Self.line([(.nan, 1)])]] {
      let root = try XMLTree.parse(LineChart(series: series).svg())
      #expect(root.all("text").contains { $0.text == "no data" })
      #expect(Self.lines(root).isEmpty)
    }
  }

  @Test func whatHasNoTextLeavesNone() throws {
    let chart = LineChart(
      series: [.init(name: "", points: [.init(x: 0, y: 0), .init(x: 1, y: 1)])],
      references: [.horizontal(y: 0.5, label: ""), .vertical(x: 0.5, label: "")], notes: [.init(x: 1, y: 1, text: "")])
    let root = try XMLTree.parse(chart.svg(width: 320, height: 240))
    #expect(root.all("text").allSatisfy { !$0.text.isEmpty })
    #expect(root.all("line", class: "stroke-muted").count == 2 && root.all("circle", class: "stroke-ink").count == 1)
  }

  @Test(arguments: [(960.0, 540.0), (640, 420), (1600, 900)])
  func textNeitherOverlapsNorLeavesThePicture(width: Double, height: Double) throws {
    for chart in [Samples.accuracyByRows, Samples.loss] {
      let root = try XMLTree.parse(chart.svg(width: width, height: height))
      let boxes = try root.all("text").filter { !$0.text.isEmpty }.map { text in
        let size = try text.number("font-size")
        let textWidth = Double(text.text.count) * size * 0.55
        let shifts: [String: Double] = ["middle": 0.5, "end": 1]
        let shift = shifts[text.attributes["text-anchor", default: "start"]] ?? 0
        return (
          text.text,
          Box(
            x: try text.number("x") - shift * textWidth, y: try text.number("y") - size * 0.75, width: textWidth,
            height: size * 0.9)
        )
      }
      #expect(boxes.count > 12)
      for (index, (text, box)) in boxes.enumerated() {
        #expect(box.x >= 0 && box.maxX <= width && box.y >= 0 && box.maxY <= height, "\(text) is cut off")
        for (other, otherBox) in boxes[..<index] {
          #expect(box.overlap(with: otherBox) == 0, "\(text) lies on \(other)")
        }
      }
    }
  }

  @Test func labelsAvoidLinesAndEachOther() {
    let line = (0...100).map { (x: Double($0), y: 50.0) }
    var placer = LabelPlacer(bounds: Box(x: 0, y: 0, width: 100, height: 100), obstacles: line)
    let onLine = Box(x: 40, y: 45, width: 20, height: 10)
    let above = Box(x: 40, y: 30, width: 20, height: 10)
    let outside = Box(x: 90, y: 30, width: 20, height: 10)
    #expect(placer.place([outside, onLine, above]) == above)
    // Crossing a line is better than covering text or being cut off.
    #expect(placer.place([outside, above, onLine]) == onLine)
  }
}

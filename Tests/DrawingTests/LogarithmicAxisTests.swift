import Drawing
import Testing

@Suite struct LogarithmicAxisTests {
  private static func values(_ ticks: LogarithmicTicks) -> [Double] { ticks.ticks.map(\.value) }

  @Test func ticksInsideARange() {
    #expect(Self.values(.init(inside: 10...400, atMost: 6)) == [10, 20, 50, 100, 200])
    #expect(Self.values(.init(inside: 10...400, atMost: 4)) == [10, 100])
    #expect(Self.values(.init(inside: 2e-9...3e-3, atMost: 6)) == [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3])
    #expect(Self.values(.init(inside: 2e-9...3e-3, atMost: 5)) == [1e-8, 1e-6, 1e-4])
    #expect(Self.values(.init(inside: 0.3...0.3001, atMost: 5)).isEmpty)
    // Rounding has pushed an end off its tick.
    #expect(Self.values(.init(inside: (0.1 + 0.2) / 3...5, atMost: 9)) == [0.1, 0.2, 0.5, 1, 2, 5])
    #expect(Self.values(.init(inside: 1...5.0.nextDown, atMost: 9)) == [1, 2, 5])
  }

  @Test func ticksAroundARange() {
    #expect(Self.values(.init(around: 0.003...0.17, atMost: 8)) == [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2])
    #expect(Self.values(.init(around: 0.003...0.17, atMost: 6)) == [0.001, 0.01, 0.1, 1])
    #expect(Self.values(.init(around: 0.01...100, atMost: 5)) == [0.01, 0.1, 1, 10, 100])
    #expect(Self.values(.init(around: 5e-19...3, atMost: 5)) == [1e-20, 1e-10, 1, 1e10])
    // Two powers of ten cannot enclose a range across 1.
    #expect(Self.values(.init(around: 1e-120...1e120, atMost: 1)).count == 3)
  }

  @Test func placesAreThoseOfTheLogarithms() {
    let axis = LineChart.Axis(range: 0.01...100, scale: .logarithmic)
    let scale = AxisScale(axis, covering: [], ticksAtMost: 6, endsOnTicks: true)
    for (value, place) in [(0.01, 0), (0.1, 0.25), (1, 0.5), (100, 1), (1000, 1.25)] {
      #expect(abs(scale.fraction(value) - place) < 1e-12, "\(value)")
    }
    #expect(scale.fraction(0) == -.infinity && scale.fraction(-1) == -.infinity)
    #expect(scale.ticks.map(\.label) == ["0.01", "0.1", "1", "10", "100"])
  }

  @Test func axisTakesItsRangeFromWhatIsPositive() {
    func scale(_ values: [Double], endsOnTicks: Bool = true, format: ValueFormat = .number) -> AxisScale {
      AxisScale(
        .init(format: format, scale: .logarithmic), covering: values, ticksAtMost: 5, endsOnTicks: endsOnTicks)
    }
    #expect(scale([0.02, -1, 0, .nan, .infinity, 30]).range == 0.01...100)
    #expect(scale([0.02, 0, 30], endsOnTicks: false).range == 0.02...30)
    #expect(scale([7]).range == 2...20)
    #expect(scale([0, -3]).range == 1...10)
    // Powers of ten where plain numbers would be long.
    #expect(scale([2e-8, 0.3]).ticks.map(\.label) == ["1e-8", "1e-6", "1e-4", "1e-2", "1e0"])
    #expect(scale([0.02, 0.3], format: .percent).ticks.map(\.label) == ["2 %", "5 %", "10 %", "20 %", "50 %"])
    // Round numbers where there is no power of ten.
    #expect(scale([41, 48], endsOnTicks: false).ticks.map(\.label) == ["42", "44", "46", "48"])
    let chosen = LineChart.Axis(ticks: [10, 20, 400, 1000], format: .integer, scale: .logarithmic)
    let lengths = AxisScale(chosen, covering: [10, 400], ticksAtMost: 2, endsOnTicks: false)
    #expect(lengths.ticks.map(\.label) == ["10", "20", "400"] && lengths.range == 10...400)
  }

  @Test func whatIsNotPositiveBreaksTheLine() throws {
    let points = [(1.0, 1.0), (2, 0.1), (3, 0), (4, 1e-3), (5, -1), (6, 1e-4), (0, 1)].map {
      LineChart.Point(x: $0.0, y: $0.1)
    }
    var chart = LineChart(
      yAxis: .init(label: "loss", range: 1e-4...1, scale: .logarithmic), series: [.init(name: "a", points: points)],
      references: [.horizontal(y: 0, label: "nowhere"), .horizontal(y: 0.01, label: "here")],
      notes: [.init(x: 2, y: 0, text: "lost")])
    let svg = chart.svg(), root = try XMLTree.parse(svg)
    #expect(root.all("path", class: "stroke-series-1").first?.pathPoints.count == 2)
    #expect(!svg.contains("nan") && !svg.contains("inf\"") && !svg.contains("lost") && !svg.contains(">nowhere<"))
    #expect(svg.contains(">here<"))
    // A tenth of the whole is a quarter of the way down.
    let grid = try root.all("line", class: "stroke-grid").map { try $0.number("y1") }
    let (top, bottom) = (try #require(grid.min()), try #require(grid.max()))
    let places = try #require(root.all("path", class: "stroke-series-1").first).pathPoints
    #expect(abs(places[0][1] - top) < 0.02 && abs(places[1][1] - (top + (bottom - top) / 4)) < 0.02)

    chart.xAxis.scale = .logarithmic
    for scaled in [chart.text(), chart.text(style: .init(characters: .ascii))] {
      #expect(scaled.contains("here") && !scaled.contains("lost"))
    }
    let plot = try #require(try XMLTree.parse(chart.svg()).children.first { $0.name == "svg" })
    #expect(plot.all("circle", class: "fill-series-1").count == 4)
  }

  @Test func bandsStopWhereTheirEndHasNoPlace() throws {
    let points = [0.1, 0.2, 0, -0.1].enumerated().map {
      LineChart.Point(x: Double($0.offset), y: 0.5, low: $0.element, high: 1)
    }
    let chart = LineChart(yAxis: .init(scale: .logarithmic), series: [.init(name: "a", points: points)])
    let root = try XMLTree.parse(chart.svg())
    #expect(root.all("path", class: "fill-series-1").map(\.pathPoints.count) == [4])
    #expect(root.all("path", class: "stroke-series-1").map(\.pathPoints.count) == [4])
  }

  @Test func numbersOfTwoDigits() {
    let numbers = [0.001234, 0.5, 1, 15, 99_000, 1.23e-9, 4.56e12]
    #expect(numbers.map(twoDigits) == ["0.0012", "0.50", "1.0", "15", "99,000", "1.2e-9", "4.6e12"])
  }
}

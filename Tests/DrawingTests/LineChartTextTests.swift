import Drawing
import Testing

@Suite struct LineChartTextTests {
  /// Two straight falls from 4 over 1 to 0, and a level of 2.
  private static let small = LineChart(
    title: "Loss", xAxis: .init(label: "epoch", format: .integer), yAxis: .init(label: "nats"),
    series: [
      .init(name: "training", points: [.init(x: 1, y: 4), .init(x: 3, y: 1), .init(x: 5, y: 0)]),
      .init(name: "test", points: [.init(x: 1, y: 2), .init(x: 5, y: 2)]),
    ],
    references: [.horizontal(y: 3, label: "start")])

  @Test func picture() {
    #expect(
      Self.small.text(width: 40, height: 12) == """
        Loss
        ─●─ training   ─○─ test
        nats
        4 ┤●⠤⣀                             start
          │┄┄┄⠉⠑⠢⠤⣀┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
        2 ┤⣀⣀⣀⣀⣀⣀⣀⣀⣉⣒⣢⣄⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀○
          │             ⠉⠒⠤⢄⡀
          │                 ⠈●⠉⠒⠒⠒⠢⠤⠤⠤⣀⣀⣀⣀
        0 ┤                               ⠉⠉⠉⠑⠒●
          └┴────────┴────────┴────────┴────────┴
           1        2        3        4        5
                           epoch
        """)
  }

  @Test func pictureInASCII() {
    #expect(
      Self.small.text(width: 40, height: 12, style: .init(characters: .ascii)) == """
        Loss
        *** training   ooo test
        nats
        4 +***                             start
          |...******............................
        2 +ooooooooooooooooooooooooooooooooooooo
          |               ********
          |                       *********
        0 +                                *****
          ++--------+--------+--------+--------+
           1        2        3        4        5
                           epoch
        """)
  }

  @Test func rowsMeanWhatTheirTicksSay() throws {
    // A level through a tick's value is drawn in the tick's row, whatever the height.
    for height in 10...24 {
      let chart = LineChart(
        yAxis: .init(range: 0...1, format: .percent),
        series: [.init(name: "", points: [.init(x: 0, y: 1), .init(x: 1, y: 1)])])
      let lines = chart.text(width: 40, height: height).split(separator: "\n", omittingEmptySubsequences: false)
      let row = try #require(lines.first { $0.hasPrefix("100 % ┤") })
      #expect(row.dropFirst(7).allSatisfy { "●⠒⠉⠤⣀".contains($0) } && row.count == 40)
    }
  }

  @Test(arguments: [(80, 20), (80, 24), (40, 12), (120, 40), (24, 8), (16, 4), (33, 7), (200, 5)])
  func exactSize(width: Int, height: Int) {
    for chart in [Samples.accuracyByRows, Samples.loss, Self.small, LineChart(series: [])] {
      for characters in [TerminalStyle.Characters.unicode, .ascii] {
        let text = chart.text(width: width, height: height, style: .init(characters: characters))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == height)
        // The horizontal axis reaches the right edge, and nothing goes beyond it.
        #expect(lines.map { String($0).terminalColumns }.max() == width)
        #expect(lines.allSatisfy { $0.last != " " })
        if characters == .ascii { #expect(text.allSatisfy { $0.isASCII }) }
      }
    }
  }

  @Test func colorChangesNothingElse() {
    let plain = Samples.accuracyByRows.text()
    let colored = Samples.accuracyByRows.text(style: .init(usesColor: true))
    #expect(colored.withoutColors == plain)
    #expect(colored.contains("\u{1B}[38;5;32m") && colored.contains("\u{1B}[38;5;166m"))
    #expect(!plain.contains("\u{1B}"))
  }

  @Test func everySeriesIsMarkedAlsoUnderAnother() {
    let points = (0..<30).map { LineChart.Point(x: Double($0), y: Double($0 % 5)) }
    let chart = LineChart(series: (0..<6).map { .init(name: "\($0)", points: points) })
    let text = chart.text()
    // One in the legend, the others on the line that all six share.
    for marker in "●○▲△■□" { #expect(text.count { $0 == marker } >= 3, "\(marker) is missing") }
  }

  @Test func nonFiniteNumbersBreakTheLine() {
    let values = [1.0, 1, .nan, 1, .infinity, 1, 1e300, 1, 1]
    let points = values.enumerated().map { LineChart.Point(x: Double($0), y: $1) }
    let text = LineChart(yAxis: .init(range: 0...2), series: [.init(name: "", points: points)]).text(
      width: 60, height: 8)
    // Two lines (of which one or two points are marked) and two lone points.
    #expect(text.contains("●"))
    let row = text.split(separator: "\n").first { $0.contains("●") } ?? ""
    #expect(row.drop { $0 != "●" }.split(separator: " ").count == 4)
  }

  @Test func hugeExcursionsStayOutside() {
    let points = [0, 1e140, -1e140, 0.5].enumerated().map { LineChart.Point(x: Double($0), y: $1) }
    let text = LineChart(yAxis: .init(range: 0...1), series: [.init(name: "", points: points)]).text()
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count == 20)
  }

  @Test func emptyChartSaysSo() {
    #expect(LineChart(series: []).text(width: 40, height: 8).contains("no data"))
  }

  @Test func longTextIsCutWithAMark() {
    let chart = LineChart(title: String(repeating: "long ", count: 10), series: [])
    #expect(chart.text(width: 20, height: 10).hasPrefix("long long long long…\n"))
    #expect(chart.text(width: 20, height: 10, style: .init(characters: .ascii)).hasPrefix("long long long long~\n"))
  }
}

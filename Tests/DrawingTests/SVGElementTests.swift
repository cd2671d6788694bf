import Drawing
import Testing

@Suite struct SVGElementTests {
  @Test func escaping() {
    #expect(SVGElement.escaped("a<b & \"c\" > 'd'") == "a&lt;b &amp; &quot;c&quot; &gt; &#39;d&#39;")
    #expect(SVGElement.escaped("line\nbreak\ttab") == "line break tab")
    #expect(SVGElement.escaped("\u{0}\u{1B}\u{FFFF}é手") == "\u{FFFD}\u{FFFD}\u{FFFD}é手")
  }

  @Test func elementsAsText() {
    let element = SVGElement(
      "g", ["n": 1, "x": 2.0 / 3, "t": "\""], [SVGElement("rect"), SVGElement("text", text: "<")])
    #expect(
      element.xml() == """
        <g n="1" x="0.67" t="&quot;">
         <rect/>
         <text>&lt;</text>
        </g>

        """)
  }

  @Test func hostileTextSurvivesTheParser() throws {
    let hostile = "</title><script>&amp;\"'\u{1}"
    let chart = LineChart(
      title: hostile, subtitle: hostile, xAxis: .init(label: hostile), yAxis: .init(label: hostile),
      series: [.init(name: hostile, points: [.init(x: 0, y: 0), .init(x: 1, y: 1)])],
      references: [.horizontal(y: 0.5, label: hostile)], notes: [.init(x: 1, y: 1, text: hostile)])
    let root = try XMLTree.parse(chart.svg())
    let expected = "</title><script>&amp;\"'\u{FFFD}"
    #expect(root.all("title").map(\.text) == [expected])
    // The heading's two lines, two axis labels, the series, the reference line and the note.
    #expect(root.all("text").count { $0.text == expected } == 7)
    #expect(root.all("script").isEmpty)

    let map = HeatMap(
      title: hostile, rowAxis: hostile, columnAxis: hostile, rowLabels: [hostile], columnLabels: [hostile],
      values: [[1]])
    #expect(try XMLTree.parse(map.svg()).all("text").count { $0.text == expected } == 5)
  }

  @Test func pictureDescribesItself() throws {
    let points = [LineChart.Point(x: 1, y: 0.1), .init(x: 28, y: 0.989)]
    let chart = LineChart(
      title: "Accuracy", xAxis: .init(label: "rows"), yAxis: .init(label: "accuracy", format: .percent),
      series: [.init(name: "rows not read", points: points), .init(name: "none", points: [])])
    let root = try XMLTree.parse(chart.svg(width: 800, height: 400))
    #expect(root.attributes["role"] == "img")
    #expect(root.attributes["viewBox"] == "0 0 800 400")
    #expect(root.children.prefix(2).map(\.name) == ["title", "desc"])
    #expect(
      root.children[1].text
        == "accuracy against rows. rows not read: from 10.00 % at 1 to 98.90 % at 28. none: no data.")
  }

  @Test func darkLookCoversEveryColor() throws {
    let points = [LineChart.Point(x: 0, y: 0, low: -1, high: 1), .init(x: 1, y: 1, low: 0, high: 2)]
    let chart = LineChart(
      title: "t", subtitle: "s", series: (0..<6).map { .init(name: "\($0)", points: points, isDashed: $0 > 2) },
      references: [.vertical(x: 0.5, label: "r")], notes: [.init(x: 1, y: 1, text: "n")])
    let map = HeatMap(rowLabels: ["a"], columnLabels: ["b"], values: [[.nan]])
    for root in [try XMLTree.parse(chart.svg()), try XMLTree.parse(map.svg())] {
      let style = try #require(root.all("style").first).text
      #expect(style.hasPrefix("@media (prefers-color-scheme:dark){"))
      let classes = Set(root.all.flatMap(\.classes))
      #expect(classes.count >= 4)
      for name in classes { #expect(style.contains(".\(name){"), "no dark colour for \(name)") }
      // Renderers without stylesheets need the colours as attributes.
      for element in root.all where !element.classes.isEmpty { #expect(element.attributes["fill"] != nil) }
    }
  }
}

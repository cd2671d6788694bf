import Drawing
import Foundation
import Testing

@Suite struct StepPanelsTests {
  private static let values = [[0.0, 0.5, 1], [1, .nan, 0]]

  private func panels(_ direction: StepPanels.Direction) -> StepPanels {
    StepPanels(
      title: "Two steps",
      lanes: [
        [
          .init(
            direction: direction, stepLength: 20, stepAxis: "row",
            panels: [
              .init(
                title: "Gate", formula: "f = W_f·x", content: .map(Self.values, .sequential(0...1)), thickness: 90,
                labels: ["a", "b", "c"], marks: [2, 0]),
              .init(
                content: .map(Self.values, .diverging(limit: 1)), thickness: 150,
                groups: [.init(name: "few", count: 1), .init(name: "many", count: 2)]),
              .init(title: "Bars", content: .bars([2, -1]), thickness: 130),
            ])
        ]
      ])
  }

  /// The maps alone, without the legends' colours.
  private func maps(_ root: XMLTree) throws -> [XMLTree] {
    try root.all("image").filter { try $0.number("height") != 10 }
  }

  @Test func stepsAreLevelInAllPanels() throws {
    let down = try XMLTree.parse(panels(.down).svg())
    let (first, second) = (try maps(down)[0], try maps(down)[1])
    #expect(try first.number("y") == second.number("y"))
    #expect(try first.number("height") == 40 && second.number("height") == 40)
    #expect(try first.number("width") == 90 && second.number("x") > first.number("x") + 90)
    let bars = down.all("rect", class: "fill-series-2") + down.all("rect", class: "fill-series-1")
    #expect(try bars.map { try $0.number("y") - first.number("y") } == [0, 20])

    let right = try XMLTree.parse(panels(.right).svg())
    let (above, below) = (try maps(right)[0], try maps(right)[1])
    #expect(try above.number("x") == below.number("x"))
    #expect(try above.number("width") == 40 && below.number("width") == 40)
    #expect(try below.number("y") > above.number("y") + 90)
  }

  @Test func pixelsHaveTheColorsOfTheNumbers() throws {
    for (direction, expected) in [
      (StepPanels.Direction.down, [[0, 127, 254], [254, 255, 0]]), (.right, [[0, 254], [127, 255], [254, 0]]),
    ] as [(StepPanels.Direction, [[UInt8]])] {
      let map = try maps(XMLTree.parse(panels(direction).svg()))[0]
      let png = try #require(
        map.attributes["href"].flatMap { Data(base64Encoded: String($0.dropFirst("data:image/png;base64,".count))) })
      let bytes = [UInt8](png)
      #expect(Array(bytes[0..<8]) == [137, 80, 78, 71, 13, 10, 26, 10])
      #expect([bytes[19], bytes[23]] == [UInt8(expected[0].count), UInt8(expected.count)])
      let rows: [UInt8] = expected.flatMap { (row: [UInt8]) in [0] + row }
      // A stored block of these bytes alone, and the colours at both ends of the palette.
      let data = try #require(png.range(of: Data("IDAT".utf8))).upperBound
      let size = UInt8(rows.count), end = data + 7 + rows.count
      let head: [UInt8] = [0x78, 1, 1, size, 0, ~size, 255]
      #expect(Array(bytes[data..<end]) == head + rows)
      let palette = try #require(png.range(of: Data("PLTE".utf8))).upperBound
      #expect(Array(bytes[palette..<palette + 3]) == [0x44, 0x01, 0x54])
      #expect(Array(bytes[palette + 762..<palette + 765]) == [0xFD, 0xE7, 0x25])
      // zlib's own sums: an empty IEND is always the same, Adler-32 of the rows by its definition.
      #expect(Array(bytes.suffix(4)) == [0xAE, 0x42, 0x60, 0x82])
      var (a, b) = (1, 0)
      for byte in rows {
        a = (a + Int(byte)) % 65521
        b = (b + a) % 65521
      }
      let sum = bytes[end..<end + 4].reduce(0) { ($0 << 8) + Int($1) }
      #expect(sum == b * 65536 + a)
    }
  }

  @Test func whatIsWritten() throws {
    let root = try XMLTree.parse(panels(.down).svg(name: "A name"))
    #expect(root.all("title").map(\.text) == ["A name"])
    let texts = root.all("text")
    for text in ["Two steps", "Gate", "row", "1", "2", "a", "b", "c", "few", "many"] {
      #expect(texts.contains { $0.text == text }, "\(text)")
    }
    // An index stands lower, and what follows is level again.
    let formula = try #require(texts.first { !$0.children.isEmpty })
    #expect(formula.children.map(\.text) == ["f = W", "f", "·x"])
    #expect(try formula.children.map { try $0.number("dy") } == [0, 3.5, -3.5])
    // The mark of step 1 is at place 2, that of step 2 at place 0.
    let map = try maps(root)[0], marks = root.all("circle")
    #expect(try marks.map { try ($0.number("cx") - map.number("x")).rounded() } == [75, 15])
    #expect(try marks.map { try ($0.number("cy") - map.number("y")).rounded() } == [10, 30])
    // The line between the groups is after the first of three places.
    let second = try maps(root)[1]
    let borders = try root.all("line").filter { $0.attributes["stroke"] == "#000000" }.map { try $0.number("x1") }
    #expect(borders == [try second.number("x") + 50])
  }

  @Test func nothingLiesOutside() throws {
    for direction in [StepPanels.Direction.down, .right] {
      let root = try XMLTree.parse(panels(direction).svg())
      let (width, height) = (try root.number("width"), try root.number("height"))
      for element in root.all("image") + root.all("rect") {
        let x = try element.attributes["x"] == nil ? 0 : element.number("x")
        let y = try element.attributes["y"] == nil ? 0 : element.number("y")
        #expect(x >= 0 && y >= 0)
        #expect(try x + element.number("width") <= width && y + element.number("height") <= height)
      }
      for text in root.all("text") {
        #expect(try (0...width).contains(text.number("x")) && (0...height).contains(text.number("y")), "\(text.text)")
      }
    }
  }

  /// Hundreds of steps take one picture for each panel, and few numbers.
  @Test func longSequencesStayReadable() throws {
    let values = (0..<784).map { step in (0..<128).map { Double(step * $0 % 7) } }
    let panels = StepPanels(
      lanes: [
        [
          .init(
            direction: .right, stepLength: 1, stepAxis: "pixel",
            panels: [.init(content: .map(values, .sequential(nil)), thickness: 128)])
        ]
      ])
    let svg = panels.svg()
    #expect(svg.utf8.count < 150_000)
    let texts = try XMLTree.parse(svg).all("text").map(\.text)
    #expect(texts.contains("1") && texts.contains("700") && texts.count < 14)
  }

  @Test func paperIsWhiteAndInkBlack() {
    let scale = ColorScale.gray(0...1).fitted(to: [])
    #expect([0, 0.5, 1].map { scale.color(of: $0)?.hex } == ["#ffffff", "#808080", "#000000"])
    #expect([0, 0.5, 1].map(scale.terminalColor) == [231, 244, 16])
  }

  @Test func rowsOfAHeatMapStandBesideOtherText() {
    let map = HeatMap(
      rowLabels: ["", ""], columnLabels: ["", "", ""], values: [[0, 0.5, 1], [1, 0, 0]], scale: .gray(0...1))
    #expect(map.shadedRows(cellWidth: 1, style: .init()) == [" ▒█", "█  "])
    #expect(map.shadedRows(style: .init(characters: .ascii)) == ["  ++@@", "@@    "])
  }

  @Test func blocksOfAPage() {
    let page = HTMLPage(
      title: "Page", blocks: [.gallery([.group([.heading("A"), .formula("f = W_f·x < 1")])], minimumWidth: 9)])
    #expect(page.html.contains("<div><h2>A</h2>\n<p class=\"formula\">f = W<sub>f</sub>·x &lt; 1</p></div>"))
  }
}

import Drawing
import Testing

@Suite("Web pages")
struct HTMLPageTests {
  private static let pixel = "data:image/png;base64,iVBORw0KGgo="

  /// Every kind of block, with text that means something in HTML.
  private static let page = HTMLPage(
    title: "a < b & \"c\"",
    blocks: [
      .heading("Deep <h>", level: 9), .heading("Coloured", level: 3, color: 8), .paragraph("1 < 2 && 'x'\u{1}"),
      .note("so & so"), .key([.init(color: 1, name: "<run>", text: "5 & 6"), .init(color: 7, name: "bare")]),
      .figure(Samples.accuracyByRows.svg(), narrow: Samples.loss.svg(width: 400), caption: "a > b"),
      .figure(Samples.loss.svg()),
      .table(header: ["<th>", "n"], rows: [["a&b", "1"], ["", "2"]], numeric: [1]),
      .pictures(
        [.init(source: pixel, description: "\"4\"", lines: ["4 < 9", "99 %"]), .init(source: pixel, description: "")],
        width: 84),
      .gallery([.group([.paragraph("one"), .paragraph("two")]), .paragraph("three")], minimumWidth: 300),
      .details(summary: "more & more", [.paragraph("hidden")]),
    ])

  @Test func anyParserReadsIt() throws {
    let root = try XMLTree.parse(Self.page.html)
    #expect(root.name == "html")
    func texts(_ name: String) -> [String] { root.all(name).map(\.text) }
    #expect(texts("h1") == ["a < b & \"c\""] && texts("h6") == ["Deep <h>"] && texts("h3") == ["Coloured"])
    #expect(texts("p") == ["1 < 2 && 'x'\u{FFFD}", "so & so", "one", "two", "three", "hidden"])
    #expect(root.all("p", class: "note").map(\.text) == ["so & so"])
    #expect(texts("th") == ["<th>", "n"] && texts("td") == ["a&b", "1", "", "2"])
    #expect(root.all("td", class: "number").map(\.text) == ["1", "2"])
    #expect(texts("summary") == ["more & more"])
    let entries = root.all("li")
    #expect(entries.map { $0.all("b").map(\.text) } == [["<run>"], ["bare"]])
    #expect(entries.map { $0.all("span").map(\.text) } == [["5 & 6"], []])
    let gallery = try #require(root.all("div", class: "gallery").first)
    #expect(gallery.children.map { $0.all("p").map(\.text) } == [["one", "two"], ["three"]])
    #expect(gallery.attributes["style"]?.contains("minmax(min(100%,300px),1fr)") == true)
    let pictures = root.all("img")
    #expect(pictures.map { $0.attributes["src"] } == [Self.pixel, Self.pixel])
    #expect(pictures.map { $0.attributes["alt"] } == ["\"4\"", ""])
    #expect(
      root.all("figcaption").map { $0.children.map(\.name) + [$0.all("b").map(\.text).joined()] }.last == [
        "b", "br", "4 < 9",
      ])
  }

  /// Both pictures are there, and one of them is seen.
  @Test func figuresForNarrowScreens() throws {
    let figures = try XMLTree.parse(Self.page.html).all("figure")
    func widths(_ figure: XMLTree, _ kind: String) -> [String?] {
      figure.all("div", class: kind).flatMap { $0.all("svg").prefix(1) }.map { $0.attributes["width"] }
    }
    #expect(widths(figures[0], "wide") == ["960"] && widths(figures[0], "narrow") == ["400"])
    #expect(figures[1].all("div").isEmpty && figures[1].all("svg").first?.attributes["width"] == "960")
    #expect(Self.page.html.contains("@media (max-width:640px){.narrow{display:block}.wide{display:none}}"))
  }

  /// The colours of a key are those of the lines, and repeat as they do.
  @Test func oneColourOverTheWholePage() throws {
    let page = Self.page.html, spots = try XMLTree.parse(page).all("i", class: "spot")
    #expect(spots.map { $0.attributes["style"] } == [1, 2, 8].map { "background:var(--series-\($0))" })
    #expect(HTMLPage.colorCount == 8)
    let color = LineChart.Series(name: "a", points: [.init(x: 0, y: 0), .init(x: 1, y: 1)], color: 6)
    let plain = LineChart.Series(name: "b", points: color.points)
    let root = try XMLTree.parse(LineChart(series: [color, plain]).svg())
    let lines = root.all("path").filter { $0.attributes["fill"] == "none" }.map { $0.attributes["stroke"] }
    #expect(lines == [Theme.series(6).light.hex, Theme.series(1).light.hex])
    #expect(
      page.contains("--series-7:\(Theme.series(6).light.hex)")
        && page.contains("--series-7:\(Theme.series(6).dark.hex)"))
  }

  @Test func nothingComesFromElsewhere() throws {
    let page = Self.page.html
    let elements = try XMLTree.parse(page).all
    for element in elements {
      #expect(!["script", "link", "iframe", "object", "embed", "base", "form"].contains(element.name))
      for (name, value) in element.attributes where name != "xmlns" {
        #expect(!value.contains("//") && !name.hasPrefix("on"), "\(name)=\(value)")
        if name == "src" || name.hasSuffix("href") { #expect(value.hasPrefix("data:image/")) }
      }
    }
    let style = elements.filter { $0.name == "style" }.map(\.text).joined()
    #expect(!style.isEmpty && !style.contains("url(") && !style.contains("@import"))
  }

  @Test func theSameBytesTwice() {
    #expect(Self.page.html == Self.page.html)
    #expect(HTMLPage(title: "", blocks: []).html.hasSuffix("</html>\n"))
  }

  @Test func aTitleThatIsToldAndNotDrawn() throws {
    let chart = LineChart(title: "Loss", series: [.init(name: "a", points: [.init(x: 0, y: 0), .init(x: 1, y: 1)])])
    let map = HeatMap(title: "Loss", rowLabels: ["r"], columnLabels: ["c"], values: [[1]])
    for (shown, hidden) in [(chart.svg(), chart.svg(showsTitle: false)), (map.svg(), map.svg(showsTitle: false))] {
      for (svg, count) in [(shown, 1), (hidden, 0)] {
        let root = try XMLTree.parse(svg)
        #expect(root.all("title").map(\.text) == ["Loss"])
        #expect(root.all("text").count { $0.text == "Loss" } == count)
      }
    }
  }
}

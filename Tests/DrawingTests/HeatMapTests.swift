import Drawing
import Testing

@Suite struct HeatMapTests {
  private static let gate = HeatMap(
    title: "Gate", rowAxis: "unit", columnAxis: "step", rowLabels: ["0", "1"], columnLabels: ["1", "2", "3"],
    values: [[-1, 0, 1], [0.5, .nan, -0.5]], scale: .diverging(limit: 1))

  private static let confusion = HeatMap(
    title: "Confusion", rowAxis: "true", columnAxis: "predicted", rowLabels: ["0", "1"], columnLabels: ["0", "1"],
    values: [[980, 0], [12, 1123]], scale: .counts(limit: nil), format: .integer, emphasizesDiagonal: true)

  @Test func colorsAtTheEndsAndInTheMiddle() {
    let sequential = ColorScale.sequential(0...1).fitted(to: [])
    #expect(sequential.color(of: 0)?.hex == "#440154")
    #expect(sequential.color(of: 0.5)?.hex == "#21918c")
    #expect(sequential.color(of: 1)?.hex == "#fde725")
    #expect(sequential.color(of: 7)?.hex == "#fde725")
    #expect(sequential.color(of: .nan) == nil)

    let diverging = ColorScale.diverging(limit: nil).fitted(to: [-0.5, 0.25, .infinity])
    #expect(diverging.color(of: -0.5)?.hex == "#053061")
    #expect(diverging.color(of: 0)?.hex == "#f7f7f7")
    #expect(diverging.color(of: 0.5)?.hex == "#67001f")
    // Half way between two samples, channel by channel: 0x053061 and 0x2166ac.
    #expect(diverging.color(at: 0.05).hex == "#134b87")
  }

  @Test func countsAreLogarithmic() {
    let counts = ColorScale.counts(limit: 999).fitted(to: [])
    #expect(counts.position(of: 0) == 0)
    #expect(counts.position(of: 999) == 1)
    // log 10 : log 1000
    #expect(abs((counts.position(of: 9) ?? 0) - 1.0 / 3) < 1e-12)
    #expect(counts.legendValues == [0, 1, 10, 100])
  }

  @Test func scaleWithoutExtentHasAColor() {
    #expect(ColorScale.sequential(nil).fitted(to: [3, 3]).position(of: 3) == 0.5)
    #expect(ColorScale.diverging(limit: nil).fitted(to: [0]).position(of: 0) == 0.5)
    #expect(ColorScale.counts(limit: nil).fitted(to: [0]).position(of: 0) == 0.5)
    #expect(ColorScale.sequential(nil).fitted(to: [.nan]).range == 0...1)
  }

  @Test func sequentialScaleGrowsEvenlyBrighter() {
    let scale = ColorScale.sequential(0...1).fitted(to: [])
    let luminances = (0...50).map { scale.color(at: Double($0) / 50).luminance }
    #expect(zip(luminances, luminances.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test func contrastIsTheOneOfWCAG() {
    let (black, white) = (RGB(0x000000), RGB(0xFFFFFF))
    #expect(abs(black.contrast(with: white) - 21) < 1e-12)
    #expect(white.contrast(with: white) == 1)
    // #767676 is known as the lightest grey that passes 4.5 on white.
    #expect(RGB(0x767676).contrast(with: white) >= 4.5)
    #expect(RGB(0x777777).contrast(with: white) < 4.5)
  }

  @Test(arguments: [ColorScale.sequential(0...1), .diverging(limit: 1)])
  func numbersCanBeReadOnEveryColor(scale: ColorScale) {
    let fitted = scale.fitted(to: [])
    for step in 0...100 {
      let color = fitted.color(at: Double(step) / 100)
      #expect(color.readableInk.contrast(with: color) >= 4.5, "\(color.hex)")
    }
  }

  @Test func terminalColors() {
    let diverging = ColorScale.diverging(limit: 1).fitted(to: [])
    #expect([0, 0.5, 1].map(diverging.terminalColor) == [17, 231, 52])
    // Brightness of xterm's 6×6×6 cube, whose levels are 0, 95, 135, 175, 215 and 255.
    let levels: [UInt32] = [0, 95, 135, 175, 215, 255]
    let sequential = ColorScale.sequential(0...1).fitted(to: [])
    let luminances = (0...10).map { step in
      let index = sequential.terminalColor(at: Double(step) / 10) - 16
      return RGB(levels[index / 36] << 16 | levels[index / 6 % 6] << 8 | levels[index % 6]).luminance
    }
    #expect(zip(luminances, luminances.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test func cellsOfTheSVG() throws {
    let root = try XMLTree.parse(Self.gate.svg())
    let squares = try #require(root.all("g").first { $0.attributes["shape-rendering"] != nil }).children
    // ±0.5 lie half way between two samples.
    #expect(
      squares.map { $0.attributes["fill"] } == ["#053061", "#f7f7f7", "#67001f", "#e58368", "#d5d9de", "#6bacd1"])
    let (first, second, below) = (squares[0], squares[1], squares[3])
    #expect(abs(try second.number("x") - first.number("x") - first.number("width") - 1) < 0.02)
    #expect(try below.number("x") == first.number("x") && below.number("y") > first.number("y"))
    // White on dark blue, black on white.
    func ink(_ text: String) -> String? { root.all("text").first { $0.text == text }?.attributes["fill"] }
    #expect(ink("-1.00") == "#ffffff" && ink("0.00") == "#000000" && ink("1.00") == "#ffffff")
    #expect(root.all("text").contains { $0.text == "–" })
  }

  @Test func numbersAreLeftOutWhereCellsAreSmall() throws {
    let values = (0..<64).map { row in (0..<28).map { Double(row * 28 + $0) } }
    let map = HeatMap(
      rowLabels: (0..<64).map(String.init), columnLabels: (1...28).map(String.init), values: values, format: .integer)
    let root = try XMLTree.parse(map.svg())
    let texts = root.all("text").map(\.text)
    #expect(!texts.contains("813"))
    // Crowded labels are thinned out, beginning with the first.
    #expect(texts.contains("0") && texts.contains("62") && !texts.contains("63"))
    let bottom = try root.all("rect").dropFirst().map { try $0.number("y") + $0.number("height") }.max() ?? 0
    #expect(bottom <= (try root.number("height")))
  }

  @Test func textIsATable() {
    #expect(
      Self.confusion.text() == """
        Confusion
              predicted
        true    0     1
        ────  ───  ────
           0  980     ·
           1   12  1123
        """)
    #expect(
      Self.gate.text(style: .init(characters: .ascii)) == """
        Gate
                     step
        unit      1     2      3
        ----  -----  ----  -----
           0  -1.00  0.00   1.00
           1   0.50     -  -0.50
        """)
  }

  @Test func diagonalStandsOutWithColor() {
    let colored = Self.confusion.text(style: .init(usesColor: true))
    #expect(colored.withoutColors == Self.confusion.text())
    #expect(colored.contains("\u{1B}[1;38;5;35m980\u{1B}[0m") && colored.contains("\u{1B}[1;38;5;35m1123\u{1B}[0m"))
    #expect(!colored.contains("m12\u{1B}"))
  }

  @Test func wideMapsBecomePictures() {
    #expect(
      Self.gate.text(width: 16) == """
        Gate
              step
        unit 1    3
           0   ▒▒██
           1 ▓▓??░░
        -1.00 [    ░░░░▒▒▒▒▓▓▓▓████] 1.00
        """)
    #expect(
      Self.gate.text(width: 10, style: .init(characters: .ascii)) == """
        Gate
             step
        unit 1 3
           0  +@
           1 #?:
        -1.00 [  ..::--==++**##%%@@] 1.00
        """)
    // In colour, the cells are spaces on a coloured ground.
    let colored = Self.gate.text(width: 16, style: .init(usesColor: true))
    #expect(colored.contains("   0 \u{1B}[48;5;17m  \u{1B}[0m\u{1B}[48;5;231m  \u{1B}[0m"))
  }
}

/// Draws a panel of a lane: what stands above, the map or the bars, and what stands below.
struct PanelPainter {
  let panel: StepPanels.Panel
  private let direction: StepPanels.Direction
  private let stepLength: Double
  /// The lines above the plot, from top to bottom.
  private let header: [HeaderLine]
  private let footer: [String]
  private let across: Across
  private let numbersSteps: Bool

  private struct HeaderLine {
    let text: String
    var size = SVGText.smallSize
    var color = Theme.ink
    var isBold = false
    var isFormula = false

    var height: Double { size * SVGText.lineHeight }
  }

  private static let lineHeight = SVGText.smallSize * SVGText.lineHeight
  /// A panel without words is not narrower than this, and one with words not either.
  private static let leastWidth = 120.0

  init(_ panel: StepPanels.Panel, in lane: StepPanels.Lane) {
    self.panel = panel
    direction = lane.direction
    stepLength = lane.stepLength
    numbersSteps = !lane.stepAxis.isEmpty
    across = Across(panel)
    let room = max(direction == .down ? panel.thickness : lane.length, Self.leastWidth)
    let title = SVGText.wrapped(panel.title, width: room, size: SVGText.bodySize).map {
      HeaderLine(text: $0, size: SVGText.bodySize, isBold: true)
    }
    let formula = panel.formula.isEmpty ? [] : [HeaderLine(text: panel.formula, isFormula: true)]
    let detail = SVGText.wrapped(panel.detail, width: room, size: SVGText.smallSize).map {
      HeaderLine(text: $0, color: Theme.muted)
    }
    header = title + formula + detail
    footer = SVGText.wrapped(panel.axis, width: room, size: SVGText.smallSize)
  }

  /// Pixels across the steps, with what is written there.
  var width: Double { direction == .down ? max(panel.thickness, Self.leastWidth) : panel.thickness }

  /// Pixels from the panel's top to its plot.
  var headerHeight: Double {
    // The name of the steps' axis needs a line even where there is no heading.
    let lines = header.map(\.height).reduce(0, +)
    return max(lines > 0 ? lines + 10 : 0, direction == .down && numbersSteps ? Self.lineHeight + 6 : 0)
  }

  /// Pixels for the names or numbers directly below the plot.
  var tickHeight: Double {
    let hasTicks = direction == .down ? !across.ticks.isEmpty : numbersSteps
    return hasTicks ? Self.lineHeight + 4 : 0
  }

  /// Pixels for what stands below those.
  var noteHeight: Double { Self.lineHeight * Double(footer.count) + (scale == nil ? 0 : Self.lineHeight + 4) }

  /// The widest name across the steps, where these stand on the left.
  var labelWidth: Double {
    direction == .down ? 0 : across.ticks.map { SVGText.width(of: $0.text, size: SVGText.smallSize) }.max() ?? 0
  }

  /// All of it, from `top` down, with the plot in a box, and `tickHeight` left for the ticks below it.
  func elements(top: Double, plot: Box, tickHeight: Double) -> [SVGElement] {
    heading(x: plot.x, y: top) + content(in: plot) + marks(in: plot) + labels(beside: plot)
      + notes(x: plot.x, y: plot.maxY + tickHeight)
  }

  private var scale: FittedColorScale? {
    guard case .map(let values, let scale) = panel.content else { return nil }
    return scale.fitted(to: values.joined())
  }

  private func heading(x: Double, y: Double) -> [SVGElement] {
    var y = y
    return header.map { line in
      defer { y += line.height }
      return line.isFormula
        ? Formula(line.text).line(x: x, y: y + line.size, size: line.size)
        : SVGText.line(line.text, x: x, y: y + line.size, size: line.size, color: line.color, bold: line.isBold)
    }
  }

  private func content(in plot: Box) -> [SVGElement] {
    switch panel.content {
    case .map(let values, _):
      let rows =
        direction == .down ? values : (0..<panel.places).map { place in values.map { $0[place] } }
      let picture = scale.map { PixelImage(rows, scale: $0).element(in: plot) }
      return [picture].compactMap(\.self) + borders(in: plot) + [frame(plot)]
    case .bars(let values):
      let zero = across.position(of: 0)
      let bars = values.enumerated().filter { $1.isFinite && $1 != 0 }.map { step, value in
        let (from, to) = (min(zero, across.position(of: value)), max(zero, across.position(of: value)))
        let (start, length) = (Double(step) * stepLength, stepLength - (stepLength >= 4 ? 1 : 0))
        let bar: KeyValuePairs<String, any SVGValue> =
          direction == .down
          ? ["x": plot.x + from * plot.width, "y": plot.y + start, "width": (to - from) * plot.width, "height": length]
          : [
            "x": plot.x + start, "y": plot.maxY - to * plot.height, "width": length,
            "height": (to - from) * plot.height,
          ]
        // Vermilion and blue, as the ends of the diverging scale.
        return SVGElement("rect", bar).painted(fill: Theme.series(value > 0 ? 1 : 0))
      }
      let axis: KeyValuePairs<String, any SVGValue> =
        direction == .down
        ? ["x1": plot.x + zero * plot.width, "y1": plot.y, "x2": plot.x + zero * plot.width, "y2": plot.maxY]
        : ["x1": plot.x, "y1": plot.maxY - zero * plot.height, "x2": plot.maxX, "y2": plot.maxY - zero * plot.height]
      return bars + [SVGElement("line", axis).painted(stroke: Theme.axis)]
    }
  }

  private func frame(_ plot: Box) -> SVGElement {
    SVGElement("rect", ["x": plot.x, "y": plot.y, "width": plot.width, "height": plot.height])
      .painted(stroke: Theme.axis)
  }

  /// Lines between groups.
  private func borders(in plot: Box) -> [SVGElement] {
    across.borders.map { position in
      let (x, y) = (plot.x + position * plot.width, plot.y + position * plot.height)
      let ends: KeyValuePairs<String, any SVGValue> =
        direction == .down
        ? ["x1": x, "y1": plot.y, "x2": x, "y2": plot.maxY, "stroke": "#000000", "stroke-width": 1.5]
        : ["x1": plot.x, "y1": y, "x2": plot.maxX, "y2": y, "stroke": "#000000", "stroke-width": 1.5]
      return SVGElement("line", ends)
    }
  }

  /// White dots with a dark rim, which can be seen on every colour.
  private func marks(in plot: Box) -> [SVGElement] {
    let radius = min(stepLength, panel.thickness / Double(panel.places)) * 0.28
    guard radius > 0.8 else { return [] }
    return panel.marks.enumerated().map { step, place in
      let along = (Double(step) + 0.5) * stepLength
      let side = (Double(place) + 0.5) / Double(panel.places) * panel.thickness
      let (x, y) = direction == .down ? (plot.x + side, plot.y + along) : (plot.x + along, plot.y + side)
      return SVGElement("circle", ["cx": x, "cy": y, "r": radius, "stroke": "#000000", "stroke-width": 0.8])
        .filled(RGB(0xFFFFFF))
    }
  }

  /// The names of what is across the steps: below the plot, or left of it.
  private func labels(beside plot: Box) -> [SVGElement] {
    across.ticks.map { tick in
      switch direction {
      case .down:
        SVGText.line(
          tick.text, x: plot.x + tick.position * plot.width, y: plot.maxY + 4 + SVGText.smallSize,
          size: SVGText.smallSize, color: Theme.muted, anchor: .middle)
      case .right:
        SVGText.line(
          tick.text, x: plot.x - 8,
          y: SVGText.baseline(
            centeredAt: across.growsUp ? plot.maxY - tick.position * plot.height : plot.y + tick.position * plot.height,
            size: SVGText.smallSize),
          size: SVGText.smallSize, color: Theme.muted, anchor: .end)
      }
    }
  }

  /// The name of what is across, and the colours between the numbers at their ends.
  private func notes(x: Double, y: Double) -> [SVGElement] {
    let size = SVGText.smallSize
    func text(_ text: String, x: Double, y: Double, _ anchor: SVGText.Anchor = .start) -> SVGElement {
      SVGText.line(text, x: x, y: y + size, size: size, color: Theme.muted, anchor: anchor)
    }
    let lines = footer.enumerated().map { text($1, x: x, y: y + Double($0) * Self.lineHeight) }
    guard let scale else { return lines }
    let (low, high) = (shortNumber(scale.range.lowerBound), shortNumber(scale.range.upperBound))
    let top = y + Double(footer.count) * Self.lineHeight + 4
    let bar = Box(
      x: x + SVGText.width(of: low, size: size) + 4, y: top + 3, width: min(96, max(40, panel.thickness * 0.3)),
      height: 10)
    let colors = (0..<128).map { scale.range.lowerBound + scale.range.length * (Double($0) + 0.5) / 128 }
    return lines + [
      text(low, x: bar.x - 4, y: top, .end), PixelImage([colors], scale: scale).element(in: bar),
      text(high, x: bar.maxX + 4, y: top),
    ]
  }
}

/// The axis across the steps: names of places, or the numbers of bars.
private struct Across {
  /// From 0 at its beginning to 1 at its end.
  let ticks: [(position: Double, text: String)]
  /// Whether it begins at the bottom where it is vertical, as numbers do.
  let growsUp: Bool
  /// Where one group ends and the next begins.
  let borders: [Double]
  private let range: ClosedRange<Double>

  init(_ panel: StepPanels.Panel) {
    switch panel.content {
    case .map:
      growsUp = false
      range = 0...1
      let places = Double(panel.places)
      var (ticks, borders) = ([(position: Double, text: String)](), [Double]())
      var begin = 0
      for group in panel.groups where group.count > 0 {
        if begin > 0 { borders.append(Double(begin) / places) }
        ticks.append(((Double(begin) + Double(group.count) / 2) / places, group.name))
        begin += group.count
      }
      ticks += panel.labels.enumerated().map { ((Double($0) + 0.5) / places, $1) }
      (self.ticks, self.borders) = (ticks, borders)
    case .bars(let values):
      growsUp = true
      borders = []
      let finite = values.filter(\.isFinite)
      let (low, high) = (min(finite.min() ?? 0, 0), max(finite.max() ?? 0, 0))
      let range = low < high ? low...high : 0...1
      let numbers = Ticks(inside: range, atMost: 3)
      ticks = numbers.values.map { value in
        ((value - low) / range.length, fixedDecimal(value, decimals: numbers.decimals))
      }
      self.range = range
    }
  }

  /// Where a number of a bar is.
  func position(of value: Double) -> Double { (value - range.lowerBound) / range.length }
}

extension ClosedRange<Double> {
  fileprivate var length: Double { upperBound - lowerBound }
}

/// A number with three digits that count, for a legend.
private func shortNumber(_ value: Double) -> String {
  guard value != 0, value.isFinite else { return fixedDecimal(value, decimals: 0) }
  var decimals = 2
  while decimals < 9, value.magnitude * powerOfTen(decimals) < 100 { decimals += 1 }
  return trimmedDecimal(value, decimals: decimals)
}

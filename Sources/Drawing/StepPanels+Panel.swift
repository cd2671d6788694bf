/// Draws a panel of a lane: what stands above, the map or the bars, and what stands below.
struct PanelPainter {
  let panel: StepPanels.Panel
  private let direction: StepPanels.Direction
  private let stepLength: Double
  /// The lines above the plot, with their colours.
  private let header: [(text: String, size: Double, color: ColorRole, bold: Bool)]
  private let footer: [String]
  private let across: Across
  private let numbersSteps: Bool

  private static let lineHeight = SVGText.smallSize * SVGText.lineHeight
  private static let legend = (width: 96.0, height: 10.0)

  init(_ panel: StepPanels.Panel, in lane: StepPanels.Lane) {
    self.panel = panel
    direction = lane.direction
    stepLength = lane.stepLength
    numbersSteps = !lane.stepAxis.isEmpty
    across = Across(panel)
    let room = max(direction == .down ? panel.thickness : lane.length, 120)
    header = [
      (panel.title, SVGText.bodySize, Theme.ink, true), (panel.formula, SVGText.smallSize, Theme.ink, false),
      (panel.detail, SVGText.smallSize, Theme.muted, false),
    ].flatMap { text, size, color, bold in
      SVGText.wrapped(text, width: room, size: size).map { (text: $0, size: size, color: color, bold: bold) }
    }
    footer = SVGText.wrapped(panel.axis, width: room, size: SVGText.smallSize)
  }

  /// Pixels across the steps, with what is written there.
  var width: Double { direction == .down ? max(panel.thickness, 120) : panel.thickness }

  /// Pixels from the panel's top to its plot.
  var headerHeight: Double {
    // The name of the steps' axis needs a line even where there is no heading.
    let lines = header.map { $0.size * SVGText.lineHeight }.reduce(0, +)
    return max(lines > 0 ? lines + 10 : 0, direction == .down && numbersSteps ? Self.lineHeight + 6 : 0)
  }

  /// Pixels from the plot to the panel's end.
  var footerHeight: Double {
    let ticks = direction == .down ? !across.ticks.isEmpty : numbersSteps
    return (ticks ? Self.lineHeight + 4 : 0) + Self.lineHeight * Double(footer.count)
      + (scale == nil ? 0 : Self.lineHeight + 4)
  }

  /// The widest name across the steps, where these stand on the left.
  var labelWidth: Double {
    direction == .down ? 0 : across.ticks.map { SVGText.width(of: $0.text, size: SVGText.smallSize) }.max() ?? 0
  }

  /// All of it, with the plot in a box.
  func elements(in plot: Box) -> [SVGElement] {
    heading(above: plot) + content(in: plot) + marks(in: plot) + labels(beside: plot) + notes(below: plot)
  }

  private var scale: FittedColorScale? {
    guard case .map(let values, let scale) = panel.content else { return nil }
    return scale.fitted(to: values.joined())
  }

  private func heading(above plot: Box) -> [SVGElement] {
    var y = plot.y - 10 - header.map { $0.size * SVGText.lineHeight }.reduce(0, +)
    return header.map { line in
      defer { y += line.size * SVGText.lineHeight }
      return SVGText.line(line.text, x: plot.x, y: y + line.size, size: line.size, color: line.color, bold: line.bold)
    }
  }

  private func content(in plot: Box) -> [SVGElement] {
    switch panel.content {
    case .map(let values, _):
      let rows =
        direction == .down ? values : (0..<panel.places).map { place in values.map { $0[place] } }
      let picture = scale.map { PixelImage(rows, scale: $0).element(in: plot) }
      return [picture, frame(plot)].compactMap(\.self)
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
  private func notes(below plot: Box) -> [SVGElement] {
    let size = SVGText.smallSize
    var y = plot.maxY + footerHeight - Self.lineHeight * Double(footer.count) - (scale == nil ? 0 : Self.lineHeight + 4)
    var elements = footer.map { line in
      defer { y += Self.lineHeight }
      return SVGText.line(line, x: plot.x, y: y + size, size: size, color: Theme.muted)
    }
    guard let scale else { return elements }
    let (low, high) = (shortNumber(scale.range.lowerBound), shortNumber(scale.range.upperBound))
    let bar = Box(
      x: plot.x + SVGText.width(of: low, size: size) + 4, y: y + 6, width: Self.legend.width, height: Self.legend.height
    )
    let steps = [(0..<128).map { scale.range.lowerBound + scale.range.length * (Double($0) + 0.5) / 128 }]
    elements.append(
      SVGText.line(low, x: bar.x - 4, y: y + 4 + size * 0.9, size: size, color: Theme.muted, anchor: .end))
    elements.append(PixelImage(steps, scale: scale).element(in: bar))
    elements.append(SVGText.line(high, x: bar.maxX + 4, y: y + 4 + size * 0.9, size: size, color: Theme.muted))
    return elements
  }
}

/// The axis across the steps: names of places, or the numbers of bars.
private struct Across {
  /// From 0 at its beginning to 1 at its end.
  let ticks: [(position: Double, text: String)]
  /// Whether it begins at the bottom where it is vertical, as numbers do.
  let growsUp: Bool
  private let range: ClosedRange<Double>

  init(_ panel: StepPanels.Panel) {
    switch panel.content {
    case .map:
      growsUp = false
      range = 0...1
      ticks = panel.labels.enumerated().map { ((Double($0) + 0.5) / Double(panel.places), $1) }
    case .bars(let values):
      growsUp = true
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

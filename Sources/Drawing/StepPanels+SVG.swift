extension StepPanels {
  /// The panels as a standalone SVG file, as large as they are.
  ///
  /// It follows the viewer's light or dark look where the viewer supports that, and is light elsewhere. Maps are pictures
  /// within the file, a pixel for each number. The same panels always give the same bytes.
  ///
  /// - Parameters:
  ///   - margin: Pixels around everything.
  ///   - name: What the picture is called for those who do not see it; the title by default.
  /// - Returns: The file's text.
  public func svg(margin: Double = 28, name: String? = nil) -> String {
    let gap = 44.0
    let rows = lanes.map { $0.map(LanePainter.init) }
    let widths = rows.map { row in row.map(\.width).reduce(0, +) + gap * Double(max(0, row.count - 1)) }
    let width = max(widths.max() ?? 0, 200)
    var y = margin
    var elements = SVGText.heading(title: title, subtitle: subtitle, x: margin, width: width, y: &y)
    if !elements.isEmpty { y += 20 }
    for row in rows {
      var x = margin
      for lane in row {
        elements += lane.elements(x: x, y: y)
        x += lane.width + gap
      }
      y += (row.map(\.height).max() ?? 0) + gap / 2
    }
    return SVGDocument(
      width: width + 2 * margin, height: y - gap / 2 + margin, title: name ?? title, description: summary,
      elements: elements
    ).xml
  }

  /// What a reader who does not see the picture should know.
  private var summary: String {
    let panels = lanes.joined().flatMap(\.panels).map { panel in
      [panel.title, panel.detail].filter { !$0.isEmpty }.joined(separator: ": ")
    }
    return ([subtitle] + panels).filter { !$0.isEmpty }.joined(separator: " ")
  }
}

/// Places and draws the panels of a lane.
private struct LanePainter {
  let lane: StepPanels.Lane
  let width, height: Double
  /// Where steps run down, the largest of the panels' headers and ticks, so that plots and what is below them are level.
  private let headerHeight, tickHeight: Double
  private let panels: [PanelPainter]
  /// Room for what stands left of the first map of a lane, or of all maps.
  private let left: Double

  private static let gap = 26.0

  init(_ lane: StepPanels.Lane) {
    self.lane = lane
    let panels = lane.panels.map { PanelPainter($0, in: lane) }
    self.panels = panels
    let steps = StepLabels(lane)
    let gaps = Self.gap * Double(panels.count - 1)
    headerHeight = panels.map(\.headerHeight).max() ?? 0
    tickHeight = panels.map(\.tickHeight).max() ?? 0
    switch lane.direction {
    case .down:
      left = steps.isEmpty ? 0 : steps.width + 8
      width = left + panels.map(\.width).reduce(0, +) + gaps
      height = headerHeight + lane.length + tickHeight + (panels.map(\.noteHeight).max() ?? 0)
    case .right:
      let names = max(panels.map(\.labelWidth).max() ?? 0, steps.isEmpty ? 0 : steps.axisWidth)
      left = names > 0 ? names + 8 : 0
      width = left + lane.length
      height = panels.map { $0.headerHeight + $0.width + $0.tickHeight + $0.noteHeight }.reduce(0, +) + gaps
    }
  }

  func elements(x: Double, y: Double) -> [SVGElement] {
    var (x, y) = (x + left, y)
    var elements: [SVGElement] = []
    switch lane.direction {
    case .down:
      let top = y
      y += headerHeight
      elements += guides(from: x, to: x + width - left, y: y)
      for (index, panel) in panels.enumerated() {
        let plot = Box(x: x, y: y, width: panel.panel.thickness, height: lane.length)
        elements += panel.elements(top: top, plot: plot, tickHeight: tickHeight)
        if index == 0 { elements += StepLabels(lane).beside(plot) }
        x += panel.width + Self.gap
      }
    case .right:
      for panel in panels {
        let plot = Box(x: x, y: y + panel.headerHeight, width: lane.length, height: panel.panel.thickness)
        elements += panel.elements(top: y, plot: plot, tickHeight: panel.tickHeight) + StepLabels(lane).below(plot)
        y = plot.maxY + panel.tickHeight + panel.noteHeight + Self.gap
      }
    }
    return elements
  }

  /// Thin lines at the numbered steps through the gaps between panels, so that the eye finds a step again.
  private func guides(from x: Double, to end: Double, y: Double) -> [SVGElement] {
    StepLabels(lane).steps.map { step in
      let y = y + (Double(step) - 0.5) * lane.stepLength
      return SVGElement("line", ["x1": x, "y1": y, "x2": end, "y2": y]).painted(stroke: Theme.grid)
    }
  }
}

/// The numbers of a lane's steps.
private struct StepLabels {
  let lane: StepPanels.Lane
  /// The steps that are numbered, counted from 1: the first, and round numbers that have room.
  let steps: [Int]

  init(_ lane: StepPanels.Lane) {
    self.lane = lane
    guard !lane.stepAxis.isEmpty else {
      steps = []
      return
    }
    let size = SVGText.smallSize
    let room = lane.direction == .down ? size * 1.2 : SVGText.width(of: String(lane.steps), size: size) + 10
    let apart = NiceStep(atLeast: max(room / lane.stepLength, Double(lane.steps) / 8, 1)).times(1)
    steps =
      [1]
      + stride(from: Int(apart), through: lane.steps, by: max(1, Int(apart))).filter {
        Double($0 - 1) * lane.stepLength >= room
      }
  }

  var isEmpty: Bool { steps.isEmpty }
  /// What is written is never wider.
  var width: Double { max(axisWidth, SVGText.width(of: String(lane.steps), size: SVGText.smallSize)) }
  var axisWidth: Double { SVGText.width(of: lane.stepAxis, size: SVGText.smallSize) }

  /// Left of a plot whose steps run down, with the axis's name above.
  func beside(_ plot: Box) -> [SVGElement] {
    guard !isEmpty else { return [] }
    return [text(lane.stepAxis, x: plot.x - 8, y: plot.y - 10, .end)]
      + steps.map { step in
        let middle = plot.y + (Double(step) - 0.5) * lane.stepLength
        return text(
          String(step), x: plot.x - 8, y: SVGText.baseline(centeredAt: middle, size: SVGText.smallSize), .end)
      }
  }

  /// Below a plot whose steps run right, with the axis's name on the left.
  func below(_ plot: Box) -> [SVGElement] {
    guard !isEmpty else { return [] }
    let y = plot.maxY + 4 + SVGText.smallSize
    return [text(lane.stepAxis, x: plot.x - 8, y: y, .end)]
      + steps.map { text(String($0), x: plot.x + (Double($0) - 0.5) * lane.stepLength, y: y, .middle) }
  }

  private func text(_ text: String, x: Double, y: Double, _ anchor: SVGText.Anchor) -> SVGElement {
    SVGText.line(text, x: x, y: y, size: SVGText.smallSize, color: Theme.muted, anchor: anchor)
  }
}

extension LineChart {
  /// The chart as a standalone SVG file.
  ///
  /// It follows the viewer's light or dark look where the viewer supports that, and is light elsewhere.
  /// The same chart always gives the same bytes.
  ///
  /// - Parameters:
  ///   - width: The width in pixels at scale 1, at least 320.
  ///   - height: The height in pixels at scale 1, at least 240. Letters do not shrink with the picture.
  ///   - showsTitle: Whether the title is drawn, or only told to those who cannot see the picture: for a page with a
  ///     headline of its own.
  /// - Returns: The file's text.
  public func svg(width: Double = 960, height: Double = 540, showsTitle: Bool = true) -> String {
    precondition(width >= 320 && height >= 240, "\(width)×\(height) is too small for a chart (320×240)")
    let chart = placeable, layout = LineChartLayout(chart, width: width, height: height, showsTitle: showsTitle)
    let painter = LineChartPainter(chart: chart, layout: layout)
    return SVGDocument(
      width: width, height: height, title: title, description: chart.summary,
      elements: layout.heading + painter.axes + painter.references + [painter.plot] + painter.labels
    ).xml
  }

  /// What a reader who does not see the picture should know.
  private var summary: String {
    let lines = series.map { series in
      guard let first = series.drawablePoints.first, let last = series.drawablePoints.last else {
        return "\(series.name): no data."
      }
      func place(_ point: Point) -> String {
        "\(yAxis.text(of: point.y)) at \(trimmedDecimal(point.x, decimals: 2))"
      }
      return "\(series.name): from \(place(first)) to \(place(last))."
    }
    let axes = [yAxis.label, xAxis.label].filter { !$0.isEmpty }.joined(separator: " against ")
    return ([subtitle, axes].filter { !$0.isEmpty }.map { $0 + "." } + lines + notes.map { $0.text + "." })
      .joined(separator: " ")
  }
}

extension LineChart.Axis {
  /// A number in a sentence: with two decimals, or two digits where the axis shows powers of ten.
  fileprivate func text(of value: Double) -> String {
    scale == .logarithmic && value.isLogarithmicallyDrawable
      ? twoDigits(value) : format.string(value, decimals: 2)
  }
}

/// Draws a chart's parts at the places that the layout gives them.
private struct LineChartPainter {
  let chart: LineChart
  let layout: LineChartLayout

  private var box: Box { layout.plot }

  private static let strokeWidth = 2.5
  private static let dash = "8 5"

  /// The grid, the axes with their ticks and labels.
  var axes: [SVGElement] {
    var elements: [SVGElement] = []
    let left = box.x - 10
    for tick in layout.yScale.ticks {
      let y = layout.y(tick.value)
      elements.append(rule(box.x, y, box.maxX, y).painted(stroke: Theme.grid))
      elements.append(
        SVGText.line(
          tick.label, x: left, y: SVGText.baseline(centeredAt: y, size: SVGText.smallSize), size: SVGText.smallSize,
          color: Theme.muted, anchor: .end))
    }
    elements.append(rule(box.x, box.maxY, box.maxX, box.maxY).painted(stroke: Theme.axis))
    for tick in layout.xScale.ticks {
      let x = layout.x(tick.value)
      elements.append(rule(x, box.maxY, x, box.maxY + 6).painted(stroke: Theme.axis))
      elements.append(
        SVGText.line(
          tick.label, x: x, y: box.maxY + 22, size: SVGText.smallSize, color: Theme.muted, anchor: .middle))
    }
    return elements + SVGText.axisLabel(chart.xAxis.label, x: box.middleX, y: box.maxY + 46)
  }

  /// Reference lines, behind the data.
  var references: [SVGElement] {
    chart.references.compactMap { reference in
      switch reference {
      case .horizontal(let y, _):
        guard layout.yScale.range.contains(y) else { return nil }
        return rule(box.x, layout.y(y), box.maxX, layout.y(y), dash: "2 4").painted(stroke: Theme.muted)
      case .vertical(let x, _):
        guard layout.xScale.range.contains(x) else { return nil }
        return rule(layout.x(x), box.y, layout.x(x), box.maxY, dash: "2 4").painted(stroke: Theme.muted)
      }
    }
  }

  private func rule(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, dash: String = "none") -> SVGElement {
    SVGElement("line", ["x1": x1, "y1": y1, "x2": x2, "y2": y2, "stroke-width": 1, "stroke-dasharray": dash])
  }

  /// Bands, lines and markers, cut off at the plot's edge.
  ///
  /// A nested `svg` element clips without the `id` that a `clipPath` needs. The margin keeps whole the
  /// markers of points that lie on the edge.
  var plot: SVGElement {
    let margin = 6.0
    let (x, y) = (box.x - margin, box.y - margin)
    let (width, height) = (box.width + 2 * margin, box.height + 2 * margin)
    return SVGElement(
      "svg",
      [
        "x": x, "y": y, "width": width, "height": height, "overflow": "hidden",
        "viewBox": "\(x.svgText) \(y.svgText) \(width.svgText) \(height.svgText)",
      ],
      chart.series.indices.flatMap(bands) + chart.series.indices.flatMap(lines))
  }

  private func color(_ index: Int) -> ColorRole { Theme.series(chart.series[index].color ?? index) }

  private func bands(of index: Int) -> [SVGElement] {
    let color = color(index)
    return chart.series[index].intervalRuns.map { run in
      let lower = run.map { layout.place(x: $0.x, y: $0.interval?.low ?? $0.y) }
      let upper = run.map { layout.place(x: $0.x, y: $0.interval?.high ?? $0.y) }
      guard run.count > 1 else {
        return SVGElement("path", ["d": pathData(lower + upper), "stroke-width": 6, "stroke-opacity": 0.3])
          .painted(stroke: color)
      }
      return SVGElement("path", ["d": pathData(upper + lower.reversed()) + "Z", "fill-opacity": 0.2])
        .painted(fill: color)
    }
  }

  private func lines(of index: Int) -> [SVGElement] {
    let series = chart.series[index]
    let showsAll = layout.showsMarkers(for: series)
    var elements: [SVGElement] = []
    for run in series.runs {
      let places = run.map { layout.place(x: $0.x, y: $0.y) }
      if places.count > 1 {
        elements.append(
          SVGElement(
            "path",
            [
              "d": pathData(places), "stroke-width": Self.strokeWidth, "stroke-linejoin": "round",
              "stroke-linecap": "round", "stroke-dasharray": series.isDashed ? Self.dash : "none",
            ]
          ).painted(stroke: color(index)))
      }
      if showsAll || places.count == 1 { elements += places.map { marker(of: index, x: $0.x, y: $0.y) } }
    }
    return elements
  }

  /// Dashed series have hollow markers: two cues beside the colour.
  private func marker(of index: Int, x: Double, y: Double) -> SVGElement {
    SVGElement("circle", ["cx": x, "cy": y, "r": 3.5, "stroke-width": 2])
      .painted(fill: chart.series[index].isDashed ? Theme.ground : color(index), stroke: color(index))
  }

  private func pathData(_ places: [(x: Double, y: Double)]) -> String {
    "M" + places.map { "\($0.x.svgText),\($0.y.svgText)" }.joined(separator: "L")
  }

  /// Names of series, reference lines and notes.
  var labels: [SVGElement] {
    let yLabel = layout.yLabelBox
    var elements = SVGText.axisLabel(
      chart.yAxis.label, x: yLabel.x, y: yLabel.y + SVGText.bodySize, anchor: .start)
    elements += layout.legend.flatMap { entry in
      let middle = entry.box.middleY
      let swatch = SVGElement(
        "line",
        [
          "x1": entry.box.x, "y1": middle, "x2": entry.box.x + LineChartLayout.swatchWidth, "y2": middle,
          "stroke-width": Self.strokeWidth,
          "stroke-dasharray": chart.series[entry.series].isDashed ? Self.dash : "none",
        ]
      ).painted(stroke: color(entry.series))
      return [
        swatch,
        marker(of: entry.series, x: entry.box.x + LineChartLayout.swatchWidth / 2, y: middle),
        SVGText.line(
          chart.series[entry.series].name, x: entry.box.x + LineChartLayout.swatchWidth + 8,
          y: SVGText.baseline(centeredAt: middle, size: SVGText.bodySize), size: SVGText.bodySize),
      ]
    }
    elements += layout.endLabels.map { label in
      SVGText.line(
        chart.series[label.series].name, x: label.box.x,
        y: SVGText.baseline(centeredAt: label.box.middleY, size: SVGText.bodySize), size: SVGText.bodySize)
    }
    return elements + placedLabels
  }

  /// The texts that look for room between the lines.
  private var placedLabels: [SVGElement] {
    var placer = LabelPlacer(bounds: layout.labelBounds, obstacles: layout.obstacles, taken: [layout.yLabelBox])
    let notes = chart.notes.filter { layout.xScale.range.contains($0.x) && layout.yScale.range.contains($0.y) }
    let rings = notes.map { note in
      SVGElement("circle", ["cx": layout.x(note.x), "cy": layout.y(note.y), "r": 7, "stroke-width": 2])
        .painted(stroke: Theme.ink)
    }
    let noteTexts = notes.filter { !$0.text.isEmpty }.map { note in
      label(note.text, at: placer.place(layout.places(for: note)), bold: true)
    }
    let referenceTexts = chart.references.compactMap { reference -> SVGElement? in
      let candidates = layout.places(for: reference)
      guard !candidates.isEmpty else { return nil }
      return label(reference.label, at: placer.place(candidates), color: Theme.muted)
    }
    let hint =
      chart.series.allSatisfy(\.drawablePoints.isEmpty)
      ? [
        SVGText.line(
          "no data", x: box.middleX, y: box.middleY, size: SVGText.bodySize, color: Theme.muted,
          anchor: .middle)
      ] : []
    return rings + referenceTexts + noteTexts + hint
  }

  /// Text with a halo of the ground's colour, readable across lines.
  private func label(_ text: String, at box: Box, color: ColorRole = Theme.ink, bold: Bool = false) -> SVGElement {
    SVGElement(
      "text",
      [
        "x": box.middleX, "y": SVGText.baseline(centeredAt: box.middleY, size: SVGText.smallSize),
        "font-size": SVGText.smallSize, "font-weight": bold ? 600 : 400, "text-anchor": "middle",
        "stroke-width": 4, "stroke-linejoin": "round", "paint-order": "stroke",
      ],
      text: text
    ).painted(fill: color, stroke: Theme.ground)
  }
}

extension LineChart.Reference {
  var label: String {
    switch self {
    case .horizontal(_, let label), .vertical(_, let label): label
    }
  }
}

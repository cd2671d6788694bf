extension HeatMap {
  /// The heat map as a standalone SVG file; its height follows from the matrix.
  ///
  /// The numbers are written into the cells if all of them fit. The same map always gives the same bytes.
  ///
  /// - Parameter width: The width in pixels at scale 1, at least 240.
  /// - Returns: The file's text.
  public func svg(width: Double = 760) -> String {
    precondition(width >= 240, "a width of \(width) is too small for a heat map (240)")
    let painter = HeatMapPainter(map: self, width: width)
    return SVGDocument(
      width: width, height: painter.height, title: title, description: summary,
      elements: painter.heading + painter.cells + painter.labels + painter.legend
    ).xml
  }

  private var summary: String {
    let range = fittedScale.range
    let size = "\(rowLabels.count) × \(columnLabels.count) values"
    let ends = [range.lowerBound, range.upperBound].map { format.string($0, decimals: decimals) }
    let colors = "colours from \(ends[0]) to \(ends[1])"
    return ([subtitle, "\(rowAxis) by \(columnAxis)"].filter { !$0.isEmpty } + ["\(size), \(colors)"])
      .map { $0 + "." }.joined(separator: " ")
  }
}

/// Places and draws the parts of a heat map.
private struct HeatMapPainter {
  let map: HeatMap
  let scale: FittedColorScale
  let heading: [SVGElement]
  /// The matrix's place, and the size of one cell.
  let grid: Box
  let cell: (width: Double, height: Double)
  let width: Double
  var height: Double { grid.maxY + Self.margin }

  private static let margin = 28.0
  private static let legendWidth = 16.0

  init(map: HeatMap, width: Double) {
    self.map = map
    self.width = width
    scale = map.fittedScale
    var y = Self.margin
    heading = SVGText.heading(
      title: map.title, subtitle: map.subtitle, x: Self.margin, width: width - 2 * Self.margin, y: &y)
    let small = { (text: String) in SVGText.width(of: text, size: SVGText.smallSize) }
    let rowLabelWidth = map.rowLabels.map(small).max() ?? 0
    let rowAxisWidth = map.rowAxis.isEmpty ? 0 : SVGText.bodySize * SVGText.lineHeight
    let left = Self.margin + rowAxisWidth + rowLabelWidth + 10
    let legendText = scale.legendValues.map { small(map.format.string($0, decimals: map.decimals)) }.max() ?? 0
    let right = Self.margin + legendText + 8 + Self.legendWidth + 20
    let top = y + 14 + (map.columnAxis.isEmpty ? 0 : SVGText.bodySize * SVGText.lineHeight) + 22

    let gridWidth = max(40, width - left - right)
    let (rows, columns) = (Double(max(1, map.rowLabels.count)), Double(max(1, map.columnLabels.count)))
    cell.width = gridWidth / columns
    // Square cells, unless there are so many rows or so few that the picture would become a tower or a ribbon.
    cell.height = min(max(cell.width, 80 / rows), gridWidth * 1.1 / rows)
    grid = Box(x: left, y: top, width: gridWidth, height: cell.height * rows)
  }

  private func x(_ column: Int) -> Double { grid.x + Double(column) * cell.width }
  private func y(_ row: Int) -> Double { grid.y + Double(row) * cell.height }

  /// A thin gap makes cells countable; where they are small, it would only wash out the colours.
  private var gap: Double { min(cell.width, cell.height) >= 12 ? 1 : 0 }

  var cells: [SVGElement] {
    let showsText = allTextsFit
    return map.values.indices.flatMap { row in
      map.values[row].indices.flatMap { column -> [SVGElement] in
        let value = map.values[row][column]
        let color = scale.color(of: value)
        let place: KeyValuePairs<String, any SVGValue> = [
          "x": x(column), "y": y(row), "width": cell.width - gap, "height": cell.height - gap,
        ]
        let square = SVGElement("rect", place)
        return [color.map(square.filled) ?? square.painted(fill: Theme.missing)]
          + (showsText ? [text(of: value, row: row, column: column, on: color)] : [])
      }
    }
  }

  private func text(of value: Double, row: Int, column: Int, on color: RGB?) -> SVGElement {
    let text = SVGElement(
      "text",
      [
        "x": x(column) + (cell.width - gap) / 2, "y": y(row) + (cell.height - gap) / 2 + SVGText.smallSize * 0.36,
        "font-size": SVGText.smallSize, "text-anchor": "middle",
      ],
      text: map.cellText(value))
    // A cell's colour is the same in the light and in the dark look, and so is the ink on it.
    return color.map { text.filled($0.readableInk) } ?? text.painted(fill: Theme.ink)
  }

  private var allTextsFit: Bool {
    let widest = map.values.joined().map { SVGText.width(of: map.cellText($0), size: SVGText.smallSize) }.max() ?? 0
    return widest + 6 <= cell.width && cell.height >= SVGText.smallSize * SVGText.lineHeight
  }

  /// The names of rows, columns and axes; of crowded rows and columns, every second, fifth, tenth and so on.
  var labels: [SVGElement] {
    let widest = map.columnLabels.map { SVGText.width(of: $0, size: SVGText.smallSize) }.max() ?? 0
    let columns = indices(map.columnLabels.count, apart: (widest + 6) / cell.width).map { column in
      SVGText.line(
        map.columnLabels[column], x: x(column) + cell.width / 2, y: grid.y - 8, size: SVGText.smallSize,
        color: Theme.muted, anchor: .middle)
    }
    let rows = indices(map.rowLabels.count, apart: SVGText.smallSize * 1.2 / cell.height).map { row in
      SVGText.line(
        map.rowLabels[row], x: grid.x - 10, y: y(row) + cell.height / 2 + SVGText.smallSize * 0.36,
        size: SVGText.smallSize, color: Theme.muted, anchor: .end)
    }
    let (axisX, axisY) = (Self.margin + SVGText.bodySize * 0.8, grid.y + grid.height / 2)
    let columnAxis = SVGText.line(
      map.columnAxis, x: grid.x + grid.width / 2, y: grid.y - 30, size: SVGText.bodySize, anchor: .middle)
    let rowAxis = SVGElement(
      "g", ["transform": "rotate(-90 \(axisX.svgText) \(axisY.svgText))"],
      [SVGText.line(map.rowAxis, x: axisX, y: axisY, size: SVGText.bodySize, anchor: .middle)])
    return columns + rows + [columnAxis, rowAxis]
  }

  private func indices(_ count: Int, apart distance: Double) -> StrideTo<Int> {
    stride(from: 0, to: count, by: max(1, Int(NiceStep(atLeast: max(distance, 1)).times(1))))
  }

  /// The colours from low (bottom) to high, with the values that they stand for.
  var legend: [SVGElement] {
    let (x, steps) = (grid.maxX + 20, 64)
    let stepHeight = grid.height / Double(steps)
    // A stack of bars instead of a gradient, which would need an `id`; each reaches under the next, so no seam shows.
    let bars = (0..<steps).map { step in
      let position = (Double(step) + 0.5) / Double(steps)
      let top = grid.maxY - Double(step + 1) * stepHeight
      return SVGElement(
        "rect", ["x": x, "y": top, "width": Self.legendWidth, "height": min(stepHeight * 1.5, grid.maxY - top)]
      ).filled(scale.color(at: position))
    }
    let decimals = Ticks(scale.legendValues).decimals
    let texts = scale.legendValues.compactMap { value in
      scale.position(of: value).map { position in
        SVGText.line(
          map.format.string(value, decimals: map.format.tickDecimals(decimals)), x: x + Self.legendWidth + 8,
          y: grid.maxY - position * grid.height + SVGText.smallSize * 0.36, size: SVGText.smallSize,
          color: Theme.muted)
      }
    }
    return bars + texts
  }
}

extension HeatMap {
  /// The heat map as a standalone SVG file; its height follows from the matrix.
  ///
  /// The numbers are written into the cells if all of them fit. The same map always gives the same bytes.
  ///
  /// - Parameters:
  ///   - width: The width in pixels at scale 1, at least 240.
  ///   - showsTitle: Whether the title is drawn, or only told to those who cannot see the picture: for a page with a
  ///     headline of its own.
  /// - Returns: The file's text.
  public func svg(width: Double = 760, showsTitle: Bool = true) -> String {
    precondition(width >= 240, "a width of \(width) is too small for a heat map (240)")
    let painter = HeatMapPainter(map: self, width: width, showsTitle: showsTitle)
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

  init(map: HeatMap, width: Double, showsTitle: Bool) {
    self.map = map
    self.width = width
    scale = map.fittedScale
    var y = Self.margin
    heading = SVGText.heading(
      title: showsTitle ? map.title : "", subtitle: map.subtitle, x: Self.margin, width: width - 2 * Self.margin, y: &y)
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

  /// The cells, then the numbers in them if all of them fit.
  var cells: [SVGElement] {
    let squares = places.map { row, column in
      let square = SVGElement(
        "rect", ["x": x(column), "y": y(row), "width": cell.width - gap, "height": cell.height - gap])
      return scale.color(of: map.values[row][column]).map(square.filled) ?? square.painted(fill: Theme.missing)
    }
    return [Self.crisp(squares)] + (allTextsFit ? places.map(text) : [])
  }

  /// Row and column of every cell.
  private var places: [(Int, Int)] {
    map.rowLabels.indices.flatMap { row in map.columnLabels.indices.map { (row, $0) } }
  }

  /// Rectangles side by side without the ground shining through where their edges fall between two pixels.
  private static func crisp(_ rectangles: [SVGElement]) -> SVGElement {
    SVGElement("g", ["shape-rendering": "crispEdges"], rectangles)
  }

  private func text(row: Int, column: Int) -> SVGElement {
    let value = map.values[row][column]
    let text = SVGElement(
      "text",
      [
        "x": x(column) + (cell.width - gap) / 2,
        "y": SVGText.baseline(centeredAt: y(row) + (cell.height - gap) / 2, size: SVGText.smallSize),
        "font-size": SVGText.smallSize, "text-anchor": "middle",
      ],
      text: map.cellText(value))
    // A cell's colour is the same in the light and in the dark look, and so is the ink on it.
    return scale.color(of: value).map { text.filled($0.readableInk) } ?? text.painted(fill: Theme.ink)
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
        map.rowLabels[row], x: grid.x - 10,
        y: SVGText.baseline(centeredAt: y(row) + cell.height / 2, size: SVGText.smallSize),
        size: SVGText.smallSize, color: Theme.muted, anchor: .end)
    }
    return columns + rows + SVGText.axisLabel(map.columnAxis, x: grid.middleX, y: grid.y - 30) + rowAxis
  }

  /// The rows' axis, turned to stand beside the matrix.
  private var rowAxis: [SVGElement] {
    let (x, y) = (Self.margin + SVGText.bodySize * 0.8, grid.middleY)
    return SVGText.axisLabel(map.rowAxis, x: x, y: y).map { label in
      SVGElement("g", ["transform": "rotate(-90 \(x.svgText) \(y.svgText))"], [label])
    }
  }

  private func indices(_ count: Int, apart distance: Double) -> StrideTo<Int> {
    stride(from: 0, to: count, by: max(1, Int(NiceStep(atLeast: max(distance, 1)).times(1))))
  }

  /// The colours from low (bottom) to high, with the values that they stand for.
  var legend: [SVGElement] {
    let (x, steps) = (grid.maxX + 20, 64)
    let stepHeight = grid.height / Double(steps)
    // A stack of bars instead of a gradient, which would need an `id`.
    let bars = (0..<steps).map { step in
      SVGElement(
        "rect",
        [
          "x": x, "y": grid.maxY - Double(step + 1) * stepHeight, "width": Self.legendWidth, "height": stepHeight,
        ]
      ).filled(scale.color(at: (Double(step) + 0.5) / Double(steps)))
    }
    let decimals = Ticks(scale.legendValues).decimals
    let texts = scale.legendValues.compactMap { value in
      scale.position(of: value).map { position in
        SVGText.line(
          map.format.string(value, decimals: map.format.tickDecimals(decimals)), x: x + Self.legendWidth + 8,
          y: SVGText.baseline(centeredAt: grid.maxY - position * grid.height, size: SVGText.smallSize),
          size: SVGText.smallSize,
          color: Theme.muted)
      }
    }
    return [Self.crisp(bars)] + texts
  }
}

extension LineChart {
  /// The fewest columns and lines of a chart as text.
  public static let leastTextSize = (width: 16, height: 4)

  /// The chart as text for a terminal.
  ///
  /// Where there is little room, it leaves out the subtitle first, then the axis labels, the title and the legend.
  ///
  /// Every series is drawn in braille patterns with a marker of its own now and then, in ASCII with its marker alone.
  /// Intervals are not drawn: they are usually thinner than a terminal's line.
  ///
  /// - Parameters:
  ///   - width: The columns, at least those of `leastTextSize`.
  ///   - height: The lines, likewise.
  ///   - style: What the terminal can show.
  /// - Returns: Exactly `height` lines, none wider than `width` columns, separated by newlines with none at the very end.
  public func text(width: Int = 80, height: Int = 20, style: TerminalStyle = TerminalStyle()) -> String {
    let least = Self.leastTextSize
    precondition(
      width >= least.width && height >= least.height,
      "\(width)×\(height) is too small for a chart (\(least.width)×\(least.height))")
    var painter = TerminalChartPainter(chart: placeable, width: width, height: height, style: style)
    painter.paint()
    return painter.canvas.text(style: style)
  }
}

/// Draws a chart on a canvas of terminal cells.
private struct TerminalChartPainter {
  /// The lines of text around the plot; the first to go where there is little room come first.
  private enum Part: CaseIterable { case subtitle, xLabel, yLabel, title, legend }

  private let chart: LineChart
  private let style: TerminalStyle
  private let glyphs: Glyphs
  private let xScale: AxisScale
  private let yScale: AxisScale
  private let legendRows: [[Int]]
  private let parts: [Part]
  /// The column of the vertical axis, left of the plot.
  private let axisColumn: Int
  /// The plot's first row.
  private let top: Int
  private var dots: DotGrid
  private(set) var canvas: TextCanvas

  private static let fewestPlotRows = 5

  init(chart: LineChart, width: Int, height: Int, style: TerminalStyle) {
    self.chart = chart
    self.style = style
    glyphs = Glyphs(style.characters)
    canvas = TextCanvas(width: width, height: height)
    let legend = Self.legendRows(of: chart, width: width)
    legendRows = legend

    func rows(of part: Part) -> Int {
      switch part {
      case .subtitle: chart.subtitle.isEmpty ? 0 : 1
      case .xLabel: chart.xAxis.label.isEmpty ? 0 : 1
      case .yLabel: chart.yAxis.label.isEmpty ? 0 : 1
      case .title: chart.title.isEmpty ? 0 : 1
      case .legend: legend.count
      }
    }
    var parts = Part.allCases.filter { rows(of: $0) > 0 }
    // The axis and its numbers take two rows.
    func plotRows() -> Int { height - 2 - parts.reduce(0) { $0 + rows(of: $1) } }
    while plotRows() < Self.fewestPlotRows, !parts.isEmpty { parts.removeFirst() }
    self.parts = parts
    top = parts.filter { $0 != .xLabel }.reduce(0) { $0 + rows(of: $1) }

    yScale = chart.yScale(ticksAtMost: max(2, (plotRows() + 1) / 2))
    axisColumn = (yScale.ticks.map(\.label.terminalColumns).max() ?? 0) + 1
    dots = DotGrid(columns: max(1, width - axisColumn - 1), rows: plotRows(), characters: style.characters)
    let widest = chart.xScale(ticksAtMost: 8).ticks.map(\.label.terminalColumns).max() ?? 1
    xScale = chart.xScale(ticksAtMost: max(2, min(12, dots.columns / (widest + 4))))
  }

  mutating func paint() {
    paintHeader()
    paintAxes()
    paintReferences()
    paintLines()
    paintMarkers()
    paintLabels()
  }

  /// Series in rows of the legend, as many in each as have room.
  private static func legendRows(of chart: LineChart, width: Int) -> [[Int]] {
    var rows: [[Int]] = []
    var column = 0
    for index in chart.series.indices where !chart.series[index].name.isEmpty {
      let entryWidth = legendEntry(chart.series[index].name).terminalColumns
      if rows.isEmpty || column + entryWidth > width {
        rows.append([])
        column = 0
      }
      rows[rows.count - 1].append(index)
      column += entryWidth
    }
    return rows
  }

  /// A name with room for a swatch in front and a gap behind.
  private static func legendEntry(_ name: String) -> String { "    " + name + "   " }

  private mutating func paintHeader() {
    var row = 0
    for (part, text, ink) in [
      (Part.title, chart.title, TerminalInk.bold), (.subtitle, chart.subtitle, .dim),
    ] where parts.contains(part) {
      canvas.put(text.truncated(to: canvas.width, style: style), column: 0, row: row, ink: ink)
      row += 1
    }
    for entries in parts.contains(.legend) ? legendRows : [] {
      var column = 0
      for index in entries {
        canvas.put(glyphs.swatch(index), column: column, row: row, ink: .series(index))
        let name = chart.series[index].name
        canvas.put(name.truncated(to: canvas.width - column - 4, style: style), column: column + 4, row: row)
        column += Self.legendEntry(name).terminalColumns
      }
      row += 1
    }
    if parts.contains(.yLabel) {
      canvas.put(chart.yAxis.label.truncated(to: canvas.width, style: style), column: 0, row: row, ink: .dim)
    }
  }

  private mutating func paintAxes() {
    let bottom = top + dots.rows
    for row in top..<bottom { canvas.put(String(glyphs.vertical), column: axisColumn, row: row) }
    canvas.put(
      String(glyphs.corner) + String(repeating: glyphs.horizontal, count: dots.columns), column: axisColumn,
      row: bottom)
    for tick in yScale.ticks {
      guard let cell = cell(x: xScale.range.lowerBound, y: tick.value) else { continue }
      canvas.put(tick.label.padded(to: axisColumn - 1, onLeft: true), column: 0, row: cell.row)
      canvas.put(String(glyphs.leftTick), column: axisColumn, row: cell.row)
    }
    var firstFree = 0
    for tick in xScale.ticks {
      guard let cell = cell(x: tick.value, y: yScale.range.lowerBound) else { continue }
      canvas.put(String(glyphs.bottomTick), column: cell.column, row: bottom)
      let labelWidth = tick.label.terminalColumns
      let column = max(0, min(cell.column - (labelWidth - 1) / 2, canvas.width - labelWidth))
      guard column >= firstFree else { continue }
      canvas.put(tick.label, column: column, row: bottom + 1)
      firstFree = column + labelWidth + 1
    }
    if parts.contains(.xLabel) {
      let label = chart.xAxis.label.truncated(to: dots.columns, style: style)
      canvas.put(
        label, column: axisColumn + 1 + (dots.columns - label.terminalColumns) / 2, row: canvas.height - 1, ink: .dim)
    }
  }

  private mutating func paintReferences() {
    for reference in chart.references {
      switch reference {
      case .horizontal(let y, _):
        guard let cell = cell(x: xScale.range.lowerBound, y: y) else { continue }
        let line = String(repeating: glyphs.horizontalReference, count: dots.columns)
        canvas.put(line, column: axisColumn + 1, row: cell.row, ink: .dim)
      case .vertical(let x, _):
        guard let cell = cell(x: x, y: yScale.range.lowerBound) else { continue }
        for row in top..<top + dots.rows {
          canvas.put(String(glyphs.verticalReference), column: cell.column, row: row, ink: .dim)
        }
      }
    }
  }

  private mutating func paintLines() {
    for (index, series) in chart.series.enumerated() {
      for run in series.runs {
        let places = run.map { dot(x: $0.x, y: $0.y) }
        for (start, end) in zip(places, places.dropFirst()) { dots.draw(from: start, to: end, owner: index) }
      }
    }
    for row in 0..<dots.rows {
      for column in 0..<dots.columns {
        guard let content = dots.content(column: column, row: row) else { continue }
        let glyph = glyphs.line(pattern: content.pattern, series: content.owner)
        canvas.put(String(glyph), column: axisColumn + 1 + column, row: top + row, ink: .series(content.owner))
      }
    }
  }

  /// Marks some points of every series, and all lone ones.
  ///
  /// Markers keep a distance so that the line stays visible, and every series starts at another place so
  /// that lines on top of each other show both markers.
  private mutating func paintMarkers() {
    let distance = max(8, 4 * chart.series.count)
    var taken: Set<[Int]> = []
    for (index, series) in chart.series.enumerated() {
      var next = index * distance / max(1, chart.series.count)
      for run in series.runs {
        for point in run {
          guard let cell = cell(x: point.x, y: point.y) else { continue }
          let place = [cell.column, cell.row]
          let column = cell.column - axisColumn - 1
          guard run.count == 1 || (column >= next && !taken.contains(place)) else { continue }
          taken.insert(place)
          next = column + distance
          canvas.put(String(glyphs.marker(index)), column: cell.column, row: cell.row, ink: .series(index))
        }
      }
    }
  }

  /// Notes, and the names of reference lines.
  private mutating func paintLabels() {
    let bounds = Box(
      x: Double(axisColumn + 1), y: Double(top), width: Double(dots.columns), height: Double(dots.rows))
    var placer = LabelPlacer(bounds: bounds, obstacles: occupiedCells())
    let notes = chart.notes.compactMap { note in cell(x: note.x, y: note.y).map { (note.text, $0) } }
    for (_, cell) in notes { canvas.put(String(glyphs.note), column: cell.column, row: cell.row, ink: .bold) }
    for (text, cell) in notes {
      let places = LabelPlacer.places(
        around: Double(cell.column) + 0.5, Double(cell.row) + 0.5, width: Double(text.terminalColumns), height: 1,
        gap: (x: 1.5, y: 0.5))
      put(text, at: placer.place(places), ink: .bold)
    }
    for reference in chart.references {
      let places = labelPlaces(for: reference, in: bounds)
      if !places.isEmpty { put(reference.label, at: placer.place(places), ink: .dim) }
    }
    if chart.series.allSatisfy(\.drawablePoints.isEmpty) {
      canvas.put("no data", column: axisColumn + 1 + (dots.columns - 7) / 2, row: top + dots.rows / 2, ink: .dim)
    }
  }

  private mutating func put(_ text: String, at box: Box, ink: TerminalInk) {
    canvas.put(text, column: Int(box.x.rounded(.down)), row: Int(box.y.rounded(.down)), ink: ink)
  }

  private func occupiedCells() -> [(x: Double, y: Double)] {
    (0..<dots.rows).flatMap { row in
      (0..<dots.columns).filter { dots.content(column: $0, row: row) != nil }.map {
        (x: Double(axisColumn + 1 + $0) + 0.5, y: Double(top + row) + 0.5)
      }
    }
  }

  private func labelPlaces(for reference: LineChart.Reference, in bounds: Box) -> [Box] {
    let width = Double(reference.label.terminalColumns)
    switch reference {
    case .horizontal(let y, _):
      guard let cell = cell(x: xScale.range.lowerBound, y: y) else { return [] }
      return [bounds.maxX - width, bounds.x + 1].flatMap { x in
        [-1, 1].map { Box(x: x, y: Double(cell.row + $0), width: width, height: 1) }
      }
    case .vertical(let x, _):
      guard let cell = cell(x: x, y: yScale.range.lowerBound) else { return [] }
      return [bounds.y, bounds.maxY - 1].flatMap { y in
        [Double(cell.column + 2), Double(cell.column - 1) - width].map { Box(x: $0, y: y, width: width, height: 1) }
      }
    }
  }

  private func dot(x: Double, y: Double) -> (column: Int, row: Int) {
    dots.dot(x: xScale.fraction(x), y: yScale.fraction(y))
  }

  /// The canvas's cell at (x, y); `nil` outside of the plot.
  private func cell(x: Double, y: Double) -> (column: Int, row: Int)? {
    dots.cell(of: dot(x: x, y: y)).map { (axisColumn + 1 + $0.column, top + $0.row) }
  }
}

/// The characters that a chart is made of.
private struct Glyphs {
  let vertical: Character
  let horizontal: Character
  let corner: Character
  let leftTick: Character
  let bottomTick: Character
  let horizontalReference: Character
  let verticalReference: Character
  let note: Character
  private let markers: [Character]
  private let hasBraille: Bool

  init(_ characters: TerminalStyle.Characters) {
    hasBraille = characters == .unicode
    let set: [Character] = Array(hasBraille ? "│─└┤┴┄┊◆" : "|-+++.:#")
    (vertical, horizontal, corner, leftTick, bottomTick) = (set[0], set[1], set[2], set[3], set[4])
    (horizontalReference, verticalReference, note) = (set[5], set[6], set[7])
    markers = Array(hasBraille ? "●○▲△■□" : "*ox%@&")
  }

  func marker(_ series: Int) -> Character { markers[series % markers.count] }

  /// What the legend shows of a series, three columns wide.
  func swatch(_ series: Int) -> String {
    let (line, marker) = (hasBraille ? horizontal : marker(series), marker(series))
    return String([line, marker, line])
  }

  /// A piece of a line: the braille pattern itself, or the marker of the series.
  func line(pattern: UInt8, series: Int) -> Character {
    guard hasBraille, let braille = Unicode.Scalar(0x2800 + UInt32(pattern)) else { return marker(series) }
    return Character(braille)
  }
}

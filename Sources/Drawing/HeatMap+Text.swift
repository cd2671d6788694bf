extension HeatMap {
  /// The heat map as text for a terminal.
  ///
  /// A table of the numbers if that fits into `width` (counts of zero as dots; with colour, the diagonal set off if
  /// ``emphasizesDiagonal``). Otherwise a picture with one or two columns for each cell: coloured with
  /// colour, in shades from empty (low) to full (high) without. A picture is as wide as it must be.
  ///
  /// - Parameters:
  ///   - width: The columns that a table may have.
  ///   - style: What the terminal can show.
  /// - Returns: Lines separated by newlines, with none at the very end.
  public func text(width: Int = 80, style: TerminalStyle = TerminalStyle()) -> String {
    let headings = [style.inked(title, .bold), style.inked(subtitle, .dim)].filter { !$0.isEmpty }
    let table = table(style: style)
    let widest = table.map(\.terminalColumns).max() ?? 0
    return (headings + (widest <= width ? table : picture(width: width, style: style))).joined(separator: "\n")
  }

  /// The numbers.
  private func table(style: TerminalStyle) -> [String] {
    var table = TextTable(header: [rowAxis] + columnLabels)
    for (row, label) in rowLabels.enumerated() {
      let cells = values[row].enumerated().map { column, value in
        let text = cellText(value, style: style)
        if emphasizesDiagonal, row == column { return style.inked(text, .right) }
        return value == 0 ? style.inked(text, .dim) : text
      }
      table.append([label] + cells)
    }
    let lines = table.text(style: style).split(separator: "\n").map(String.init)
    guard !columnAxis.isEmpty else { return lines }
    let labelWidth = ([rowAxis] + rowLabels).map(\.terminalColumns).max() ?? 0
    return [caption(from: labelWidth + 2, to: lines[0].terminalColumns, style: style)] + lines
  }

  /// The columns' axis, centred above them.
  private func caption(from start: Int, to end: Int, style: TerminalStyle) -> String {
    let margin = max(0, start + (end - start - columnAxis.terminalColumns) / 2)
    return String(repeating: " ", count: margin) + style.inked(columnAxis, .dim)
  }

  /// Each row of numbers as coloured or shaded cells, to be set beside other text.
  ///
  /// - Parameters:
  ///   - cellWidth: The columns of a cell; two make it about as wide as it is high.
  ///   - style: What the terminal can show.
  /// - Returns: A text for each row, all equally wide.
  public func shadedRows(cellWidth: Int = 2, style: TerminalStyle = TerminalStyle()) -> [String] {
    let scale = fittedScale
    return values.map { row in
      row.map { shade(at: scale.position(of: $0), of: scale, width: cellWidth, style: style) }.joined()
    }
  }

  /// The numbers as coloured or shaded cells.
  private func picture(width: Int, style: TerminalStyle) -> [String] {
    let labelWidth = ([rowAxis] + rowLabels).map(\.terminalColumns).max() ?? 0
    // Two columns make a cell about as wide as it is high.
    let cellWidth = labelWidth + 1 + 2 * columnLabels.count <= width ? 2 : 1
    let rows = zip(rowLabels, shadedRows(cellWidth: cellWidth, style: style)).map { label, row in
      label.padded(to: labelWidth, onLeft: true) + " " + row
    }
    let start = labelWidth + 1
    let end = start + cellWidth * columnLabels.count
    let captions = columnAxis.isEmpty ? [] : [caption(from: start, to: end, style: style)]
    let header = rowAxis.padded(to: labelWidth) + " " + rangeOfColumns(width: end - start)
    return captions + [header] + rows + [legend(scale: fittedScale, style: style)]
  }

  /// The names of the first and the last column, at the ends of the columns.
  private func rangeOfColumns(width: Int) -> String {
    guard let first = columnLabels.first, let last = columnLabels.last, columnLabels.count > 1 else {
      return columnLabels.first ?? ""
    }
    return first + last.padded(to: width - first.terminalColumns, onLeft: true)
  }

  private func shade(
    at position: Double?, of scale: FittedColorScale, width: Int, style: TerminalStyle
  ) -> String {
    guard let position else { return String(repeating: "?", count: width) }
    if style.usesColor {
      return style.inked(String(repeating: " ", count: width), .ground(scale.terminalColor(at: position)))
    }
    let shades: [Character] = Array(style.characters == .unicode ? " ░▒▓█" : " .:-=+*#%@")
    let index = min(Int(position * Double(shades.count)), shades.count - 1)
    return String(repeating: shades[index], count: width)
  }

  /// The shades from low to high between the numbers at their ends.
  private func legend(scale: FittedColorScale, style: TerminalStyle) -> String {
    let steps = 20
    let bar = (0..<steps).map { step in
      shade(at: (Double(step) + 0.5) / Double(steps), of: scale, width: 1, style: style)
    }
    let (low, high) = (scale.range.lowerBound, scale.range.upperBound)
    return "\(format.string(low, decimals: decimals)) [\(bar.joined())] \(format.string(high, decimals: decimals))"
  }
}

import Unroll

extension InspectReport {
  /// What is read, the belief after each step and how much the step moved the answer, for a terminal or a file.
  func text(_ terminal: Terminal) -> String {
    let style = terminal.style
    let arrangement = view.arrangement
    let picture = picturedRows(terminal), beliefs = beliefs, answers = answers
    // Where a row is no step, the picture stands above, and of very many steps some are told.
    let isBeside = arrangement.hasRows
    let counts = isBeside ? Array(1...trace.steps) : shownCounts(upTo: trace.steps)
    let norms = trace.gradientNorms, most = norms.max() ?? 0
    var table = TextTable(
      header: [view.stepName] + (isBeside ? ["picture"] : []) + ["answer", "belief", "", "gradient"])
    for count in counts {
      let step = count - 1, belief = beliefs[step], best = answers[step]
      let share = Double(belief[best])
      table.append(
        [String(count)] + (isBeside ? [picture[step]] : []) + [
          classNames[best], style.bar(share, width: 16), percent(share),
          style.bar(most > 0 ? Double(norms[step] / most) : 0, width: 8),
        ])
    }
    let above = isBeside ? "" : picture.joined(separator: "\n") + "\n"
    return """
      \(imageName): \(verdict)
      \(above)\(table.text(style: style))
      Belief: the answer after each \(view.stepName), and its probability. Gradient: how much a change of the \
      \(view.stepName) would move the final answer, \(answer).

      """
  }

  /// The rows of the picture in shades of grey: with square pixels if there is room.
  private func picturedRows(_ terminal: Terminal) -> [String] {
    let values = pictured(trace.input.rows, adds: false)
    let map = HeatMap(
      rowLabels: values.map { _ in "" }, columnLabels: values[0].map { _ in "" }, values: values, scale: inkScale)
    return map.shadedRows(cellWidth: 2 * preprocessing.width + 50 <= terminal.width ? 2 : 1, style: terminal.style)
  }
}

import Unroll

extension RunReport {
  /// Accuracy after each number of steps: what all this is about.
  var stepsSection: [HTMLPage.Block] {
    let blocks: [HTMLPage.Block] =
      runs.contains { $0.run.steps != nil }
      ? [
        .note(
          """
          A network has an answer after every \(unitName). A line says how often it is right on the test images if the rest \
          is not read; bands are 95 % intervals\(guess == nil ? "" : ", and the dotted level is guessing").
          """), figure(stepsChart(\.steps, isMain: true)), marksTable,
      ] : []
    return [.heading("Accuracy by number of \(unit) read")] + blocks
      + lacking {
        $0.steps == nil
      } _: {
        missingSteps($0, "steps.csv")
      }
  }

  /// The same with blank steps in front, as in the assignment.
  var blankFrontSection: [HTMLPage.Block] {
    let blocks: [HTMLPage.Block] =
      runs.contains { $0.run.stepsBlankFront != nil }
      ? [
        .note(
          """
          Here as many blank \(unit) are read first as are missing at the end, so that the network always takes all its \
          steps: how the assignment's notebook cut images short. Who was trained without blank \(unit) in front meets here \
          what it has never seen.
          """), figure(stepsChart(\.stepsBlankFront, isMain: false)),
      ] : []
    return [.heading("With blank \(unit) in front")] + blocks
      + lacking {
        $0.stepsBlankFront == nil
      } _: {
        missingSteps($0, "steps-blank-front.csv")
      }
  }

  private func missingSteps(_ run: ReportedRun, _ file: String) -> String {
    "\(run.name) has no \(file), which this command makes: unroll steps \(shellQuoted(run.run.path))"
  }

  /// A chart as wide as the page, and another for telephones.
  private func figure(_ chart: LineChart) -> HTMLPage.Block {
    let legend = Double(30 * max(0, runs.count - 2))
    return .figure(
      chart.svg(width: 960, height: 500, showsTitle: false),
      narrow: chart.svg(width: 400, height: 400 + legend, showsTitle: false))
  }

  private func stepsChart(_ rows: (FinishedRun) -> [StepAccuracy]?, isMain: Bool) -> LineChart {
    let series = runs.compactMap { run -> LineChart.Series? in
      guard let steps = rows(run.run) else { return nil }
      let points = steps.map { row in
        LineChart.Point(
          x: place(row.step, of: run.run.stepCount ?? steps.count), y: row.accuracy, low: row.low, high: row.high)
      }
      return LineChart.Series(name: run.name, points: points, color: run.color)
    }
    let half = place(stepCount.map { ($0 + 1) / 2 } ?? 1, of: stepCount ?? 2)
    // More of them would hide the lines.
    let notes = runs.count > 3 || !isMain ? [] : runs.compactMap { $0.run.accuracy(afterShare: 0.5) }
    return LineChart(
      title: "Accuracy by number of \(unit) read" + (isMain ? "" : ", blank \(unit) in front"), xAxis: stepAxis,
      yAxis: LineChart.Axis(label: "accuracy", range: 0...1, format: .percent), series: series,
      references: (guess.map { [.horizontal(y: $0, label: "guessing")] } ?? [])
        + (isMain ? [.vertical(x: half, label: "half")] : []),
      notes: notes.map { LineChart.Note(x: half, y: $0, text: percent($0)) })
  }

  /// Where a number of steps is on the axis.
  func place(_ step: Int, of steps: Int) -> Double {
    stepCount == nil ? Double(step) / Double(steps) : Double(step)
  }

  /// The axis of steps, or of their share where runs have different numbers of them.
  var stepAxis: LineChart.Axis {
    guard let stepCount else {
      return LineChart.Axis(label: "share of the sequence read", range: 0...1, format: .percent)
    }
    return LineChart.Axis(label: "\(unit) read", ticks: StepsReport.ticks(steps: stepCount), format: .integer)
  }
}

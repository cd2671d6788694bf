import Unroll

extension RunReport {
  /// Loss and accuracy by epoch.
  var learningSection: [HTMLPage.Block] {
    let charts: [HTMLPage.Block] = [
      chart(learningChart("Loss", .number, \.loss, \.validationLoss)),
      chart(learningChart("Accuracy", .percent, { $0.accuracy ?? .nan }, \.validationAccuracy)),
    ]
    let blocks: [HTMLPage.Block] =
      runs.contains { !$0.run.epochs.isEmpty }
      ? [
        .note(
          """
          Dashed: on the training sequences, while they were learned from; the loss is that of what was asked, so that runs with \
          different objectives cannot be compared by it. Solid: after each epoch on sequences set apart (--validation). Accuracies \
          are those after the last \(unitName).
          """), .gallery(charts, minimumWidth: Self.chartWidth),
      ] : []
    return [.heading("Learning")] + blocks
      + lacking {
        $0.epochs.isEmpty
      } _: {
        "\($0.name) has no metrics.jsonl, which training alone writes."
      }
  }

  private func learningChart(
    _ title: String, _ format: ValueFormat, _ training: (EpochMetrics) -> Double,
    _ validation: (EpochMetrics) -> Double?
  ) -> LineChart {
    let series = runs.flatMap { run in
      let epochs = run.run.epochs
      return pair(
        run, dashed: epochs.map { LineChart.Point(x: Double($0.epoch), y: training($0)) },
        solid: epochs.compactMap { epoch in
          validation(epoch).map { LineChart.Point(x: Double(epoch.epoch), y: $0) }
        })
    }
    return LineChart(
      title: title, xAxis: LineChart.Axis(label: "epochs", format: .integer),
      yAxis: LineChart.Axis(label: title.lowercased(), format: format), series: series)
  }

  /// Accuracy against what is read.
  var earlySection: [HTMLPage.Block] {
    let told = runs.compactMap { run in
      run.run.early.flatMap { early in early.chosen.map { (run: run, early: early, rule: $0.rule, point: $0.onTest) } }
    }
    var blocks: [HTMLPage.Block] = [.heading("Stopping early")]
    if !told.isEmpty {
      let series = told.flatMap { run, early, rule, _ in
        pair(run, dashed: front(early.fixed.test), solid: front(rule.test))
      }
      let notes =
        told.count > 3
        ? []
        : told.map(\.point).map {
          LineChart.Note(x: $0.earliness, y: $0.accuracy, text: percent($0.accuracy))
        }
      let floors = told.map { max(0, (($0.early.targetAccuracy - 0.15) * 10).rounded(.down) / 10) }
      let chart = LineChart(
        title: "Accuracy by how much is read",
        xAxis: LineChart.Axis(label: "mean share of the \(unit) read", range: 0...1, format: .percent),
        yAxis: LineChart.Axis(label: "accuracy", range: (floors.min() ?? 0)...1, format: .percent), series: series,
        notes: notes)
      let table = told.map { run, early, rule, point in
        [
          run.name, rule.name, percent(point.earliness), percent(point.accuracy),
          early.everything.map { percent($0.accuracy) } ?? "–",
        ]
      }
      blocks += [
        .note(
          """
          A rule watches the network's answers and stops reading when one is good enough. Solid: the rule that unroll early \
          would choose, with all its thresholds; dashed: stopping every image after the same number of \(unit). Further up \
          and further left is better; the ring is the threshold that reads least without losing more than half a point on \
          the images set apart.
          """), self.chart(chart, width: 640),
        .table(
          header: ["", "rule", "share read", "accuracy", "reading everything"], rows: table, numeric: [2, 3, 4]),
      ]
    }
    return blocks + runs.filter { $0.run.early?.chosen == nil }.map { .note(missingEarly($0, "early.csv")) }
  }

  /// How far probabilities can be believed.
  var calibrationSection: [HTMLPage.Block] {
    let series = runs.flatMap { run in
      let rows = run.run.calibration ?? []
      func points(_ error: (StepCalibration) -> Double) -> [LineChart.Point] {
        rows.map { LineChart.Point(x: place($0.step, of: rows.count), y: error($0)) }
      }
      return pair(run, dashed: points(\.errorBefore), solid: points(\.errorAfter))
    }
    let blocks: [HTMLPage.Block] =
      series.isEmpty
      ? []
      : [
        .note(
          """
          How far the probabilities that a network states are from how often it is right (expected calibration error; 0 is \
          honest). Dashed: its own probabilities; solid: scaled by a temperature for each number of \(unit), as unroll \
          predict shows them.
          """),
        chart(
          LineChart(
            title: "Calibration error", xAxis: stepAxis,
            yAxis: LineChart.Axis(label: "calibration error", format: .percent), series: series), width: 640),
      ]
    return [.heading("Calibration")] + blocks
      + lacking {
        $0.calibration == nil
      } _: {
        missingEarly($0, "calibration.csv")
      }
  }

  private func missingEarly(_ run: ReportedRun, _ file: String) -> String {
    if run.run.early != nil {
      return "\(run.name): no rule in its early.csv reaches the accuracy of reading everything."
    }
    let plan = run.run.configuration.plan
    guard plan.validationCount > 0 || plan.folds != nil else {
      return """
        \(run.name) was trained on all sequences, so that none are left to choose by; unroll train --validation N sets some \
        apart
        """
    }
    return "\(run.name) has no \(file), which this command makes: unroll early \(shellQuoted(run.run.path))"
  }

  /// The points that no other beats.
  private func front(_ points: [StoppingPoint]) -> [LineChart.Point] {
    points.paretoFront.map { LineChart.Point(x: $0.earliness, y: $0.accuracy) }
  }

  /// A run's two lines, the name at one of them only: the solid one, if it is there.
  private func pair(
    _ run: ReportedRun, dashed: [LineChart.Point], solid: [LineChart.Point]
  ) -> [LineChart.Series] {
    [
      LineChart.Series(name: solid.isEmpty ? run.name : "", points: dashed, isDashed: true, color: run.color),
      LineChart.Series(name: run.name, points: solid, color: run.color),
    ].filter { !$0.points.isEmpty }
  }

  private static let chartWidth = 440

  private func chart(_ chart: LineChart, width: Double = 480) -> HTMLPage.Block {
    .figure(chart.svg(width: width, height: 380 + Double(24 * max(0, runs.count - 3)), showsTitle: false))
  }
}

import Foundation
import Unroll

/// How far a model's estimates of a number are off after each number of steps, as table, chart and files.
struct ErrorReport: Encodable {
  /// After each number of steps.
  let steps: [NumberEvaluation]
  private let stepNames: String
  private let dataset: String

  enum CodingKeys: String, CodingKey { case steps }

  /// Evaluates `model` on `data`; `betweenBatches` stops that if it throws.
  init(of model: TrainedModel, on data: SequenceData, betweenBatches: () throws -> Void) rethrows {
    steps = try model.classifier.errorBySteps(data, target: model.target, betweenBatches: betweenBatches)
    stepNames = model.input.stepNames
    dataset = model.dataset
  }

  /// After all steps.
  var final: NumberEvaluation { steps[steps.count - 1] }

  /// The outcome in a sentence without its full stop.
  var finalSentence: String {
    """
    test error \(short(final.rootMeanSquaredError)) (root mean square), \(short(final.meanAbsoluteError)) (mean absolute), \
    R² \(fixed(final.explainedVariance, 3)) after \(final.step) steps
    """
  }

  /// Writes the table and the picture.
  func write(to folder: RunFolder) throws {
    try AtomicFile.write(steps.csv, to: folder.steps(.end))
    try AtomicFile.write(chart.svg(), to: folder.stepsPicture)
  }

  /// The table and the chart, for a terminal or a file.
  func text(_ terminal: Terminal) -> String {
    var table = TextTable(header: [stepNames, "root mean square error", "mean absolute error", "R²"])
    for step in shownCounts(upTo: steps.count) {
      let row = steps[step - 1]
      table.append([
        String(step), short(row.rootMeanSquaredError), short(row.meanAbsoluteError), fixed(row.explainedVariance, 3),
      ])
    }
    let chart = chart.text(width: min(terminal.width, 100), height: 20, style: terminal.style)
    return "\(table.text(style: terminal.style))\n\n\(chart)\n"
  }

  private var chart: LineChart {
    // Errors of estimates that overflow are in the table alone.
    let shown = steps.filter { $0.rootMeanSquaredError.isFinite && $0.meanAbsoluteError.isFinite }
    let largest = shown.map(\.rootMeanSquaredError).max() ?? 1
    return LineChart(
      title: "Error by number of \(stepNames) read",
      subtitle: "\(URL(fileURLWithPath: dataset).lastPathComponent), test set",
      xAxis: LineChart.Axis(
        label: "\(stepNames) read", ticks: StepsReport.ticks(steps: steps.count), format: .integer),
      yAxis: LineChart.Axis(label: "error", range: 0...max(largest * 1.05, 1e-9)),
      series: [
        LineChart.Series(
          name: "root mean square",
          points: shown.map { LineChart.Point(x: Double($0.step), y: $0.rootMeanSquaredError) }),
        LineChart.Series(
          name: "mean absolute", points: shown.map { LineChart.Point(x: Double($0.step), y: $0.meanAbsoluteError) },
          isDashed: true),
      ])
  }
}

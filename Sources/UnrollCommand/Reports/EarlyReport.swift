import Foundation
import Unroll

/// How early a model can stop reading: calibration, rules side by side, and the one that reads least; as tables, chart and
/// files.
struct EarlyReport {
  let comparison: StoppingComparison
  private let calibration: [StepCalibration]
  private let validation, test: AnswerTrace
  private let stepNames: String
  private let dataset: String

  /// Chooses rules of `families` on the validation answers, and tries them on the test answers. A model without
  /// temperatures gets them from the validation answers.
  init(
    of model: TrainedModel, validation: StepAnswers, test: StepAnswers, families: [StoppingRule.Family],
    targetAccuracy: Double?
  ) {
    let temperatures = model.temperatures(steps: validation.steps) ?? validation.temperatures()
    calibration = test.calibration(temperatures: temperatures)
    self.validation = AnswerTrace(of: validation, temperatures: temperatures)
    self.test = AnswerTrace(of: test, temperatures: temperatures)
    comparison = StoppingComparison(
      of: families, validation: self.validation, test: self.test, targetAccuracy: targetAccuracy)
    stepNames = model.input.stepNames
    dataset = model.dataset
  }

  /// The best accuracy that any threshold of any rule has on the sequences set apart.
  var bestAccuracy: Double { comparison.rules.flatMap(\.validation).map(\.accuracy).max() ?? 0 }

  /// Writes the two tables and the picture.
  func write(to folder: RunFolder) throws {
    try AtomicFile.write(comparison.csv, to: folder.early)
    try AtomicFile.write(calibration.csv, to: folder.calibration)
    try AtomicFile.write(chart.svg(), to: folder.earlyPicture)
  }

  /// Reading all steps, as a point beside those of the rules.
  private func readingEverything(_ trace: AnswerTrace) -> StoppingPoint {
    trace.point(stops: trace.lengths, threshold: Double(trace.steps))
  }

  /// How many of the test sequences the chosen rule stops after 1, 2, … steps.
  private var stops: [Int] {
    guard let rule = comparison.best?.rule else { return [] }
    return test.stops(by: rule).reduce(into: [Int](repeating: 0, count: test.steps)) { $0[$1 - 1] += 1 }
  }
}

// MARK: - For people

extension EarlyReport {
  /// The tables and the chart, for a terminal or a file.
  func text(_ terminal: Terminal) -> String {
    let style = terminal.style
    let chart = chart.text(width: min(terminal.width, 100), height: 22, style: style)
    return """
      How far probabilities can be believed, before and after scaling by a temperature; on the test set
      \(calibrationTable.text(style: style))

      Rules that reach \(percent(comparison.targetAccuracy)) on the \(grouped(validation.count)) sequences set apart, where \
      reading everything reaches \(percent(readingEverything(validation).accuracy));
      what they are worth on the test set
      \(rulesTable.text(style: style))

      \(choice)

      \(stopsTable(style).text(style: style))

      \(chart)

      """
  }

  /// The first step, the last, and three between.
  private var calibrationTable: TextTable {
    var table = TextTable(
      header: [stepNames, "temperature", "calibration error", "scaled", "cross-entropy", "scaled"])
    let steps = test.steps
    let shown = Set([1, steps / 4, steps / 2, steps * 3 / 4, steps].map { max(1, $0) })
    for row in calibration where shown.contains(row.step) {
      table.append([
        String(row.step), fixed(Double(row.temperature), 2), percent(row.errorBefore), percent(row.errorAfter),
        fixed(row.crossEntropyBefore, 3), fixed(row.crossEntropyAfter, 3),
      ])
    }
    return table
  }

  private var rulesTable: TextTable {
    var table = TextTable(
      header: ["rule", "threshold", "accuracy", "\(stepNames) read", "share", "harmonic mean", "area"])
    func append(_ name: String, _ threshold: String, _ point: StoppingPoint?, area: Double?) {
      let numbers = point.map { point in
        [
          percent(point.accuracy), fixed(point.earliness * Double(test.steps), 2), percent(point.earliness),
          fixed(point.harmonicMean, 4),
        ]
      }
      table.append([name, threshold] + (numbers ?? ["–", "–", "–", "–"]) + [area.map { fixed($0, 4) } ?? ""])
    }
    for entry in comparison.rules {
      append(entry.name, entry.rule.map(shownThreshold) ?? "–", entry.onTest, area: entry.test.areaUnderFront)
    }
    let fixedSteps = comparison.fixed.onTest.map { String(Int($0.threshold)) }
    append("fixed", fixedSteps ?? "–", comparison.fixed.onTest, area: comparison.fixed.test.areaUnderFront)
    append("everything", "", readingEverything(test), area: nil)
    append("oracle", "", comparison.oracle.onTest, area: comparison.oracle.test.areaUnderFront)
    return table
  }

  /// Thresholds close to 1 differ in what they lack.
  private func shownThreshold(_ rule: StoppingRule) -> String {
    rule.family == .patience ? String(Int(rule.threshold)) : fixed(rule.threshold, 4)
  }

  private var choice: String {
    guard let best = comparison.best, let rule = best.rule, let point = best.onTest else { return "" }
    let loss = readingEverything(test).accuracy - point.accuracy
    return """
      Chosen: \(best.name) at \(shownThreshold(rule)), which reads \(percent(point.earliness)) of the \(stepNames) \
      for an accuracy of \(percent(point.accuracy)),
      \(fixed(100 * abs(loss), 2)) points \(loss < 0 ? "more" : "less") than after all of them; it stops after so many
      """
  }

  /// How many sequences stop where; a bar of full width is the largest share. Many steps are counted together.
  private func stopsTable(_ style: TerminalStyle) -> TextTable {
    let perBar = (test.steps + 27) / 28
    var table = TextTable(header: [stepNames, "share", "", "so far"])
    let bars = stride(from: 0, to: test.steps, by: perBar).map { first in
      let last = min(first + perBar, test.steps)
      return (last, Double(stops[first..<last].reduce(0, +)) / Double(test.count))
    }
    let most = bars.map(\.1).max() ?? 1
    var sum = 0.0
    for (last, share) in bars {
      sum += share
      guard sum > 0 else { continue }
      table.append([String(last), percent(share), style.bar(share / max(most, 1e-9), width: 30), percent(sum)])
    }
    return table
  }

  private var chart: LineChart {
    // What lies far below the target would press the rest together at the top.
    let floor = max(0, ((comparison.targetAccuracy - 0.15) * 10).rounded(.down) / 10)
    func series(_ entry: StoppingComparison.Entry, isDashed: Bool = false) -> LineChart.Series {
      LineChart.Series(
        name: entry.name,
        points: entry.test.paretoFront.filter { $0.accuracy >= floor }.map {
          LineChart.Point(x: $0.earliness, y: $0.accuracy)
        }, isDashed: isDashed)
    }
    let notes = [comparison.best?.onTest].compactMap { $0 }.map {
      LineChart.Note(x: $0.earliness, y: $0.accuracy, text: "\(percent($0.accuracy)) after \(percent($0.earliness))")
    }
    return LineChart(
      title: "Accuracy by how much is read",
      subtitle: "\(URL(fileURLWithPath: dataset).lastPathComponent), test set; each rule with all its thresholds",
      xAxis: LineChart.Axis(label: "mean share of the \(stepNames) read", range: 0...1, format: .percent),
      yAxis: LineChart.Axis(label: "accuracy", range: floor...1, format: .percent),
      series: comparison.rules.map { series($0) } + [series(comparison.fixed, isDashed: true)], notes: notes)
  }
}

// MARK: - For programs

extension EarlyReport: Encodable {
  private enum CodingKeys: String, CodingKey {
    case calibration, rules, fixed, oracle, everything, chosen
    case targetAccuracy = "target_accuracy"
    case stepsRead = "steps_read"
  }

  /// A rule or yardstick, without the thresholds that were not chosen.
  private struct Row: Encodable {
    let name: String
    let rule: StoppingRule?
    let validation, test: StoppingPoint?
    /// Under the Pareto front of the test set.
    let area: Double

    init(_ entry: StoppingComparison.Entry) {
      name = entry.name
      rule = entry.rule
      validation = entry.onValidation
      test = entry.onTest
      area = entry.test.areaUnderFront
    }
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(comparison.targetAccuracy, forKey: .targetAccuracy)
    try values.encode(calibration, forKey: .calibration)
    try values.encode(comparison.rules.map(Row.init), forKey: .rules)
    try values.encode(Row(comparison.fixed), forKey: .fixed)
    try values.encode(Row(comparison.oracle), forKey: .oracle)
    try values.encode(
      ["validation": readingEverything(validation), "test": readingEverything(test)], forKey: .everything)
    try values.encode(comparison.best.map(Row.init), forKey: .chosen)
    try values.encode(stops, forKey: .stepsRead)
  }
}

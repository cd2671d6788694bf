import Foundation
import Unroll

/// Accuracy after each number of steps, both ways of cutting a sequence short, as table, chart and files.
struct StepsReport: Encodable {
  /// Truncated at the end.
  let steps: [StepAccuracy]
  /// With blank steps in front: after each number of steps, or after some of them where there are many. Not of series,
  /// which have no blank paper.
  let stepsBlankFront: [StepAccuracy]?
  /// Of other models, truncated at the end.
  private let others: [Curve]
  /// What the model is called among others.
  private let name: String
  private let stepNames: String
  private let dataset: String

  enum CodingKeys: String, CodingKey {
    case steps
    case stepsBlankFront = "steps_blank_front"
    case others
  }

  /// Another model, to be set beside.
  struct Other {
    let name: String
    let model: TrainedModel
    let data: SequenceData
  }

  /// What an other model came to.
  private struct Curve: Encodable {
    let name: String
    let steps: [StepAccuracy]
  }

  /// Evaluates `model` on `data`, and the others on theirs; `betweenBatches` stops that if it throws. With others, the model
  /// is called by its `name`.
  init(
    of model: TrainedModel, named name: String = "", on data: SequenceData, besides others: [Other] = [],
    betweenBatches: () throws -> Void
  ) rethrows {
    self.name = name
    steps = try model.classifier.accuracyBySteps(data, truncation: .end, betweenBatches: betweenBatches)
    stepsBlankFront =
      model.input.images == nil
      ? nil
      : try model.classifier.accuracyBySteps(
        data, truncation: .blankFront, after: shownCounts(upTo: data.steps), betweenBatches: betweenBatches)
    self.others = try others.map { other in
      let steps = try other.model.classifier.accuracyBySteps(
        other.data, truncation: .end, betweenBatches: betweenBatches)
      return Curve(name: other.name, steps: steps)
    }
    stepNames = model.input.stepNames
    dataset = model.dataset
  }

  /// After all steps.
  var final: StepAccuracy { steps[steps.count - 1] }

  /// Writes the two tables and the picture.
  func write(to folder: RunFolder) throws {
    try AtomicFile.write(steps.csv, to: folder.steps(.end))
    if let stepsBlankFront { try AtomicFile.write(stepsBlankFront.csv, to: folder.steps(.blankFront)) }
    try AtomicFile.write(chart.svg(), to: folder.stepsPicture)
  }

  /// The table and the chart, for a terminal or a file.
  func text(_ terminal: Terminal) -> String {
    let chart = chart.text(width: min(terminal.width, 100), height: 20, style: terminal.style)
    return "\(table.text(style: terminal.style))\n\n\(chart)\n"
  }

  private var table: TextTable {
    var table = TextTable(
      header: [stepNames, "accuracy", "95 % interval", "confidence", "cross-entropy"]
        + (stepsBlankFront == nil ? [] : ["blank in front"]) + others.map(\.name))
    for (row, step) in shownCounts(upTo: steps.count).enumerated() {
      let index = step - 1, end = steps[index]
      let numbers = [
        String(end.step), percent(end.accuracy), "\(fixed(100 * end.low, 1)) – \(fixed(100 * end.high, 1)) %",
        percent(end.confidence), fixed(end.crossEntropy, 3),
      ]
      table.append(
        numbers + (stepsBlankFront.map { [percent($0[row].accuracy)] } ?? [])
          + others.map { percent($0.steps[index].accuracy) })
    }
    return table
  }

  /// The first step, the last, and every fourth between, where there are few.
  static func ticks(steps: Int) -> [Double]? {
    guard steps <= 40 else { return nil }
    return [1] + stride(from: 4, through: steps, by: 4).map(Double.init)
  }

  private var chart: LineChart {
    LineChart(
      title: "Accuracy by number of \(stepNames) read",
      subtitle: "\(URL(fileURLWithPath: dataset).lastPathComponent), test set; bands are 95 % intervals",
      xAxis: LineChart.Axis(label: "\(stepNames) read", ticks: Self.ticks(steps: steps.count), format: .integer),
      yAxis: LineChart.Axis(label: "accuracy", range: 0...1, format: .percent),
      series: [
        LineChart.Series(name: others.isEmpty ? "the rest not read" : name, points: steps.map(\.point))
      ]
        + (stepsBlankFront.map { front in
          let blank = "blank \(stepNames) in front"
          return [
            LineChart.Series(
              name: others.isEmpty ? blank : "\(name), \(blank)", points: front.map(\.point), isDashed: true)
          ]
        } ?? []) + others.map { LineChart.Series(name: $0.name, points: $0.steps.map(\.point)) },
      notes: [LineChart.Note(x: Double(final.step), y: final.accuracy, text: percent(final.accuracy))])
  }
}

/// The numbers of steps that a table can hold: all of them, or 28 evenly spaced.
func shownCounts(upTo steps: Int) -> [Int] {
  steps <= 64 ? Array(1...steps) : (1...28).map { $0 * steps / 28 }
}

extension StepAccuracy {
  fileprivate var point: LineChart.Point {
    LineChart.Point(x: Double(step), y: accuracy, low: low, high: high)
  }
}

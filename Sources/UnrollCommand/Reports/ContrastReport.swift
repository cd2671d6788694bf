import Foundation
import Unroll

/// A recurrent network and a static one after each number of steps, as table, chart and files.
struct ContrastReport: Encodable {
  /// The recurrent network, which reads the first steps and no more.
  let recurrent: [StepAccuracy]
  /// The static network, the share of right answers after each number of steps, with the rest blank.
  let perceptron: [Double]
  /// Numbers that were trained.
  private let parameters: Int
  private let design: ContrastDesign
  private let stepNames: String
  private let dataset: String

  private enum CodingKeys: String, CodingKey {
    case recurrent, perceptron, parameters, design
  }

  init(
    of model: TrainedModel, on data: SequenceData, beside perceptron: MultilayerPerceptron, _ design: ContrastDesign,
    parameters: Int
  ) {
    recurrent = model.classifier.accuracyBySteps(data, truncation: .end)
    self.perceptron = perceptron.accuracyOnParts(of: data) {}
    self.parameters = parameters
    self.design = design
    stepNames = model.input.stepNames
    dataset = model.dataset
  }

  /// Writes the table and the picture.
  func write(to folder: RunFolder) throws {
    let rows = zip(recurrent, perceptron).map { recurrent, perceptron in
      String(format: "%d,%.6f,%.6f\n", recurrent.step, recurrent.accuracy, perceptron)
    }
    try AtomicFile.write("step,recurrent,perceptron\n" + rows.joined(), to: folder.contrast)
    try AtomicFile.write(chart.svg(), to: folder.contrastPicture)
  }

  /// The table and the chart, for a terminal or a file.
  func text(_ terminal: Terminal) -> String {
    var table = TextTable(header: [stepNames, "recurrent", "perceptron, rest blank"])
    for step in shownCounts(upTo: recurrent.count) {
      table.append([String(step), percent(recurrent[step - 1].accuracy), percent(perceptron[step - 1])])
    }
    let chart = chart.text(width: min(terminal.width, 100), height: 20, style: terminal.style)
    return "\(table.text(style: terminal.style))\n\n\(chart)\n"
  }

  private var chart: LineChart {
    let sizes = design.hiddenSizes.map(String.init).joined(separator: " and ")
    return LineChart(
      title: "What a part of the image is worth",
      subtitle:
        "\(dataset), test set; a perceptron with hidden layers of \(sizes) units, \(grouped(parameters)) parameters",
      xAxis: LineChart.Axis(label: "\(stepNames) seen", format: .integer),
      yAxis: LineChart.Axis(label: "accuracy", range: 0...1, format: .percent),
      series: [
        LineChart.Series(
          name: "recurrent network, as far as it has read",
          points: recurrent.map { LineChart.Point(x: Double($0.step), y: $0.accuracy, low: $0.low, high: $0.high) }),
        LineChart.Series(
          name: "static network, the rest blank",
          points: perceptron.enumerated().map { LineChart.Point(x: Double($0 + 1), y: $1) }),
      ])
  }
}

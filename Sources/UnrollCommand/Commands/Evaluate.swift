import ArgumentParser
import Unroll

/// `unroll evaluate`
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluates a model on the test set: accuracy, per class, and which classes are taken for which.")

  @Argument(help: "A run folder or a .safetensors file.", completion: .file(extensions: ["safetensors"]))
  var model: String

  @Option(
    help: ArgumentHelp("Folder with the data set's files, instead of the cache.", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Option(help: ArgumentHelp("For series, another file with the test sequences.", valueName: "file"))
  var test: String?

  @Flag(help: "Writes JSON to standard output, and nothing else there.")
  var json = false

  func run() throws {
    let model = try loadModel(self.model)
    let test = try ModelData(of: model, from: data, test: self.test).test()
    if case .number = model.target {
      let error = ErrorReport(of: model, on: test, betweenBatches: {})
      if json { return try Self.writeJSON(error.final) }
      return try StandardStream.output.writeLine(error.finalSentence)
    }
    let evaluation = model.classifier.evaluate(test)
    let report = Report(evaluation, names: model.classNames)
    if json {
      try Self.writeJSON(report)
    } else {
      try StandardStream.output.write(report.text(confusion: evaluation.confusion, Terminal(.output)))
    }
  }

  /// What `--json` prints.
  private struct Report: Encodable {
    struct ClassReport: Encodable {
      let name: String
      let count: Int
      let precision, recall: Double?
    }
    let accuracy, low, high, crossEntropy: Double
    let count: Int
    let confusion: [[Int]]
    let classes: [ClassReport]

    enum CodingKeys: String, CodingKey {
      case accuracy, low, high, count, confusion, classes
      case crossEntropy = "cross_entropy"
    }

    init(_ evaluation: Evaluation, names: [String]) {
      accuracy = evaluation.accuracy
      (low, high) = wilsonInterval(successes: evaluation.correct, of: evaluation.count)
      crossEntropy = evaluation.crossEntropy
      count = evaluation.count
      confusion = evaluation.confusion
      classes = names.enumerated().map { label, name in
        ClassReport(
          name: name, count: evaluation.confusion[label].reduce(0, +), precision: evaluation.precision(of: label),
          recall: evaluation.recall(of: label))
      }
    }

    func text(confusion: [[Int]], _ terminal: Terminal) -> String {
      let names = classes.map(\.name)
      let matrix = HeatMap(
        title: "Which class is taken for which", rowAxis: "true", columnAxis: "answer", rowLabels: names,
        columnLabels: names, values: confusion.map { $0.map(Double.init) }, scale: .counts(limit: nil),
        format: .integer, emphasizesDiagonal: true)
      var table = TextTable(header: ["class", "sequences", "precision", "recall"])
      for row in classes {
        table.append([
          row.name, grouped(row.count), row.precision.map(percent) ?? "–", row.recall.map(percent) ?? "–",
        ])
      }
      return """
        accuracy \(percent(accuracy)) of \(grouped(count)) (95 % interval \(percent(low)) to \(percent(high))), \
        cross-entropy \(fixed(crossEntropy, 4))

        \(table.text(style: terminal.style))

        \(matrix.text(width: terminal.width, style: terminal.style))

        """
    }
  }
}

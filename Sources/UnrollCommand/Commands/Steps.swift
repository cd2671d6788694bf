import ArgumentParser
import Foundation
import Unroll

/// `unroll steps`
struct Steps: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows how good a model's answer is after each number of steps.",
    discussion: """
      Accuracy with its 95 % interval, mean confidence and cross-entropy on the test set, after 1, 2, … steps: with the \
      rest of the sequence not read, and with as many blank steps in front as are missing at the end. For a run folder, \
      steps.csv, steps-blank-front.csv and steps.svg are written anew, unless --data or --test names other data. With --compare, \
      other models' accuracies stand beside this one's, in the table and in the pictures.
      """)

  @Argument(help: "A run folder or a .safetensors file.", completion: .file(extensions: ["safetensors"]))
  var model: String

  @Option(
    help: ArgumentHelp("Folder with the data set's files, instead of the cache.", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Option(help: ArgumentHelp("For series, another file with the test sequences.", valueName: "file"))
  var test: String?

  @Option(
    help: ArgumentHelp(
      "Another run folder or .safetensors file, to set beside the first; may be given several times.",
      valueName: "model"), completion: .file(extensions: ["safetensors"]))
  var compare: [String] = []

  @Flag(help: "Writes JSON to standard output, and nothing else there.")
  var json = false

  func run() throws {
    let model = try loadModel(self.model)
    let test = try ModelData(of: model, from: data, test: self.test).test()
    if case .number = model.target { return try showErrors(of: model, on: test) }
    let others = try compare.map { path in
      let other = try loadModel(path)
      guard case .classes = other.target else {
        throw InputError.unfit("\(path): estimates a number, and cannot stand beside a classifier")
      }
      let data = try ModelData(of: other, from: data, test: self.test).test()
      guard data.steps == test.steps else {
        throw InputError.unfit(
          "\(path): a model that reads \(data.steps) steps cannot stand beside one that reads \(test.steps)")
      }
      return StepsReport.Other(name: modelName(path), model: other, data: data)
    }
    let report = StepsReport(
      of: model, named: modelName(self.model), on: test, besides: others, betweenBatches: {})
    if json {
      try Self.writeJSON(report)
    } else {
      try StandardStream.output.write(report.text(Terminal(.output)))
    }
    if writesFiles(of: model) { try report.write(to: RunFolder(path: self.model)) }
  }

  /// The same for a model that estimates a number.
  private func showErrors(of model: TrainedModel, on test: SequenceData) throws {
    if let other = compare.first {
      throw UsageError(description: "--compare \(other): for classifiers; \(self.model) estimates a number")
    }
    let report = ErrorReport(of: model, on: test, betweenBatches: {})
    if json {
      try Self.writeJSON(report)
    } else {
      try StandardStream.output.write(report.text(Terminal(.output)))
    }
    if writesFiles(of: model) { try report.write(to: RunFolder(path: self.model)) }
  }

  private func writesFiles(of model: TrainedModel) -> Bool {
    isFolder(self.model) && isOwnData(of: model, from: data, test: test)
  }
}

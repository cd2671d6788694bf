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
      steps.csv, steps-blank-front.csv and steps.svg are written anew, unless --data names other images. With --compare, \
      other models' accuracies stand beside this one's, in the table and in the pictures.
      """)

  @Argument(help: "A run folder or a .safetensors file.", completion: .file(extensions: ["safetensors"]))
  var model: String

  @Option(
    help: ArgumentHelp("Folder with the data set's files, instead of the cache.", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Another run folder or .safetensors file, to set beside the first; may be given several times.",
      valueName: "model"), completion: .file(extensions: ["safetensors"]))
  var compare: [String] = []

  @Flag(help: "Writes JSON to standard output, and nothing else there.")
  var json = false

  func run() throws {
    let model = try loadModel(self.model), test = try testSet(for: model)
    let others = try compare.map { path in
      let other = try loadModel(path)
      try other.check(suits: model, path)
      return StepsReport.Other(name: modelName(path), model: other, data: try testSet(for: other))
    }
    let report = StepsReport(
      of: model, named: modelName(self.model), on: test, besides: others, betweenBatches: {})
    if json {
      try Self.writeJSON(report)
    } else {
      try StandardStream.output.write(report.text(Terminal(.output)))
    }
    if isFolder(self.model) && isOwnData(of: model, from: data) { try report.write(to: RunFolder(path: self.model)) }
  }

  private func testSet(for model: TrainedModel) throws -> SequenceData {
    SequenceData(try loadTestSet(for: model, from: data), model.preprocessing, on: .cpu)
  }
}

extension TrainedModel {
  /// Checks that accuracies by step can stand beside those of `other`.
  ///
  /// - Throws: `InputError.unfit`, which names the file at `path`.
  fileprivate func check(suits other: TrainedModel, _ path: String) throws(InputError) {
    let (steps, expected) = (preprocessing.layout.steps, other.preprocessing.layout.steps)
    guard steps == expected else {
      throw .unfit("\(path): a model that reads \(steps) steps cannot stand beside one that reads \(expected)")
    }
  }
}

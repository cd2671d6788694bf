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
      steps.csv, steps-blank-front.csv and steps.svg are written anew, unless --data names other images.
      """)

  @Argument(help: "A run folder or a .safetensors file.")
  var model: String

  @Option(help: ArgumentHelp("Folder with the data set's files, instead of the cache.", valueName: "dir"))
  var data: String?

  @Flag(help: "Writes JSON to standard output, and nothing else there.")
  var json = false

  func run() throws {
    let model = try loadModel(self.model)
    let test = SequenceData(try loadTestSet(for: model, from: data), model.preprocessing, on: .cpu)
    let report = StepsReport(of: model, on: test, betweenBatches: {})
    if json {
      try StandardStream.output.writeLine(JSONText.encode(report))
    } else {
      try StandardStream.output.write(report.text(Terminal(.output)))
    }
    if isFolder(self.model) && isOwnData(of: model, from: data) { try report.write(to: RunFolder(path: self.model)) }
  }
}

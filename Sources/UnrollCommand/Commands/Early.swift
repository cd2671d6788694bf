import ArgumentParser
import Foundation
import Unroll

extension StoppingRule.Family: ExpressibleByArgument {}

/// `unroll early`
struct Early: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows how early a model can stop reading, and what that costs.",
    discussion: """
      Rules say after each step whether the answer is good enough: by the largest probability (confidence), its distance \
      from the next (margin), how many steps the answer has stood (patience), or a regression on all of these (learned). \
      Each rule's threshold is the one that reads least of the images set apart in training (--validation) among those \
      that reach the target accuracy on them; what it is worth is told on the test set. Probabilities are calibrated step \
      by step before. Beside them: 'fixed' stops every image after the same number of steps, and 'oracle' knows the right \
      answer, so that no rule can read less. For a run folder, early.csv, early.svg and calibration.csv are written, \
      unless --data names other images.
      """)

  @Argument(
    help: "A run folder or a .safetensors file, trained with --validation.",
    completion: .file(extensions: ["safetensors"]))
  var model: String

  @Option(
    help: ArgumentHelp(
      """
      Accuracy to reach on the images set apart, from 0 to 1. (default: half a point less than reading everything \
      reaches)
      """, valueName: "accuracy"))
  var targetAccuracy: Double?

  @Option(help: "The one rule to look at. (default: all of them)")
  var rule: StoppingRule.Family?

  @Option(
    help: ArgumentHelp("Folder with the data set's files, instead of the cache.", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Flag(help: "Writes JSON to standard output, and nothing else there.")
  var json = false

  func validate() throws {
    if let targetAccuracy, !(0...1).contains(targetAccuracy) {
      throw ValidationError("--target-accuracy \(targetAccuracy): must be from 0 to 1")
    }
  }

  func run() throws {
    let model = try loadModel(self.model)
    guard let split = model.validation, split.count > 0 else {
      throw InputError.unfit(
        """
        \(self.model): no images were set apart in training to choose a rule on; train with --validation N, \
        for example: unroll train --objective every --validation 5000
        """)
    }
    let source = try openDataset(for: model, from: data)
    let train = SequenceData(try loadImages(.train, for: model, of: source), model.preprocessing, on: .cpu)
    let test = SequenceData(try loadImages(.test, for: model, of: source), model.preprocessing, on: .cpu)
    try split.check(suits: train.count, of: source.folder)
    let report = EarlyReport(
      of: model,
      validation: model.classifier.answersAfterEveryStep(train, rows: split.rows.validation),
      test: model.classifier.answersAfterEveryStep(test), families: rule.map { [$0] } ?? StoppingRule.Family.allCases,
      targetAccuracy: targetAccuracy)
    guard report.comparison.best != nil else {
      throw UsageError(
        description: """
          --target-accuracy \(report.comparison.targetAccuracy): no rule reaches that on the \(split.count) images set \
          apart; at best it is \(percent(report.bestAccuracy))
          """)
    }
    if json {
      try Self.writeJSON(report)
    } else {
      try StandardStream.output.write(report.text(Terminal(.output)))
    }
    if isFolder(self.model) && isOwnData(of: model, from: data) { try report.write(to: RunFolder(path: self.model)) }
  }
}

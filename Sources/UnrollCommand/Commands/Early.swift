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
      Each rule's threshold is the one that reads least of the sequences set apart in training (--validation) among those \
      that reach the target accuracy on them; what it is worth is told on the test set. Probabilities are calibrated step \
      by step before. Beside them: 'fixed' stops every sequence after the same number of steps, and 'oracle' knows the right \
      answer, so that no rule can read less. For a run folder, early.csv, early.svg and calibration.csv are written, \
      unless --data or --test names other data.
      """)

  @Argument(
    help: "A run folder or a .safetensors file, trained with --validation.",
    completion: .file(extensions: ["safetensors"]))
  var model: String

  @Option(
    help: ArgumentHelp(
      """
      Accuracy to reach on the sequences set apart, from 0 to 1. (default: half a point less than reading everything \
      reaches)
      """, valueName: "accuracy"))
  var targetAccuracy: Double?

  @Option(help: "The one rule to look at. (default: all of them)")
  var rule: StoppingRule.Family?

  @Option(
    help: ArgumentHelp("Folder with the data set's files, instead of the cache.", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Option(help: ArgumentHelp("For series, another file with the test sequences.", valueName: "file"))
  var test: String?

  @Flag(help: "Writes JSON to standard output, and nothing else there.")
  var json = false

  func validate() throws {
    if let targetAccuracy, !(0...1).contains(targetAccuracy) {
      throw ValidationError("--target-accuracy \(targetAccuracy): must be from 0 to 1")
    }
  }

  func run() throws {
    let model = try loadModel(self.model)
    if case .number = model.target {
      throw InputError.unfit("\(self.model): estimates a number; rules for stopping early are for classifiers")
    }
    let source = ModelData(of: model, from: data, test: self.test)
    let unseen = try answersToUnseen(by: model, of: source), test = try source.test()
    let steps = max(unseen.steps, test.steps)
    let report = EarlyReport(
      of: model, validation: unseen.held(to: steps), test: model.classifier.answersAfterEveryStep(test, steps: steps),
      families: rule.map { [$0] } ?? StoppingRule.Family.allCases, targetAccuracy: targetAccuracy)
    guard report.comparison.best != nil else {
      throw UsageError(
        description: """
          --target-accuracy \(report.comparison.targetAccuracy): no rule reaches that on the \(unseen.count) sequences set \
          apart; at best it is \(percent(report.bestAccuracy))
          """)
    }
    if json {
      try Self.writeJSON(report)
    } else {
      try StandardStream.output.write(report.text(Terminal(.output)))
    }
    if isFolder(self.model) && isOwnData(of: model, from: data, test: self.test) {
      try report.write(to: RunFolder(path: self.model))
    }
  }

  /// The answers to choose a rule on: to those training sequences that whoever answers has not learned from.
  private func answersToUnseen(by model: TrainedModel, of source: ModelData) throws -> StepAnswers {
    if let split = model.validation, split.count > 0 {
      let train = try source.train()
      return model.classifier.answersAfterEveryStep(train, rows: split.rows(labels: train.labels).validation)
    }
    let folds = RunFolder(path: self.model).crossValidation
    guard isFolder(self.model), FileManager.default.fileExists(atPath: folds.path) else {
      throw InputError.unfit(
        """
        \(self.model): no sequences were set apart in training to choose a rule on; train with --validation N, for \
        example: unroll train --objective every --validation 5000; or with --folds 5, and name the run folder
        """)
    }
    return try StepAnswers(contentsOf: folds, to: source.train(), classes: model.classNames.count)
  }
}

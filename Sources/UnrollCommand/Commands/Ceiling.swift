import ArgumentParser
import Foundation
import Unroll

/// `unroll ceiling`
struct Ceiling: ResumableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares one anytime network with a network trained for each number of steps alone.",
    discussion: """
      For each number of steps a specialist is trained, which reads so many and answers once: one network that answers \
      after every step can hardly do better. The specialist for all steps is last-step training. All learn from the \
      same sequences with the same choices, and are chosen by the same validation sequences: the best of \
      --learning-rates, and where a specialist trails the anytime network by more than noise, the best of up to three \
      seeds. The test set is read once, at the end. This takes as long as all these trainings together; Ctrl-C \
      stops, and --resume goes on.
      """)

  @Argument(help: "mnist, fashion-mnist, or a folder with the four IDX files. (default: mnist)", completion: .directory)
  var dataset: String?

  @Option(
    help: ArgumentHelp("Folder with the data set's files, instead of the cache.", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Option(
    help: ArgumentHelp(
      """
      Numbers of steps to train specialists for, such as 7,10,14 or 7-28; all steps are always added. (default: from a \
      quarter of the steps to all)
      """, valueName: "list"))
  var steps: StepList?

  @Option(
    help: ArgumentHelp(
      """
      Each network is trained with each of these, such as 0.002,0.004, and the best on the validation sequences is \
      kept. (default: the plan's own)
      """, valueName: "list"))
  var learningRates: LearningRateList?

  @Option(
    help: ArgumentHelp(
      """
      A file with choices: the config.json of a study, to do the same again, or one of your own with some of its keys. \
      Flags count more than it.
      """, valueName: "file"), completion: .file(extensions: ["json"]))
  var config: String?

  @Option(
    help: ArgumentHelp(
      """
      Shows these accuracies as well: a CSV file with the columns step and accuracy, such as from \
      Benchmarks/specialists.
      """, valueName: "file"), completion: .file(extensions: ["csv"]))
  var compare: String?

  @OptionGroup(title: "Plan options")
  var plan: PlanOptions

  @Option(help: "Threads; they do not change the result. (default: one per core)")
  var threads: Int?

  @Option(
    help: ArgumentHelp("Folder for the study. (default: runs/<date>-ceiling-<dataset>)", valueName: "dir"),
    completion: .directory)
  var output: String?

  @Option(help: ArgumentHelp("Goes on with the study in this folder.", valueName: "dir"), completion: .directory)
  var resume: String?

  @Flag(help: "Shows no progress.")
  var quiet = false

  @Flag(help: "Writes the results to standard output as JSON, and nothing else there.")
  var json = false

  static var name: String { "ceiling" }
  static var folderKind: String? { "ceiling" }
  static var lineFile: KeyPath<RunFolder, URL> { \.ceilingTrials }

  func validate() throws {
    try validateCommonFlags()
    if plan.learningRate != nil && learningRates != nil {
      throw ValidationError("--learning-rate and --learning-rates exclude each other")
    }
    if let folds = plan.folds, folds > 0 {
      throw ValidationError("--folds \(folds): for unroll train; a study chooses its networks by --validation")
    }
    if plan.objective == .last {
      throw ValidationError(
        "--objective last: that is for the specialists; the anytime network needs another, such as every")
    }
  }

  func run() throws {
    let other = try compare.map { try AccuracyTable(contentsOf: $0) }
    var run =
      if let resume {
        try CeilingRun(resuming: RunFolder(path: resume), flags: self, on: device)
      } else {
        try CeilingRun(flags: self, on: device)
      }
    // Until here there was nothing to lose.
    Interruption.beginNoting()
    do {
      try run.train()
      try run.finish(beside: other)
    } catch is Interruption.Request {
      try run.putDown()
      throw Interruption.exitCode
    } catch {
      run.abandon()
      throw error
    }
  }

  /// Reads the images to compare networks on.
  func open(_ dataset: String) throws -> OpenedData {
    if isSeries(dataset) {
      throw InputError.unfit("\(dataset): series of numbers; unroll ceiling compares networks that read images")
    }
    return try OpenedData(images: dataset, from: data, showsProgress: !quiet)
  }

  /// Refuses flags that contradict a study that was begun with `begun`.
  func checkAgreement(with begun: BegunStudy) throws {
    try checkDataset(dataset, agreesWith: begun.dataset)
    try plan.checkAgreement(with: begun.study.plan)
    if let steps {
      let numbers = try steps.numbers(upTo: begun.study.sequenceSteps)
      if Set(numbers + [begun.study.sequenceSteps]) != Set(begun.study.steps) {
        throw UsageError(contradiction: "--steps", begun: begun.study.steps.map(String.init).joined(separator: ","))
      }
    }
    if let learningRates, learningRates.values != begun.study.learningRates {
      throw UsageError(
        contradiction: "--learning-rates", begun: begun.study.learningRates.map { "\($0)" }.joined(separator: ","))
    }
  }
}

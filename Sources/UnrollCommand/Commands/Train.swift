import ArgumentParser
import Foundation
import Unroll

extension SequenceView: ExpressibleByArgument {}

/// `unroll train`
struct Train: ResumableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a classifier, evaluates it, and shows its accuracy after each number of steps.",
    discussion: """
      Reads each image row by row, or as --view says: an MNIST image is a sequence of 28 steps with 28 features. Or reads \
      series of numbers: a .ts file of the UCR and UEA archives, values separated by commas, or arrays of NumPy or IDX. \
      The network is an input layer, an LSTM (or another cell, or several layers) and an output layer. Everything goes \
      into a run folder; Ctrl-C stops after the current batch and leaves a checkpoint there, from which --resume goes on \
      to the same bits as if the run had never stopped. The config.json there repeats the run: --config.
      """)

  @Argument(
    help: """
      mnist, fashion-mnist, a folder with the four IDX files or with a folder of images for each class; or a file of \
      series (.ts, .csv, .tsv, .npz, .npy, .idx, NAME-idx3-ubyte), or a folder with one for training and one for the \
      test. (default: mnist)
      """, completion: .file(extensions: SeriesSource.extensions))
  var dataset: String?

  @Option(
    help: ArgumentHelp("Folder with the data set's files, instead of the cache.", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Option(
    help: """
      How an image is read: row by row, column by column, a row and a column at each step, in patches of 4×4 pixels, \
      pixel by pixel, or pixel by pixel in a fixed random order. (default: rows)
      """)
  var view: SequenceView?

  @Option(
    help: ArgumentHelp(
      """
      A file with choices: the config.json of a run, to do the same again, or one of your own with some of its keys. \
      Flags count more than it.
      """, valueName: "file"), completion: .file(extensions: ["json"]))
  var config: String?

  @OptionGroup(title: "Plan options")
  var plan: PlanOptions

  @OptionGroup(title: "Series of one's own") var series: SeriesOptions

  @Option(help: "Threads; they do not change the result. (default: one per core)")
  var threads: Int?

  @Option(
    help: ArgumentHelp("Folder for the run. (default: runs/<date>-<dataset>)", valueName: "dir"), completion: .directory
  )
  var output: String?

  @Option(help: ArgumentHelp("Goes on with the run in this folder.", valueName: "dir"), completion: .directory)
  var resume: String?

  @Flag(
    name: .customLong("no-steps"),
    help: """
      Reads the test set once, to the last step, and leaves out how accuracy falls with fewer steps: a second or two \
      less. 'unroll steps' still shows it later.
      """)
  var skipsSteps = false

  @Flag(
    help: """
      Writes what happens into the run folder for TensorBoard too (events.out.tfevents.…): losses, accuracies, \
      learning rate, and histograms of weights and gates.
      """)
  var tensorboard = false

  @Flag(help: "Shows no progress.")
  var quiet = false

  @Flag(help: "Writes the results to standard output as JSON, and nothing else there.")
  var json = false

  static var name: String { "train" }
  static var folderKind: String? { nil }
  static var lineFile: KeyPath<RunFolder, URL> { \.metrics }

  func validate() throws {
    try validateCommonFlags()
  }

  func run() throws {
    var run =
      if let resume {
        try TrainingRun(resuming: RunFolder(path: resume), flags: self, on: device)
      } else {
        try TrainingRun(flags: self, on: device)
      }
    // Until here there was nothing to lose.
    Interruption.beginNoting()
    do {
      try run.train()
      try run.finish()
    } catch is Interruption.Request {
      try run.putDown()
      throw Interruption.exitCode
    } catch {
      run.abandon()
      throw error
    }
  }

  /// Reads the data to learn from.
  ///
  /// - Parameters:
  ///   - dataset: A known name, or an absolute path.
  ///   - file: A configuration file, whose `series` says how that data set's files are read.
  /// - Returns: What was read.
  /// - Throws: `DatasetError`; `UsageError` if there are flags for other data; `InputError.unfit` if the file says what cannot
  ///   be.
  func open(_ dataset: String, following file: ConfigurationFile?) throws -> OpenedData {
    let told = try file?.seriesSource()
    guard isSeries(dataset) else {
      if let flag = series.given {
        throw UsageError(description: "\(flag): for series of numbers; \(dataset) is not one")
      }
      return try OpenedData(images: dataset, from: data, showsProgress: !quiet)
    }
    for (flag, isGiven) in [("--view", view != nil), ("--data", data != nil)] where isGiven {
      throw UsageError(description: "\(flag): for images; \(dataset) holds series of numbers")
    }
    // What the file says is about its own data set.
    let source = self.dataset == nil ? told.map(series.applied) : nil
    return try OpenedData(series: source ?? series.source(at: dataset), name: dataset)
  }

  /// Refuses flags that contradict a run that was begun with `begun`.
  func checkAgreement(with begun: TrainingPlan, on model: TrainedModel) throws {
    try checkDataset(self.dataset, agreesWith: model.dataset)
    if let view, let begun = model.input.images?.view, view != begun {
      throw UsageError(contradiction: "--view \(view.rawValue)", begun: begun.rawValue)
    }
    if let flag = series.given {
      throw UsageError(description: "\(flag): a run that goes on reads its data as it began; leave it out")
    }
    try plan.checkAgreement(with: begun)
  }
}

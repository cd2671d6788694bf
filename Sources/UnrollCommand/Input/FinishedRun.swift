import Foundation
import Unroll

/// A run of `unroll train`, read back from the files that it left.
struct FinishedRun {
  /// What `config.json` says of it.
  struct Configuration: Decodable {
    /// A known name, or a folder's absolute path.
    let dataset: String
    /// How images became sequences. Not in files of earlier versions.
    let view: SequenceView?
    /// How the files are read, where they are series.
    let series: SeriesSource?
    /// What decided the outcome.
    let plan: TrainingPlan
    /// The instructions that it was computed with.
    let instructionSet: InstructionSet
    /// The operating system.
    let system: String

    private enum CodingKeys: String, CodingKey {
      case dataset, view, series, plan, system
      case instructionSet = "instruction_set"
    }
  }

  /// The folder as it was named.
  let path: String
  /// The choices that were made for it.
  let configuration: Configuration
  /// The outcome in a few numbers.
  let summary: RunSummary
  /// The share of right answers on the test set after the last step.
  let testAccuracy: Double
  /// What was measured after each epoch.
  let epochs: [EpochMetrics]
  /// Accuracy after 1, 2, … steps; `nil` if that was never evaluated.
  let steps: [StepAccuracy]?
  /// The same with blank steps in front.
  let stepsBlankFront: [StepAccuracy]?
  /// What rules for stopping early are worth; `nil` if that was never evaluated.
  let early: EarlyCurves?
  /// How far probabilities can be believed; `nil` if that was never evaluated.
  let calibration: [StepCalibration]?
  /// The network; `nil` if its file is gone.
  let model: TrainedModel?

  /// Reads the run in the folder at `path`.
  ///
  /// - Throws: `InputError` or `FileError` if there is none, it is not finished, or a file is damaged; what reading a model
  ///   throws.
  init(path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw InputError.missing("\(path): there is no such folder; name the folder of a run of unroll train")
    }
    guard isFolder(path) else {
      throw InputError.unfit("\(path): a file; name the folder of a run of unroll train")
    }
    let folder = RunFolder(path: path)
    func ifThere<Content>(_ file: URL, _ read: (String) throws -> Content) throws -> Content? {
      FileManager.default.fileExists(atPath: file.path) ? try read(file.relativePath) : nil
    }
    self.path = path
    guard let configuration = try ifThere(folder.configuration, Self.configuration) else {
      throw InputError.missing("\(path): holds no config.json; name the folder of a run of unroll train")
    }
    guard let summary = try ifThere(folder.summary, Self.summary) else {
      throw InputError.missing(
        "\(path): this run is not finished; go on with it: unroll train --resume \(shellQuoted(path))")
    }
    self.configuration = configuration
    guard let testAccuracy = summary.testAccuracy else {
      throw InputError.unfit("\(path): a run that estimates a number; unroll report compares classifiers")
    }
    self.summary = summary
    self.testAccuracy = testAccuracy
    epochs = try ifThere(folder.metrics, Self.epochs) ?? []
    steps = try ifThere(folder.steps(.end), Self.steps)
    stepsBlankFront = try ifThere(folder.steps(.blankFront), Self.stepsBlankFront)
    early = try ifThere(folder.early, EarlyCurves.init)
    calibration = try ifThere(folder.calibration, Self.calibration)
    model = try ifThere(folder.model) { _ in try TrainedModel(contentsOf: folder.model) }
    let stepCount = stepCount ?? 0
    for (file, count, mayGoOn) in [
      (folder.steps(.end), steps?.count, false),
      // Of series it is about those set apart as well, which may be longer.
      (folder.calibration, calibration?.count, view == nil),
    ] {
      guard let count, count < stepCount || count > stepCount && !mayGoOn else { continue }
      throw InputError.unfit(
        "\(file.relativePath): \(count) lines below the header, but this run reads \(stepCount) steps")
    }
    if let last = stepsBlankFront?.last?.step, last != stepCount {
      throw InputError.unfit(
        "\(folder.steps(.blankFront).relativePath): ends with step \(last), but this run reads \(stepCount) steps")
    }
  }

  /// The steps of a sequence, as far as that is known; of series, those of the longest one in the test set.
  var stepCount: Int? {
    let read = model?.input.steps
    return view == nil ? steps?.count ?? read : read ?? steps?.count ?? stepsBlankFront?.last?.step
  }

  /// How images become sequences; `nil` of series, and row by row where nothing tells.
  var view: SequenceView? {
    if let model { return model.input.images?.view }
    return configuration.series == nil ? configuration.view ?? .rows : nil
  }
}

// MARK: - Files

extension FinishedRun {
  private static func configuration(_ path: String) throws -> Configuration {
    let text = try readText(path)
    if let configuration = try? JSONText.decode(Configuration.self, from: text) { return configuration }
    let isStudy = (try? JSONText.decode(BegunStudy.self, from: text)) != nil
    throw InputError.unfit(
      isStudy
        ? "\(path): of a study of unroll ceiling; name the folder of a run of unroll train"
        : "\(path): not the configuration of a run of unroll train")
  }

  private static func summary(_ path: String) throws -> RunSummary {
    guard let summary = try? JSONText.decode(RunSummary.self, from: readText(path)),
      summary.testAccuracy.map((0...1).contains) ?? (summary.testError != nil), summary.trainSeconds >= 0
    else { throw InputError.unfit("\(path): not the summary of a run of unroll train") }
    return summary
  }

  private static func epochs(_ path: String) throws -> [EpochMetrics] {
    try readText(path).split(separator: "\n").enumerated().map { index, line in
      guard let epoch = try? JSONText.decode(EpochMetrics.self, from: String(line), admitsNonFinite: true),
        epoch.epoch == index + 1
      else { throw InputError.unfit("\(path): line \(index + 1) is not what unroll train tells of epoch \(index + 1)") }
      return epoch
    }
  }

  private static func steps(_ path: String) throws -> [StepAccuracy] {
    try accuracies(path, expected: "the steps from 1 on") { index, step in step == index + 1 }
  }

  /// Where there are many steps, not all of them have a line.
  private static func stepsBlankFront(_ path: String) throws -> [StepAccuracy] {
    var before = 0
    return try accuracies(path, expected: "steps one after the other") { _, step in
      defer { before = step }
      return step > before
    }
  }

  private static func accuracies(
    _ path: String, expected: String, isNext: (_ index: Int, _ step: Int) -> Bool
  ) throws -> [StepAccuracy] {
    let table = try CSVTable(
      contentsOf: path, columns: ["step", "accuracy", "low", "high", "confidence", "cross_entropy"])
    return try table.rows(
      of: StepAccuracy.self,
      expected: "\(expected), each with its accuracy from 0 to 1 and an interval around it"
    ) { index, row in
      isNext(index, row.step) && 0 <= row.low && row.low <= row.accuracy && row.accuracy <= row.high && row.high <= 1
    }
  }

  private static func calibration(_ path: String) throws -> [StepCalibration] {
    let table = try CSVTable(
      contentsOf: path,
      columns: ["step", "temperature", "ece_before", "ece_after", "cross_entropy_before", "cross_entropy_after"])
    return try table.rows(
      of: StepCalibration.self, expected: "the steps from 1 on, each with its calibration errors from 0 to 1"
    ) { index, row in
      row.step == index + 1 && (0...1).contains(row.errorBefore) && (0...1).contains(row.errorAfter)
    }
  }
}

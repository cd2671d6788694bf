import ArgumentParser
import Foundation
import Unroll

/// A command that trains on a data set in a folder of its own, can be stopped there and goes on: what `unroll train`
/// and `unroll ceiling` have in common.
protocol ResumableCommand: FolderCommand {
  var dataset: String? { get }
  var data: String? { get }
  var config: String? { get }
  var plan: PlanOptions { get }
}

extension ResumableCommand {
  /// Checks the flags that these commands share.
  func validateCommonFlags() throws {
    if resume != nil && config != nil {
      throw ValidationError("--config and --resume exclude each other: what is resumed has its configuration")
    }
    for (flag, path) in [("the data set", dataset), ("--data", data), ("--config", config)] where path == "" {
      throw ValidationError("\(flag): names nothing")
    }
    try validateFolderFlags()
  }

  /// Begins in a folder of its own.
  ///
  /// - Parameters:
  ///   - file: A configuration file that is followed: its `dataset` and `teacher`.
  ///   - plans: Where in the file the plan stands.
  ///   - device: Where to train.
  ///   - open: Reads the data set of that name.
  ///   - prepare: Makes of the data, the plan for data of some shape, and the teacher if there is one, what a network reads,
  ///     what is to be done, and what `config.json` says of it.
  /// - Returns: The folder, which is to be abandoned if the work fails, the data, what `prepare` made of them, and the file that grows.
  /// - Throws: What reading the data throws, or `prepare`; `FileError` if there is no place for the results. Nothing is
  ///   left behind then.
  func begin<Work>(
    following file: ConfigurationFile?, plan plans: ConfigurationFile?, on device: Device,
    open: (_ dataset: String) throws -> OpenedData,
    prepare: (
      OpenedData, _ plan: (DataShape) throws -> TrainingPlan, ChosenTeacher?
    ) throws -> (data: RunData, work: Work, configuration: RunConfiguration)
  ) throws -> (place: ClaimedFolder, data: RunData, work: Work, lines: LineFile) {
    // Before anything takes time: can it be done, and is there a place for the results? It is taken when there is
    // something to put there.
    // The file's data set is looked at even where a flag counts more: a mistake in it should be told.
    let told = try file?.text("dataset")
    let dataset = chosenDataset(dataset ?? told)
    let teacher = try self.plan.teacher ?? file?.file("teacher")
    func plan(for data: DataShape?) throws -> TrainingPlan {
      try self.plan.plan(forSeries: isSeries(dataset), data, following: plans, isTaught: teacher != nil)
    }
    let plan = try plan(for: nil)
    try self.plan.refuseUseless(in: plan, following: plans, isTaught: teacher != nil)
    if plan.teacherShare == nil && self.plan.teacherShare == nil {
      try file?.refuse("teacher", "needs a teacher_share above 0 in the plan")
    }
    try device.checkSupport(
      of: plan.precision, asked: self.plan.precision == nil ? "\(config ?? "plan"): precision bf16" : "--precision bf16"
    )
    try claim(for: dataset).release()
    let chosen = try plan.teacherShare == nil ? nil : teacher.map { try ChosenTeacher($0, on: device) }
    let (data, work, configuration) = try prepare(try open(dataset), plan(for:), chosen)
    let (place, lines) = try begin(dataset, configuration, teacher: chosen?.model)
    return (place, data, work, lines)
  }

  /// How to go on with what was stopped in `folder`, to be pasted into a shell.
  func goOnSentence(_ folder: RunFolder) -> String {
    goOnSentence(folder, with: data.map { " --data \(shellQuoted($0))" } ?? "")
  }
}

import ArgumentParser
import Foundation
import Unroll

/// A command that trains on a data set in a folder of its own, can be stopped there and goes on: what `unroll train` and
/// `unroll ceiling` have in common.
protocol ResumableCommand: FolderCommand {
  var dataset: String? { get }
  var data: String? { get }
  var plan: PlanOptions { get }
}

extension ResumableCommand {
  /// Checks the flags that these commands share.
  func validateCommonFlags() throws {
    if resume == nil { try plan.checkUse() }
    if data == "" { throw ValidationError("--data: names no folder") }
    try validateFolderFlags()
  }

  /// Begins in a folder of its own.
  ///
  /// - Parameters:
  ///   - device: Where to train.
  ///   - open: Reads the data set of that name.
  ///   - prepare: Makes of the data what a network reads, what is to be done, and what `config.json` says of it.
  /// - Returns: The folder, the data, what `prepare` made of them, and the file that grows.
  /// - Throws: What reading the data throws, or `prepare`; `FileError` if there is no place for the results. Nothing is left
  ///   behind then.
  func begin<Work>(
    on device: Device, open: (_ dataset: String) throws -> OpenedData,
    prepare: (OpenedData) throws -> (data: RunData, work: Work, configuration: RunConfiguration)
  ) throws -> (folder: RunFolder, data: RunData, work: Work, lines: LineFile) {
    if let precision = plan.precision { try device.checkSupport(of: precision) }
    let dataset = chosenDataset(dataset)
    // Before anything takes time: is there a place for the results? It is taken when there is something to put there.
    try claim(for: dataset).release()
    let (data, work, configuration) = try prepare(try open(dataset))
    let (folder, lines) = try begin(dataset, configuration)
    return (folder, data, work, lines)
  }

  /// How to go on with what was stopped in `folder`, to be pasted into a shell.
  func goOnSentence(_ folder: RunFolder) -> String {
    goOnSentence(folder, with: data.map { " --data \(shellQuoted($0))" } ?? "")
  }
}

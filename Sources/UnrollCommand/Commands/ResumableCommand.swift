import ArgumentParser
import Foundation
import Unroll

/// A command that trains in a folder of its own, can be stopped there and goes on: what `unroll train` and `unroll ceiling`
/// have in common.
protocol ResumableCommand: ParsableCommand {
  var dataset: String? { get }
  var data: String? { get }
  var plan: PlanOptions { get }
  var threads: Int? { get }
  var output: String? { get }
  var resume: String? { get }
  var quiet: Bool { get }
  /// What it is called on the command line.
  static var name: String { get }
  /// What stands in the folder's name before the data set's, if anything.
  static var folderKind: String? { get }
  /// The file that grows, a line for each part that is done, and says whose the folder is.
  static var lineFile: KeyPath<RunFolder, URL> { get }
}

extension ResumableCommand {
  /// Checks the flags that these commands share.
  func validateCommonFlags() throws {
    try checkRange("--threads", threads, 1...1024)
    if resume == nil { try plan.checkUse() }
    for (flag, path) in [("--data", data), ("--output", output), ("--resume", resume)] where path == "" {
      throw ValidationError("\(flag): names no folder")
    }
    if resume != nil && output != nil {
      throw ValidationError("--output and --resume exclude each other: what is resumed stays in its folder")
    }
  }

  /// Where to train.
  var device: Device { threads.map { Device(threads: $0) } ?? .cpu }

  /// Begins in a folder of its own.
  ///
  /// - Parameters:
  ///   - view: How images are read.
  ///   - device: Where to train.
  ///   - prepare: Makes of the data what is to be done, and what `config.json` says of it.
  /// - Returns: The folder, the data, what `prepare` made of them, and the file that grows.
  /// - Throws: What reading the data throws, or `prepare`; `FileError` if there is no place for the results. Nothing is left
  ///   behind then.
  func begin<Work>(
    reading view: SequenceView = .rows, on device: Device,
    prepare: (RunData) throws -> (work: Work, configuration: RunConfiguration)
  ) throws -> (folder: RunFolder, data: RunData, work: Work, lines: LineFile) {
    if let precision = plan.precision { try device.checkSupport(of: precision) }
    let dataset = chosenDataset(dataset)
    func claim() throws -> ClaimedFolder {
      try output.map { try RunFolder(path: $0).claim(by: Self.lineFile) }
        ?? RunFolder.claimNew(for: dataset, kind: Self.folderKind, by: Self.lineFile)
    }
    // Before anything takes time: is there a place for the results? It is taken when there is something to put there.
    try claim().release()
    let data = try RunData(dataset, from: self.data, as: view, showsProgress: !quiet, on: device)
    let (work, configuration) = try prepare(data)
    let place = try claim()
    do {
      try AtomicFile.write(JSONText.encode(configuration, pretty: true) + "\n", to: place.folder.configuration)
      return (place.folder, data, work, try LineFile(appendingTo: place.folder[keyPath: Self.lineFile]))
    } catch {
      place.release()
      throw error
    }
  }

  /// How to go on with what was stopped in `folder`, to be pasted into a shell.
  func goOnSentence(_ folder: RunFolder) -> String {
    let program = shellQuoted(CommandLine.arguments.first ?? "unroll")
    let data = data.map { " --data \(shellQuoted($0))" } ?? ""
    return "unroll: stopped; go on with: \(program) \(Self.name) --resume \(folder.shownPath)\(data)"
  }
}

extension RunFolder {
  /// The path as one types it.
  var shownPath: String { shellQuoted(url.relativePath) }
}

extension Device {
  /// Says so if what goes on here began with another instruction set: others round differently.
  func noteOtherInstructions(than begun: InstructionSet) {
    guard begun != instructionSet else { return }
    StandardStream.error.tryWriteLine(
      """
      unroll: note: this run began with \(begun.rawValue) instructions and goes on with \(instructionSet.rawValue); it \
      will not be the same to the last bit
      """)
  }
}

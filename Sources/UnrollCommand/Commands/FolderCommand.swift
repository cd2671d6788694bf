import ArgumentParser
import Foundation
import Unroll

/// A command that works in a folder of its own, can be stopped there and goes on.
protocol FolderCommand: ParsableCommand {
  var threads: Int? { get }
  var output: String? { get }
  var resume: String? { get }
  var quiet: Bool { get }
  /// What it is called on the command line.
  static var name: String { get }
  /// What stands in the folder's name before what the work is about, if anything.
  static var folderKind: String? { get }
  /// The file that grows, a line for each part that is done, and says whose the folder is.
  static var lineFile: KeyPath<RunFolder, URL> { get }
}

extension FolderCommand {
  /// Checks the flags that these commands share.
  func validateFolderFlags() throws {
    try checkRange("--threads", threads, 1...1024)
    for (flag, path) in [("--output", output), ("--resume", resume)] where path == "" {
      throw ValidationError("\(flag): names no folder")
    }
    if resume != nil && output != nil {
      throw ValidationError("--output and --resume exclude each other: what is resumed stays in its folder")
    }
  }

  /// Where to train.
  var device: Device { threads.map { Device(threads: $0) } ?? .cpu }

  /// Takes the folder that is asked for, or a new one.
  ///
  /// - Parameter subject: What the work is about, as the new folder's name tells.
  /// - Returns: The folder, with the sign that it is taken.
  /// - Throws: `FileError` if there is no place for the results.
  func claim(for subject: String) throws(FileError) -> ClaimedFolder {
    if let output { return try RunFolder(path: output).claim(by: Self.lineFile) }
    return try RunFolder.claimNew(for: subject, kind: Self.folderKind, by: Self.lineFile)
  }

  /// Takes a folder and begins to write there.
  ///
  /// - Parameters:
  ///   - subject: What the work is about, as a new folder's name tells.
  ///   - configuration: What `config.json` says of it.
  ///   - teacher: The model that is learned from, if there is one.
  /// - Returns: The folder, which is to be abandoned if the work fails, and the file that grows.
  /// - Throws: `FileError` if there is no place for the results. Nothing is left behind then.
  func begin(
    _ subject: String, _ configuration: RunConfiguration, teacher: TrainedModel? = nil
  ) throws -> (place: ClaimedFolder, lines: LineFile) {
    let place = try claim(for: subject)
    do {
      try teacher?.save(to: place.folder.teacher)
      try AtomicFile.write(JSONText.encode(configuration, pretty: true) + "\n", to: place.folder.configuration)
      return (place, try LineFile(appendingTo: place.folder[keyPath: Self.lineFile]))
    } catch {
      place.release()
      throw error
    }
  }

  /// How to go on with what was stopped in `folder`, to be pasted into a shell; `flags` begin with a space, if any are
  /// needed.
  func goOnSentence(_ folder: RunFolder, with flags: String) -> String {
    let program = shellQuoted(CommandLine.arguments.first ?? "unroll")
    return "unroll: stopped; go on with: \(program) \(Self.name) --resume \(folder.shownPath)\(flags)"
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

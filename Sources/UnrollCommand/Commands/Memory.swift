import ArgumentParser
import Foundation
import Unroll

/// `unroll memory`
struct Memory: FolderCommand {
  static let configuration = CommandConfiguration(
    abstract: "Finds out over how many steps cells remember, and shows how gradients vanish.",
    discussion: """
      Trains each cell on made-up sequences of growing length that ask at their end for what came at their beginning: \
      the adding problem and the temporal order problem of Hochreiter & Schmidhuber (1997). Every cell gets the same \
      care: each learning rate once, then the best of them with further seeds. Training ends when the task is solved, \
      a mean squared error below \(MemoryTask.adding.solvedError) or fewer than one wrong answer in a hundred at two \
      looks in a row. A cell that solves a task with no seed at two lengths in a row is not tried at longer ones. \
      The defaults take about an hour on two cores; Ctrl-C stops, and --resume goes on.
      """)

  @Option(
    help: ArgumentHelp(
      """
      A file with choices: the config.json of a study, to do the same again, or one of your own with some of its keys. \
      Flags count more than it.
      """, valueName: "file"), completion: .file(extensions: ["json"]))
  var config: String?

  @OptionGroup(title: "Study options")
  var design: MemoryOptions

  @Option(help: "Threads; they do not change the result. (default: one per core)")
  var threads: Int?

  @Option(
    help: ArgumentHelp("Folder for the study. (default: runs/<date>-memory)", valueName: "dir"), completion: .directory)
  var output: String?

  @Option(help: ArgumentHelp("Goes on with the study in this folder.", valueName: "dir"), completion: .directory)
  var resume: String?

  @Flag(help: "Shows no progress.")
  var quiet = false

  @Flag(help: "Writes the results to standard output as JSON, and nothing else there.")
  var json = false

  static var name: String { "memory" }
  static var folderKind: String? { nil }
  static var lineFile: KeyPath<RunFolder, URL> { \.memoryTrials }

  func validate() throws {
    try validateFolderFlags()
    if resume != nil && config != nil {
      throw ValidationError("--config and --resume exclude each other: what is resumed has its configuration")
    }
    if config == "" { throw ValidationError("--config: names nothing") }
  }

  func run() throws {
    var run =
      if let resume {
        try MemoryRun(resuming: RunFolder(path: resume), flags: self, on: device)
      } else {
        try MemoryRun(flags: self, on: device)
      }
    // Until here there was nothing to lose.
    Interruption.beginNoting()
    do {
      try run.train()
      try run.finish()
    } catch is Interruption.Request {
      run.putDown()
      throw Interruption.exitCode
    }
  }
}

import ArgumentParser
import Foundation
import Unroll

/// `unroll report`
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares runs on a web page: one file, to look at and to pass on.",
    discussion: """
      What differs between the runs, their results, learning curves, accuracy after each number of steps, and what else \
      their folders hold; which classes are taken for which, and the test images that each network was surest about and \
      wrong. What a run lacks is left out, with the command that makes it. Nothing is fetched: where the test set is not on \
      this machine, the page is made without it.
      """)

  @Argument(
    help: ArgumentHelp("Folders of finished runs of unroll train, 1 to 8.", valueName: "run"), completion: .directory)
  var runs: [String]

  @Option(
    help: ArgumentHelp("The file to write; one that is there is replaced.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var output = "report.html"

  @Option(
    help: ArgumentHelp("Folder with the data set's files, instead of the cache.", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Flag(
    name: .customLong("no-images"),
    help: "Reads no test set: leaves out which classes are taken for which, and the mistakes.")
  var skipsImages = false

  @Flag(help: "Writes the table of results to standard output as JSON, and nothing else there.")
  var json = false

  func validate() throws {
    guard runs.count <= HTMLPage.colorCount else {
      throw ValidationError("\(runs.count) runs: at most \(HTMLPage.colorCount) can be told apart")
    }
    for (flag, path) in [("--output", output), ("--data", data)] where path == "" {
      throw ValidationError("\(flag): names nothing")
    }
    if skipsImages, data != nil { throw ValidationError("--data and --no-images exclude each other") }
    let folders = runs.map { URL(fileURLWithPath: $0).standardizedFileURL.resolvingSymlinksInPath() }
    if let again = folders.indices.first(where: { folders[..<$0].contains(folders[$0]) }) {
      throw ValidationError("\(runs[again]): named twice")
    }
  }

  func run() throws {
    let finished = try runs.map(FinishedRun.init)
    var testSets = TestSets(data: data)
    let entries = try zip(finished, runNames(runs)).enumerated().map { color, run in
      ReportedRun(
        run: run.0, name: run.1, color: color, examination: skipsImages ? .skipped : try testSets.examine(run.0))
    }
    for reason in Set(entries.compactMap(\.examination.obstacle)).sorted() {
      StandardStream.error.tryWriteLine("unroll: note: \(reason); the page goes without what needs it")
    }
    let report = RunReport(runs: entries)
    try AtomicFile.write(report.page.html, to: URL(fileURLWithPath: output))
    if json {
      try Self.writeJSON(Results(output: output, runs: report.results))
    } else {
      try StandardStream.output.writeLine(output)
    }
  }

  /// What `--json` prints.
  private struct Results: Encodable {
    let output: String
    let runs: [RunResults]
  }
}

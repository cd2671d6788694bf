import ArgumentParser
import Foundation
import Unroll

/// `unroll data`
struct DataSets: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Lists, fetches and verifies data sets.",
    discussion: """
      Data sets are looked for in the cache, which is $UNROLL_DATA if set, else $XDG_CACHE_HOME/unroll, else \
      ~/.cache/unroll. They are fetched from public mirrors, or from $UNROLL_MIRROR if set, and every file is held \
      against its SHA-256 whenever it is read.
      """,
    subcommands: [List.self, Fetch.self, Verify.self])

  /// `unroll data list`
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the known data sets, and where they are.")

    func run() throws {
      var table = TextTable(header: ["data set", "state", "size", "where"])
      for status in try DatasetStore().list() {
        let state = status.folder == nil ? "not here" : status.isVerified ? "verified" : "damaged"
        table.append([
          status.dataset.name, state, status.folder == nil ? "" : "\(fixed(Double(status.byteCount) / 1e6, 1)) MB",
          status.folder ?? "",
        ])
      }
      try StandardStream.output.writeLine(table.text())
    }
  }

  /// `unroll data fetch`
  struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Fetches a data set into the cache, if it is not there.")

    @Argument(help: "mnist or fashion-mnist.", completion: .list(KnownDataset.all.map(\.name)))
    var name = "mnist"

    @Flag(help: "Shows no progress.")
    var quiet = false

    func run() throws {
      let store = DatasetStore()
      _ = try store.dataset(named: name)
      let source = try store.open(name, showsProgress: !quiet)
      try StandardStream.output.writeLine("\(name) is in \(source.folder)")
    }
  }

  /// `unroll data verify`
  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Holds a data set's files against their SHA-256.")

    @Argument(help: "mnist or fashion-mnist.", completion: .list(KnownDataset.all.map(\.name)))
    var name = "mnist"

    @Option(
      help: ArgumentHelp("Folder with the data set's files, instead of the cache.", valueName: "dir"),
      completion: .directory)
    var data: String?

    func run() throws {
      let status = try DatasetStore().verify(name, data: data)
      guard status.folder != nil else {
        throw DatasetError.missing("\(name): not on this machine; fetch it with: unroll data fetch \(name)")
      }
      for check in status.files {
        let outcome = check.failure.map { "wrong: \($0)" } ?? "right"
        try StandardStream.output.writeLine("\(check.path ?? check.file.rawValue): \(outcome)")
      }
      if !status.isVerified {
        throw DatasetError.malformed("\(name): not every file is right; see above")
      }
    }
  }
}

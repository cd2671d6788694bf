import ArgumentParser
import Foundation
import Unroll

/// The command `unroll`.
struct UnrollTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unroll",
    abstract: "Trains a recurrent network, and tells how good its answer is after every step of the sequence.",
    discussion: """
      Begin with: unroll train
      It fetches MNIST if need be, trains the network row by row, and shows the accuracy after each number of rows.

      Exit codes: 0 done, 64 wrong usage, 65 bad data, 66 missing input, 69 data set cannot be fetched, 70 training \
      diverged, 73 output cannot be created, 74 input or output failed, 130 stopped by Ctrl-C.
      """,
    version: unrollVersion,
    subcommands: [
      Train.self, Steps.self, Early.self, Evaluate.self, Predict.self, Inspect.self, Export.self, Import.self,
      Ceiling.self, Contrast.self, Memory.self, Report.self, DataSets.self, Bench.self,
    ])
}

@main
enum Main {
  static func main() {
    StandardStream.prepare()
    Interruption.unblockSignals()
    do {
      do {
        var command = try UnrollTool.parseAsRoot()
        // Help, and what is done to files, goes without instructions of any kind.
        if UnrollTool.configuration.subcommands.contains(where: { $0 == type(of: command) }) {
          try checkEnvironment(ProcessInfo.processInfo.environment)
        }
        try command.run()
      } catch  where UnrollTool.exitCode(for: error) == .success {
        // What was asked for is a text: help, the version, a completion script.
        try StandardStream.output.writeLine(UnrollTool.fullMessage(for: error))
      }
    } catch {
      let failure = Failure(error)
      if let line = failure.line { StandardStream.error.tryWriteLine(line) }
      exit(failure.status)
    }
  }
}

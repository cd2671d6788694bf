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
    subcommands: [Train.self, Steps.self, Evaluate.self, Predict.self, DataSets.self, Bench.self])
}

@main
enum Main {
  static func main() {
    StandardStream.ignoreClosedPipes()
    do {
      var command = try UnrollTool.parseAsRoot()
      try command.run()
    } catch {
      guard let status = exitStatus(of: error) else { UnrollTool.exit(withError: error) }
      // Where not even standard error can be written, the exit status has to tell.
      try? StandardStream.error.writeLine("unroll: \(error)")
      exit(status)
    }
  }

  /// The exit status of `sysexits.h` for an error of ours; `nil` for those that the argument parser prints itself.
  private static func exitStatus(of error: any Error) -> Int32? {
    switch error {
    case let error as DatasetError: error.exitCode
    case is SafetensorsError, is ModelFileError, is InputError: EX_DATAERR
    case let error as FileError:
      switch error.operation {
      case .open: EX_NOINPUT
      case .create: EX_CANTCREAT
      case .read, .write: EX_IOERR
      }
    case TrainingError.diverged: EX_SOFTWARE
    case TrainingError.tooFewSequences: EX_USAGE
    case TrainingError.otherData: EX_DATAERR
    case is UsageError: EX_USAGE
    default: nil
    }
  }
}

/// Flags that make no sense together, found after parsing. Its description is one line.
struct UsageError: Error, CustomStringConvertible {
  let description: String
}

/// Input that does not fit, such as images of another size. Its description is one line.
struct InputError: Error, CustomStringConvertible {
  let description: String
}

/// Stopped by Ctrl-C, with everything in order.
let interruptedStatus = ExitCode(130)

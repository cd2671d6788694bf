import ArgumentParser
import Foundation
import Unroll

/// How the program ends after an error: a line on standard error, and an exit status of `sysexits.h`.
struct Failure {
  /// What is said; `nil` where all has been said already.
  let line: String?
  /// The exit status.
  let status: Int32

  init(_ error: any Error) {
    if let exit = error as? ExitCode {
      line = nil
      status = exit.rawValue
    } else if let known = Self.status(of: error) {
      line = "unroll: \(error)".onOneLine
      status = known
    } else {
      let help = UnrollTool.fullMessage(for: error).firstMatch(of: /See '(.+)' for more/).map { String($0.1) }
      let words = help?.split(separator: " ").map(String.init) ?? []
      let message = withGuess(UnrollTool.message(for: error), for: UnrollTool.command(called: words))
      line = "unroll: \(message)\(help.map { " (see \($0))" } ?? "")".onOneLine
      status = UnrollTool.exitCode(for: error).rawValue
    }
  }

  /// The exit status of an error of ours; `nil` for those of the argument parser.
  private static func status(of error: any Error) -> Int32? {
    switch error {
    case let error as DatasetError: error.exitCode
    case is SafetensorsError, is ModelFileError, is ExportError, is WeightFileError, InputError.unfit: EX_DATAERR
    case ONNXError.notBuiltIn: EX_USAGE
    case is ONNXError: EX_DATAERR
    case InputError.missing: EX_NOINPUT
    case let error as FileError:
      switch error.operation {
      case .open: EX_NOINPUT
      case .create: EX_CANTCREAT
      case .read, .write: EX_IOERR
      }
    case TrainingError.diverged: EX_SOFTWARE
    case TrainingError.tooFewSequences, TrainingError.tooFewForFolds, TrainingError.tooManyBlankSteps,
      TrainingError.stepBeyondEnd, TrainingError.noValidation, TrainingError.needsImages, TrainingError.needsOneLength,
      TrainingError.needsClasses, TrainingError.needsTeacher:
      EX_USAGE
    case TrainingError.otherData: EX_DATAERR
    case is UsageError: EX_USAGE
    default: nil
    }
  }
}

/// Flags or environment variables that make no sense, found after parsing. Its description is one line.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(description: String) { self.description = description }

  /// A flag that contradicts what a resumed run began with.
  init(contradiction given: String, begun: String) {
    self.init(description: "\(given) contradicts the run, which began with \(begun); leave it out")
  }
}

/// - Throws: `UsageError` if a variable of the environment has a value that is not understood; the library would pass
///   over it.
func checkEnvironment(_ environment: [String: String]) throws {
  guard let cap = InstructionSet.misunderstoodCap(environment: environment) else { return }
  let expected = InstructionSet.allCases.map(\.rawValue).joined(separator: ", ")
  throw UsageError(description: "\(InstructionSet.capVariable)=\(cap): expected one of \(expected)")
}

extension Device {
  /// - Parameters:
  ///   - precision: What products are to be computed in.
  ///   - asked: What asks for it, as the error says.
  /// - Throws: `UsageError` if this processor, or the instruction set in use, does not have it.
  func checkSupport(of precision: Precision, asked: String = "--precision bf16") throws {
    guard !supports(precision) else { return }
    throw UsageError(
      description: """
        \(asked) needs a processor with AVX512_BF16; in use here is \(instructionSet.rawValue), which computes in \
        fp32 alone
        """)
  }
}

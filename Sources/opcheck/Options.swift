import Foundation
import OpCases
import Tensors

/// What the command line says.
struct Options {
  private var instructionSet: InstructionSet?
  private var threads: Int?

  /// Reads the arguments; exits with status 64 and one line where they make no sense.
  init(_ arguments: some Sequence<String>) {
    var arguments = arguments.makeIterator()
    while let option = arguments.next() {
      guard let value = arguments.next() else { Self.exitWithUsage("\(option) needs a value") }
      switch option {
      case "--isa": instructionSet = Self.instructionSet(named: value)
      case "--threads": threads = Self.threadCount(value)
      case "--device":
        if value != "cpu" { Self.exitWithUsage("there is no device \(value), only cpu") }
      default: Self.exitWithUsage("unknown option \(option)")
      }
    }
  }

  /// The devices asked for; all instruction sets, and 1, 2 and 3 threads, where nothing else is said.
  var devices: [Device] {
    Device.forChecking(
      instructionSets: instructionSet.map { [$0] } ?? InstructionSet.supported,
      threads: threads.map { [$0] } ?? [1, 2, 3])
  }

  private static func instructionSet(named name: String) -> InstructionSet {
    guard let instructionSet = InstructionSet(rawValue: name), InstructionSet.supported.contains(instructionSet) else {
      let supported = InstructionSet.supported.map(\.rawValue).joined(separator: ", ")
      exitWithUsage("this processor does not run \(name), only \(supported)")
    }
    return instructionSet
  }

  private static func threadCount(_ text: String) -> Int {
    guard let count = Int(text), (1...256).contains(count) else {
      exitWithUsage("--threads takes a number from 1 to 256, not \(text)")
    }
    return count
  }

  private static func exitWithUsage(_ problem: String) -> Never {
    let usage = "opcheck: \(problem)\nusage: opcheck [--isa NAME] [--threads N] [--device cpu]\n"
    FileHandle.standardError.write(Data(usage.utf8))
    exit(64)
  }
}

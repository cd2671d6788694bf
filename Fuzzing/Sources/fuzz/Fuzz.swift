import CFuzzer
import Foundation

/// Feeds one parser with what libFuzzer makes of good files, looking which branches they take.
///
/// `.ci/fuzz` builds and runs it. A trap of Swift's, a broken promise of a parser's, ten seconds for one input or too
/// much memory ends the process and leaves the input in a file.
@main struct Fuzz {
  static func main() throws {
    let arguments = CommandLine.arguments
    switch arguments.dropFirst().first {
    case "list" where arguments.count == 2:
      print(parsers.map(\.name).joined(separator: "\n"))
    case "seeds" where arguments.count == 4:
      try writeSeeds(of: parser(arguments[2]), to: URL(fileURLWithPath: arguments[3]))
    case "run" where arguments.count > 2:
      exit(run(Array(arguments.dropFirst(3))))
    default:
      FileHandle.standardError.write(Data(usage.utf8))
      exit(64)
    }
  }

  /// The parser of that name.
  static func parser(_ name: String) -> Parser {
    guard let parser = parsers.first(where: { $0.name == name }) else {
      FileHandle.standardError.write(Data("no parser \(name)\n\(usage)".utf8))
      exit(64)
    }
    return parser
  }

  /// Good files to begin with, in `corpus`, and the words of the format, in `dictionary`.
  private static func writeSeeds(of parser: Parser, to folder: URL) throws {
    let corpus = folder.appending(path: "corpus")
    try FileManager.default.createDirectory(at: corpus, withIntermediateDirectories: true)
    for (index, seed) in parser.seeds.enumerated() {
      try Data(seed).write(to: corpus.appending(path: "seed-\(index)"))
    }
    let words = parser.words.map { word in
      "\"" + word.utf8.map { String(format: "\\x%02x", $0) }.joined() + "\"\n"
    }
    try Data(words.joined().utf8).write(to: folder.appending(path: "dictionary"))
  }

  private static func run(_ options: [String]) -> Int32 {
    var arguments = (["fuzz"] + options).map { strdup($0) }
    var count = CInt(arguments.count)
    arguments.append(nil)
    return arguments.withUnsafeMutableBufferPointer { buffer in
      var start = buffer.baseAddress
      return LLVMFuzzerRunDriver(&count, &start) { bytes, count in
        Fuzz.chosen.read(Array(UnsafeBufferPointer(start: bytes, count: count)))
        return 0
      }
    }
  }

  /// What is run; a function that C calls can capture nothing.
  private static let chosen = parser(CommandLine.arguments[2])

  private static let usage = """
    usage: fuzz list
           fuzz seeds PARSER FOLDER
           fuzz run PARSER [OPTION OF LIBFUZZER'S | CORPUS]...

    """
}

import Foundation
import Testing

/// A C compiler of this machine.
struct CCompiler: Sendable {
  let path: String

  /// Those in the path by the usual names, each once. Clang comes with Swift's tools, so there should be one.
  static let all: [CCompiler] = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    var real: Set<String> = []
    return ["cc", "gcc", "clang"].flatMap { name in folders.map { "\($0)/\(name)" } }
      .filter { path in
        FileManager.default.isExecutableFile(atPath: path)
          && real.insert(URL(fileURLWithPath: path).resolvingSymlinksInPath().path).inserted
      }
      .map(CCompiler.init)
  }()

  /// What generated code has to go through without a word.
  static let strictFlags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-O2"]

  /// Compiles files of `folder`, and expects that the compiler has nothing to say.
  func compile(
    _ arguments: [String], in folder: URL, at location: SourceLocation = #_sourceLocation
  ) throws {
    let (status, output) = try run(path, CCompiler.strictFlags + arguments, in: folder)
    let text = String(decoding: output, as: UTF8.self)
    try #require(status == 0 && text.isEmpty, "\(path): \(text.prefix(2000))", sourceLocation: location)
  }
}

/// Runs a program to its end.
///
/// - Returns: Its exit status, and what it wrote to standard output and standard error.
func run(_ program: String, _ arguments: [String], input: Data = Data(), in folder: URL) throws -> (Int32, Data) {
  // Files, for a pipe can be full.
  let given = folder.appending(path: "\(UUID().uuidString).in"),
    taken = folder.appending(path: "\(UUID().uuidString).out")
  try input.write(to: given)
  try Data().write(to: taken)
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.currentDirectoryURL = folder
  process.standardInput = try FileHandle(forReadingFrom: given)
  let output = try FileHandle(forWritingTo: taken)
  process.standardOutput = output
  process.standardError = output
  try process.run()
  process.waitUntilExit()
  return (process.terminationStatus, try Data(contentsOf: taken))
}

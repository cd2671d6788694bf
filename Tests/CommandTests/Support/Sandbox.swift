import Foundation
import Testing

/// What a process left behind.
struct Outcome {
  let status: Int32
  let output: String
  let errors: String

  /// Standard output line by line, as tables have it: cells with two spaces or more between them.
  var cells: [[String]] {
    output.split(separator: "\n").map { $0.split(separator: /[ ]{2,}/).map(String.init) }
  }

  /// The JSON on standard output.
  func json() throws -> Any {
    try JSONSerialization.jsonObject(with: Data(output.utf8))
  }

  /// The predictions in the JSON on standard output.
  func predictions() throws -> [[String: Any]] {
    try #require(try object()["predictions"] as? [[String: Any]])
  }

  /// The JSON object on standard output.
  func object() throws -> [String: Any] {
    try #require(try json() as? [String: Any])
  }
}

/// A folder of a test's own, and the command in it, as a user would run it.
///
/// The environment is empty but for what the test needs: nothing of the user's cache is seen, and nothing is fetched.
final class Sandbox: Sendable {
  let folder: URL

  /// Begins with a small data set in the folder `bars`.
  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "unroll-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Bars().write(to: folder.appending(path: "bars"))
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  /// The command, beside the tests' own bundle.
  static let command: URL = {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? .main
    let url = bundle.bundleURL
    return (url.pathExtension == "xctest" ? url.deletingLastPathComponent() : url).appending(path: "unroll")
  }()

  /// Runs the command to its end.
  func unroll(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
    try unroll(arguments, environment: environment)
  }

  /// Runs the command to its end.
  func unroll(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
    try start(Self.command, arguments, environment: environment).outcome()
  }

  /// Runs a script of the shell to its end; the command is `$UNROLL` there.
  func shell(_ script: String) throws -> Outcome {
    try start(URL(fileURLWithPath: "/bin/sh"), ["-c", script]).outcome()
  }

  /// Starts the command.
  func start(_ arguments: [String], terminal: PseudoTerminal? = nil) throws -> RunningCommand {
    try start(Self.command, arguments, terminal: terminal)
  }

  private func start(
    _ program: URL, _ arguments: [String], environment: [String: String] = [:], terminal: PseudoTerminal? = nil
  ) throws -> RunningCommand {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = folder
    let own = [
      "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": folder.path, "UNROLL": Self.command.path,
      "UNROLL_DATA": folder.appending(path: "cache").path, "UNROLL_MIRROR": "http://127.0.0.1:9", "TERM": "xterm",
    ]
    process.environment = own.merging(environment) { $1 }
    return try RunningCommand(process, terminal: terminal)
  }

  /// The place of a file.
  func file(_ path: String) -> URL { folder.appending(path: path) }

  /// A file's bytes.
  func data(_ path: String) throws -> Data { try Data(contentsOf: file(path)) }

  /// A file's text.
  func text(_ path: String) throws -> String { try String(contentsOf: file(path), encoding: .utf8) }

  /// Writes a file, making its folder.
  func write(_ data: Data, to path: String) throws {
    let url = file(path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url)
  }

  /// The names in a folder, hidden ones too.
  func names(_ path: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: file(path).path).sorted()
  }

  /// Every file of a folder with its bytes.
  func contents(_ path: String) throws -> [String: Data] {
    Dictionary(uniqueKeysWithValues: try names(path).map { ($0, try data("\(path)/\($0)")) })
  }
}

import Foundation
import Testing

/// A process that has been started.
final class RunningCommand {
  private let process: Process
  private let output, errors: URL

  /// Starts `process` with standard output and standard error into files, or standard error into a terminal.
  fileprivate init(starting process: Process, output: URL, errors: URL, terminal: PseudoTerminal?) throws {
    self.process = process
    self.output = output
    self.errors = errors
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.create(output)
    process.standardError = try terminal?.slave ?? Self.create(errors)
    try process.run()
  }

  convenience init(_ process: Process, terminal: PseudoTerminal?) throws {
    let base = FileManager.default.temporaryDirectory.appending(path: "unroll-tests-\(UUID().uuidString)").path
    try self.init(
      starting: process, output: URL(fileURLWithPath: base + ".out"), errors: URL(fileURLWithPath: base + ".err"),
      terminal: terminal)
  }

  deinit {
    if process.isRunning { process.terminate() }
    try? FileManager.default.removeItem(at: output)
    try? FileManager.default.removeItem(at: errors)
  }

  /// Waits for the end. A process that a signal has ended has 1000 added to its status.
  func outcome() throws -> Outcome {
    process.waitUntilExit()
    let status = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 1000 : 0)
    return Outcome(status: status, output: try Self.text(output), errors: try errorsSoFar())
  }

  /// What has been written to standard error up to now.
  func errorsSoFar() throws -> String {
    FileManager.default.fileExists(atPath: errors.path) ? try Self.text(errors) : ""
  }

  /// Sends a signal.
  func send(_ signal: Int32) {
    kill(process.processIdentifier, signal)
  }

  /// Waits until something has happened, for a minute at most, and while the process runs.
  func wait(for event: String, until happened: () throws -> Bool) throws {
    let limit = ContinuousClock.now + .seconds(60)
    while try !happened() {
      let errors = try errorsSoFar()
      try #require(process.isRunning, "ended before: \(event); \(errors)")
      try #require(ContinuousClock.now < limit, "no \(event)")
      usleep(2000)
    }
  }

  private static func create(_ file: URL) throws -> FileHandle {
    try Data().write(to: file)
    return try FileHandle(forWritingTo: file)
  }

  private static func text(_ file: URL) throws -> String {
    String(decoding: try Data(contentsOf: file), as: UTF8.self)
  }
}

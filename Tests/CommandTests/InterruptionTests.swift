import Foundation
import Testing

/// One after the other: a run that shares the machine with others may be too slow to be stopped where it should be.
@Suite("Stopping and going on", .serialized)
struct InterruptionTests {
  private let sandbox: Sandbox
  /// Long enough to be stopped in the middle.
  private static let flags = ["--epochs", "30", "--hidden", "32", "--batch-size", "20", "--threads", "2"]

  init() throws {
    sandbox = try Sandbox()
    try Bars(trainCount: 1500).write(to: sandbox.file("more bars"))
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func aStoppedRunGoesOnToTheSameBits(signal: Int32, status: Int32) throws {
    let whole = try sandbox.unroll(["train", "more bars", "--output", "whole", "--quiet"] + Self.flags)
    expectQuietSuccess(whole)

    let run = try begin(output: "it's cut")
    try run.wait(for: "first epoch") { try sandbox.text("it's cut/metrics.jsonl").contains("\n") }
    run.send(signal)
    let outcome = try run.outcome()
    #expect(outcome.status == status && outcome.output.isEmpty)
    let model = try sandbox.unroll("evaluate", "it's cut/checkpoint.safetensors", "--json")
    expectQuietSuccess(model)
    let unfinished = try sandbox.unroll("evaluate", "it's cut")
    expect(unfinished, failsWith: 66, saying: "not finished", "checkpoint.safetensors")

    // As the message says, pasted into a shell.
    let line = try #require(outcome.errors.split(separator: "\n").last)
    let command = try #require(line.firstMatch(of: /^unroll: stopped; go on with: (.+)$/)).1
    let resumed = try sandbox.shell("\(command) --quiet --json")
    expectQuietSuccess(resumed)
    #expect(try resumed.object()["output"] as? String == "it's cut")
    try expectSameRun("it's cut", "whole")
  }

  @Test func aSecondSignalEndsAtOnce() throws {
    // One batch that takes seconds.
    try Bars(trainCount: 20_000, testCount: 9).write(to: sandbox.file("many bars"))
    let run = try sandbox.start([
      "train", "many bars", "--output", "run", "--hidden", "700", "--batch-size", "20000", "--epochs", "3",
    ])
    try run.wait(for: "beginning") { try run.errorsSoFar().contains("writing to run") }
    usleep(100_000)
    run.send(SIGINT)
    usleep(100_000)
    let start = ContinuousClock.now
    run.send(SIGINT)
    let outcome = try run.outcome()
    #expect(outcome.status == 130)
    #expect(ContinuousClock.now - start < .seconds(2))
    #expect(try sandbox.names("run") == ["config.json", "metrics.jsonl"], "nothing half-written")
  }

  /// Stopped again and again, as on a machine that others need.
  @Test func manyStops() throws {
    let flags = ["--epochs", "3"] + Self.flags.dropFirst(2)
    expectQuietSuccess(try sandbox.unroll(["train", "more bars", "--output", "whole", "--quiet"] + flags))
    var run = try sandbox.start(["train", "more bars", "--output", "run"] + flags)
    for stop in 1...4 {
      try run.wait(for: "beginning") { try run.errorsSoFar().contains("writing to run") }
      usleep(UInt32(20_000 * stop))
      run.send(SIGINT)
      let outcome = try run.outcome()
      guard outcome.status == 130 else { break }
      run = try sandbox.start(["train", "--resume", "run"])
    }
    #expect(try run.outcome().status == 0)
    try expectSameRun("run", "whole")
  }

  @Test func flagsThatContradictTheRunAreRefused() throws {
    let run = try begin(output: "run")
    try run.wait(for: "first epoch") { try sandbox.text("run/metrics.jsonl").contains("\n") }
    run.send(SIGINT)
    #expect(try run.outcome().status == 130)
    let before = try sandbox.contents("run")
    for contradiction in [
      ["--epochs", "31"], ["--batch-size", "21"], ["--hidden", "33"], ["--learning-rate", "0.5"], ["--seed", "2"],
      ["--optimizer", "sgd"], ["--schedule", "constant"], ["--recipe", "assignment"], ["--validation", "1"],
    ] {
      let outcome = try sandbox.unroll(["train", "--resume", "run"] + contradiction)
      expect(outcome, failsWith: 64, saying: contradiction[0], "contradicts")
    }
    expect(try sandbox.unroll("train", "bars", "--resume", "run"), failsWith: 64, saying: "the data set", "contradicts")
    #expect(try sandbox.contents("run") == before)

    // What agrees is welcome.
    let outcome = try sandbox.unroll(
      ["train", "./more bars", "--resume", "run", "--quiet", "--seed", "1"] + Self.flags)
    expectQuietSuccess(outcome)
  }

  @Test func otherDataAreRefused() throws {
    expectQuietSuccess(try sandbox.unroll(["train", "bars", "--output", "run", "--quiet"] + quickly))
    let before = try sandbox.contents("run")
    try Bars(trainCount: 241).write(to: sandbox.file("bars"))
    expect(try sandbox.unroll("train", "--resume", "run", "--quiet"), failsWith: 65, saying: "241", "240")
    #expect(try sandbox.contents("run") == before)
  }

  @Test func aFinishedRunIsEvaluatedAgain() throws {
    expectQuietSuccess(try sandbox.unroll(["train", "bars", "--output", "run", "--quiet"] + quickly))
    let before = try sandbox.contents("run")
    for name in ["model.safetensors", "steps.csv", "summary.json"] {
      try FileManager.default.removeItem(at: sandbox.file("run/\(name)"))
    }
    expectQuietSuccess(try sandbox.unroll("train", "--resume", "run", "--quiet", "--threads", "1"))
    let after = try sandbox.contents("run")
    #expect(after.filter { $0.key != "summary.json" } == before.filter { $0.key != "summary.json" })
    #expect(after["summary.json"] != nil)
  }

  @Test func nothingToGoOnWith() throws {
    let outcome = try sandbox.unroll("train", "--resume", "nowhere")
    expect(outcome, failsWith: 66, saying: "nowhere", "checkpoint.safetensors")
    expect(try sandbox.unroll("train", "--resume", "bars"), failsWith: 66, saying: "bars")
    try sandbox.write(Data("{}".utf8), to: "run/checkpoint.safetensors")
    expect(try sandbox.unroll("train", "--resume", "run"), failsWith: 65, saying: "checkpoint.safetensors")
    #expect(try sandbox.names() == ["bars", "more bars", "run"])
  }

  private func begin(output: String) throws -> RunningCommand {
    let run = try sandbox.start(["train", "more bars", "--output", output] + Self.flags)
    try run.wait(for: "beginning") { try run.errorsSoFar().contains("writing to") }
    return run
  }

  /// The same model to the byte, and the same metrics but for times.
  private func expectSameRun(_ a: String, _ b: String, at location: SourceLocation = #_sourceLocation) throws {
    for name in ["model.safetensors", "steps.csv", "steps-blank-front.csv", "steps.svg"] {
      #expect(try sandbox.data("\(a)/\(name)") == sandbox.data("\(b)/\(name)"), "\(name)", sourceLocation: location)
    }
    func metrics(_ folder: String) throws -> String {
      try sandbox.text("\(folder)/metrics.jsonl").replacing(/"(seconds|sequences_per_second)":[^,}]+/, with: "")
    }
    #expect(try metrics(a) == metrics(b), sourceLocation: location)
  }
}

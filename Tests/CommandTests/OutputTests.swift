import Foundation
import Testing

@Suite("Where output goes")
struct OutputTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
  }

  private func train(_ output: String = "run", _ more: String...) throws -> Outcome {
    try sandbox.unroll(["train", "bars", "--output", output, "--quiet"] + quickly + more)
  }

  // MARK: Folders

  @Test func aRunIsNotOverwritten() throws {
    expectQuietSuccess(try train())
    let before = try sandbox.contents("run")
    expect(try train(), failsWith: 73, saying: "a run is there already", "--resume")
    #expect(try sandbox.contents("run") == before)
  }

  @Test func aFolderWithOtherThingsIsWelcome() throws {
    try sandbox.write(Data("mine".utf8), to: "run/notes.txt")
    expectQuietSuccess(try train())
    #expect(try sandbox.text("run/notes.txt") == "mine")
  }

  @Test(arguments: ["file", "file/run", "/dev/null", "/proc/run"])
  func placesThatAreNoFolder(path: String) throws {
    try sandbox.write(Data("mine".utf8), to: "file")
    expect(try train(path), failsWith: 73)
    #expect(try sandbox.names() == ["bars", "file"])
    #expect(try sandbox.text("file") == "mine")
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may write everywhere"))
  func aReadOnlyFolder() throws {
    try FileManager.default.createDirectory(at: sandbox.file("locked"), withIntermediateDirectories: true)
    chmod(sandbox.file("locked").path, 0o500)
    defer { chmod(sandbox.file("locked").path, 0o700) }
    for path in ["locked", "locked/run"] { expect(try train(path), failsWith: 73, saying: "permissions") }
    #expect(try sandbox.names("locked") == [])
  }

  @Test(arguments: ["naïve Ünïcode/逐行", "-dash", "with space/and 'quote'", "e\u{301}"])
  func anyNameWorks(path: String) throws {
    let outcome = try sandbox.unroll(["train", "bars", "--output=\(path)"] + quickly)
    #expect(outcome.status == 0)
    let names = try sandbox.names(path)
    #expect(names.count == 8)
    let shown = try #require(outcome.output.firstMatch(of: /everything is in (.+)\n/)).1
    #expect(try sandbox.shell("ls \(shown)/").output.split(separator: "\n").map(String.init) == names)
  }

  /// A disk without room for the model, as far as a limit on file sizes can play one: 4 KiB.
  @Test func aFullDiskLeavesEarlierFilesWhole() throws {
    expectQuietSuccess(try train("run", "--hidden", "24"))
    let before = try sandbox.contents("run")
    expect(
      try sandbox.shell("ulimit -f 8; \(Self.withDefaultSignals) train --resume run --quiet"), failsWith: 74,
      saying: "model.safetensors", "File too large")
    #expect(try sandbox.contents("run") == before)
    let fresh = try sandbox.shell(
      "ulimit -f 8; \(Self.withDefaultSignals) train bars --output new --quiet --hidden 24 --epochs 1")
    expect(fresh, failsWith: 74, saying: "checkpoint.safetensors")
    #expect(try sandbox.names("new") == ["config.json", "metrics.jsonl"], "nothing half-written")
  }

  /// Runs the command as a shell of a user's does: the tests' own threads pass blocked signals on.
  private static let withDefaultSignals = """
    exec python3 -c '
    import os, signal, sys
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])' "$UNROLL"
    """

  // MARK: Standard output

  @Test(arguments: ["1", "15"])
  func aTerminalCanBeNarrowerThanAChart(columns: String) throws {
    expectQuietSuccess(try train())
    expectQuietSuccess(try sandbox.unroll("steps", "run", environment: ["COLUMNS": columns]))
  }

  @Test func jsonIsAlone() throws {
    let train = try train("run", "--json")
    expectQuietSuccess(train)
    #expect(try train.object().keys.sorted() == ["output", "report", "schema", "summary"])
    #expect(train.output.split(separator: "\n").count == 1)
    for command in [["steps", "run"], ["evaluate", "run"], ["predict", "run", "0", "1"]] {
      let outcome = try sandbox.unroll(command + ["--json"])
      expectQuietSuccess(outcome)
      #expect(throws: Never.self) { _ = try outcome.json() }
    }
  }

  /// With progress on standard error, standard output is JSON all the same.
  @Test func jsonIsAloneBesideProgress() throws {
    let outcome = try sandbox.unroll(["train", "bars", "--output", "run", "--json"] + quickly)
    #expect(outcome.status == 0 && outcome.errors.contains("epoch 2/2"))
    #expect(throws: Never.self) { _ = try outcome.json() }
  }

  @Test(arguments: [">/dev/full", ">&-"])
  func outputThatCannotBeWritten(redirection: String) throws {
    expectQuietSuccess(try train())
    for command in ["steps run", "evaluate run --json", "predict run 0"] {
      let outcome = try sandbox.shell("exec \"$UNROLL\" \(command) \(redirection)")
      expect(outcome, failsWith: 74, saying: "cannot write standard output")
    }
    // The run itself is whole.
    let flags = quickly.joined(separator: " ")
    let outcome = try sandbox.shell("exec \"$UNROLL\" train bars --output other --quiet \(flags) \(redirection)")
    expect(outcome, failsWith: 74, saying: "cannot write standard output")
    #expect(try sandbox.names("other").count == 8)
  }

  @Test func aClosedPipeIsQuiet() throws {
    expectQuietSuccess(try train())
    for command in ["steps run", "evaluate run", "predict run 0 1 2 3 4 5 6 7 8 9", "--help"] {
      let outcome = try sandbox.shell("{ \"$UNROLL\" \(command); echo \"status $?\" >&2; } | head -n 1")
      #expect(outcome.errors == "status 0\n", "\(command)")
      #expect(outcome.output.split(separator: "\n").count == 1, "\(command)")
    }
  }

  // MARK: Standard error

  @Test func progressInALogIsPlainLines() throws {
    let outcome = try sandbox.unroll(["train", "bars", "--output", "run"] + quickly)
    let lines = outcome.errors.split(separator: "\n")
    try #require(lines.count == 3, "\(outcome.errors)")
    #expect(lines[0].contains("220 sequences") && lines[0].hasSuffix("writing to run"))
    let measured = #"loss \d\.\d{4}  accuracy \d+\.\d\d %"#
    let epoch = try Regex(#"epoch \d/2  \#(measured)  validation \#(measured)  [\d,]+ seq/s  \d\.\d s"#)
    #expect(lines[1...].allSatisfy { $0.wholeMatch(of: epoch) != nil }, "\(outcome.errors)")
    #expect(!outcome.errors.contains("\r") && !outcome.errors.contains("\u{1B}"))
  }

  @Test func progressOnATerminalIsOneLine() throws {
    let terminal = try PseudoTerminal()
    let run = try sandbox.start(
      ["train", "bars", "--output", "run", "--epochs", "3", "--hidden", "8"], terminal: terminal)
    #expect(try run.outcome().status == 0)
    let text = terminal.text()
    let shown = text.split(separator: "\r\u{1B}[K").map(String.init)
    #expect(shown.contains { $0.hasPrefix("epoch 1/3 ") && $0.contains("seq/s") && $0.hasSuffix(" left") }, "\(text)")
    #expect(shown.contains { $0.contains("reading the test set") })
    #expect(text.contains("epoch 3/3  loss"))
  }

  /// Progress that nobody can read stops no work.
  @Test(arguments: ["2>/dev/full", "2>&-"])
  func progressThatCannotBeWritten(redirection: String) throws {
    let flags = quickly.joined(separator: " ")
    let outcome = try sandbox.shell("exec \"$UNROLL\" train bars --output run \(flags) \(redirection)")
    #expect(outcome.status == 0 && outcome.output.contains("test accuracy"))
    for (name, data) in try sandbox.contents("run") {
      #expect(data.range(of: Data("seq/s".utf8)) == nil, "progress in \(name)")
    }
  }

  /// The memory of whoever started the command is not its own.
  @Test func peakMemoryIsTheCommandsOwn() throws {
    let flags = quickly.joined(separator: " ")
    let script = """
      exec python3 -c '
      import os, sys
      ballast = b"x" * 400_000_000
      os.execv(sys.argv[1], sys.argv[1:])' "$UNROLL" train bars --output run --quiet --json \(flags)
      """
    let outcome = try sandbox.shell(script)
    expectQuietSuccess(outcome)
    let summary = try #require(outcome.object()["summary"] as? [String: Any])
    #expect(try #require(summary["peak_resident_bytes"] as? Int) < 200_000_000)
  }
}

import Foundation
import Testing

/// One after the other, as other tests that stop a process in its middle.
@Suite("unroll memory", .serialized)
struct MemoryTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
  }

  /// Two cells on both tasks at one length, for a moment; the first rate is of no use.
  private static let small = [
    "--cells", "gru,lstm", "--lengths", "10", "--learning-rates", "0.00001,0.01", "--seeds", "2", "--hidden", "8",
    "--batch-size", "8", "--updates", "120", "--threads", "1",
  ]

  private func study(_ more: String..., output: String = "study") throws -> Outcome {
    try sandbox.unroll(["memory", "--output", output] + Self.small + more)
  }

  @Test func theContractsFiles() throws {
    let outcome = try study()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      try sandbox.names("study") == [
        "config.json", "gradients-adding-after.svg", "gradients-adding-before.svg",
        "gradients-temporal-order-after.svg",
        "gradients-temporal-order-before.svg", "gradients.csv", "memory-adding.svg", "memory-temporal-order.svg",
        "memory.csv", "memory.jsonl",
      ])
    let csv = try table("study/memory.csv")
    #expect(csv.map { $0["task"] } == ["adding", "adding", "temporal-order", "temporal-order"])
    #expect(csv.map { $0["cell"] } == ["gru", "lstm", "gru", "lstm"])
    for row in csv {
      #expect(row["length"] == "10" && row["seeds"] == "2" && row["learning_rate"] == "0.01")
      let error = try number(row, "error")
      #expect(try number(row, "lowest_error") <= error && error <= number(row, "highest_error"))
      #expect((0...1).contains(error))
    }
    let gradients = try table("study/gradients.csv")
    #expect(gradients.count == 4 * 10)
    #expect(gradients.prefix(10).map { $0["distance"] } == (0..<10).map(String.init))
    for row in gradients { #expect(try number(row, "before") > 0 && number(row, "after") > 0) }

    let trials = try sandbox.text("study/memory.jsonl").split(separator: "\n").map(object)
    #expect(trials.count == 12)
    #expect(
      Set(trials.flatMap(\.keys)) == ["candidate", "solved", "updates", "validation", "test", "gradients", "seconds"])
    let candidate = try #require(trials[0]["candidate"] as? [String: Any])
    #expect(Set(candidate.keys) == ["task", "cell", "length", "learning_rate", "seed"])
    let configuration = try object(sandbox.text("study/config.json"))
    #expect(
      configuration.keys.sorted() == ["instruction_set", "memory", "started", "system", "threads", "version"])
    for picture in try sandbox.names("study") where picture.hasSuffix(".svg") {
      #expect(try sandbox.text("study/\(picture)").contains(">lstm<"), "\(picture)")
    }

    #expect(outcome.errors.contains("at most 12 networks; writing to study"))
    #expect(outcome.errors.contains("adding, 10 steps, gru, rate 0.01, seed 2  not solved after 120 updates, error "))
    let lines = outcome.output.split(separator: "\n")
    #expect(lines[0].wholeMatch(of: /adding +steps +10/) != nil, "\(lines[0])")
    #expect(lines[2].wholeMatch(of: /gru +solved +0\/2/) != nil, "\(lines[2])")
    #expect(lines.contains { $0.contains("The temporal order problem: gradients after training") })
    let errors = try csv.map { String(format: "%.4f", try number($0, "error")) }
    #expect(outcome.cells.filter { $0[0] == "error" }.map { $0[1] } == errors)
    #expect(lines.last == "everything is in study")
  }

  @Test func resultsAsJSON() throws {
    let outcome = try study("--json", "--quiet", "--tasks", "temporal-order", "--seeds", "1")
    expectQuietSuccess(outcome)
    let results = try outcome.object()
    #expect(results.keys.sorted() == ["gradients", "networks", "output", "rows", "schema"])
    #expect(results["networks"] as? Int == 4 && results["output"] as? String == "study")
    let rows = try #require(results["rows"] as? [[String: Any]])
    #expect(rows.compactMap { $0["cell"] as? String } == ["gru", "lstm"])
    let gradients = try #require(results["gradients"] as? [[String: Any]])
    #expect(gradients.count == 20 && gradients.allSatisfy { $0["task"] as? String == "temporal-order" })
  }

  /// Lengths are tried in ascending order, and gradients looked at where they are longest.
  @Test func lengthsInAnyOrder() throws {
    let outcome = try study(
      "--json", "--quiet", "--tasks", "adding", "--cells", "gru", "--lengths", "12,10", "--seeds", "1", "--updates", "5"
    )
    expectQuietSuccess(outcome)
    let results = try outcome.object(), rows = try #require(results["rows"] as? [[String: Any]])
    #expect(rows.map { $0["length"] as? Int } == [10, 12])
    let gradients = try #require(results["gradients"] as? [[String: Any]])
    #expect(gradients.count == 12 && gradients.allSatisfy { $0["length"] as? Int == 12 })
  }

  @Test func solvedTasksEndEarly() throws {
    let outcome = try sandbox.unroll(
      "memory", "--tasks", "adding", "--cells", "gru", "--lengths", "10", "--learning-rates", "0.01", "--seeds", "1",
      "--hidden", "32", "--threads", "1", "--output", "study")
    #expect(outcome.status == 0 && outcome.errors.contains("solved after"), "\(outcome.errors)")
    let row = try #require(try table("study/memory.csv").first)
    #expect(row["solved"] == "1" && row["seeds"] == "1")
    #expect(try number(row, "error") < 0.015 && number(row, "updates") < 5000)
  }

  /// Stopped in the middle of a network, and begun again.
  @Test func goesOnToTheSameResults() throws {
    expectQuietSuccess(try study("--quiet", output: "whole"))
    let run = try sandbox.start(["memory", "--output", "it's cut"] + Self.small)
    try run.wait(for: "first network") { (try? sandbox.text("it's cut/memory.jsonl").contains("\n")) ?? false }
    run.send(SIGINT)
    let outcome = try run.outcome()
    #expect(outcome.status == 130 && outcome.output.isEmpty)
    let line = try #require(outcome.errors.split(separator: "\n").last)
    let command = try #require(line.firstMatch(of: /^unroll: stopped; go on with: (.+)$/)).1
    // A line that was cut off in writing is as if it had never been begun.
    try sandbox.write(try sandbox.data("it's cut/memory.jsonl") + Data(#"{"candi"#.utf8), to: "it's cut/memory.jsonl")
    let resumed = try sandbox.shell("\(command) --quiet --json")
    expectQuietSuccess(resumed)
    #expect(try resumed.object()["output"] as? String == "it's cut")
    let whole = try files("whole")
    #expect(try files("it's cut") == whole)

    expectQuietSuccess(try sandbox.unroll("memory", "--resume", "whole", "--quiet", "--seeds", "2", "--hidden", "8"))
    #expect(try files("whole") == whole)
    for contradiction in [
      ["--tasks", "adding"], ["--cells", "rnn"], ["--lengths", "10,20"], ["--learning-rates", "0.1"], ["--seeds", "3"],
      ["--seed", "2"], ["--hidden", "9"], ["--no-chrono"], ["--batch-size", "9"], ["--updates", "121"],
      ["--gradient-length", "20"],
    ] {
      let refused = try sandbox.unroll(["memory", "--resume", "whole"] + contradiction)
      expect(refused, failsWith: 64, saying: contradiction.joined(separator: " "), "contradicts")
    }
    #expect(try files("whole") == whole)
  }

  @Test func damagedStudiesAreTold() throws {
    expectQuietSuccess(try study("--quiet", "--tasks", "adding"))
    let good = try sandbox.contents("study")
    func expectFailure(_ status: Int32, _ name: String, _ content: String?) throws {
      if let content {
        try sandbox.write(Data(content.utf8), to: "study/\(name)")
      } else {
        try FileManager.default.removeItem(at: sandbox.file("study/\(name)"))
      }
      expect(try sandbox.unroll("memory", "--resume", "study", "--quiet"), failsWith: status, saying: name)
      try sandbox.write(try #require(good[name]), to: "study/\(name)")
    }
    let configuration = try sandbox.text("study/config.json")
    try expectFailure(65, "config.json", "{}")
    try expectFailure(65, "config.json", configuration.replacing(#""batch_size" : 8"#, with: #""batch_size" : 0"#))
    try expectFailure(66, "config.json", nil)
    let trials = try sandbox.text("study/memory.jsonl")
    try expectFailure(65, "memory.jsonl", trials + "{}\n")
    try expectFailure(65, "memory.jsonl", trials.replacing(#""length":10"#, with: #""length":11"#))
    try expectFailure(66, "memory.jsonl", nil)
    expect(try sandbox.unroll("ceiling", "--resume", "study"), failsWith: 66, saying: "study", "ceiling.jsonl")
    expectQuietSuccess(try sandbox.unroll("memory", "--resume", "study", "--quiet"))
  }

  @Test func placesAndUsage() throws {
    for (flag, values) in [
      ("--tasks", ["", "addition", "adding,", "adding,adding"]), ("--cells", ["", "transformer", "rnn,rnn", "rnn,"]),
      ("--lengths", ["", "9", "10,10", "10,x", "100001", "-10"]),
      ("--learning-rates", ["0", "0.1,0.1", "nan", "1001", ""]), ("--seeds", ["0", "1001", "x"]),
      ("--seed", ["-1"]), ("--hidden", ["0", "16385"]), ("--batch-size", ["0", "100001"]),
      ("--updates", ["0", "10000001"]), ("--gradient-length", ["20", "x"]), ("--threads", ["0", "1025"]),
      ("--output", [""]), ("--resume", ["", "other"]),
    ] {
      for value in values { expect(try study("\(flag)=\(value)"), failsWith: 64, saying: flag) }
    }
    expect(try sandbox.unroll("memory", "mnist"), failsWith: 64, saying: "mnist")
    expect(try study("--config="), failsWith: 64, saying: "--config")
    expect(
      try sandbox.unroll("memory", "--resume", "a", "--config", "b"), failsWith: 64, saying: "--config and --resume")
    expect(try study(output: "bars/train-labels-idx1-ubyte/x"), failsWith: 73, saying: "bars")
    expect(try sandbox.unroll("memory", "--resume", "bars"), failsWith: 66, saying: "bars", "memory.jsonl")
    #expect(try sandbox.names() == ["bars"], "nothing is left behind")

    expectQuietSuccess(try study("--quiet"))
    expect(try study(), failsWith: 73, saying: "a run is there already")
    let train = try sandbox.unroll(["train", "bars", "--output", "study"] + quickly)
    expect(train, failsWith: 73, saying: "a run is there already")
    expectQuietSuccess(try sandbox.unroll(["memory", "--quiet", "--tasks", "adding"] + Self.small))
    #expect(try sandbox.names("runs").map { $0.wholeMatch(of: /\d{4}-\d\d-\d\d-memory/) != nil } == [true])
  }

  private func object(_ text: some StringProtocol) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// The rows of a CSV file by its header's names.
  private func table(_ path: String) throws -> [[String: String]] {
    let lines = try sandbox.text(path).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let header = try #require(lines.first)
    #expect(lines.allSatisfy { $0.count == header.count })
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
  }

  private func number(_ row: [String: String], _ column: String) throws -> Double {
    try #require(row[column].flatMap(Double.init), "\(column) of \(row)")
  }

  /// All files of a study but for times, and the paths that differ.
  private func files(_ folder: String) throws -> [String: Data] {
    var files = try sandbox.contents(folder)
    files["config.json"] = nil
    let trials = try sandbox.text("\(folder)/memory.jsonl").replacing(/,"seconds":[^,}]+/, with: "")
    files["memory.jsonl"] = Data(trials.utf8)
    return files
  }
}

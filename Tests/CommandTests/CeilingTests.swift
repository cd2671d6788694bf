import Foundation
import Testing
import Unroll

/// One after the other, as other tests that stop a process in its middle.
@Suite("unroll ceiling", .serialized)
struct CeilingTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
  }

  private func study(_ more: String..., output: String = "study") throws -> Outcome {
    try sandbox.unroll(
      ["ceiling", "bars", "--steps", "2,4-5", "--validation", "60", "--output", output] + quickly + more)
  }

  @Test func theContractsFiles() throws {
    try sandbox.write(Data("accuracy,step\n0.75,4\n1,7\n".utf8), to: "convolutional.csv")
    let outcome = try study("--learning-rates", "0.004,0.01", "--compare", "convolutional.csv")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      try sandbox.names("study") == [
        "anytime.safetensors", "ceiling-differences.svg", "ceiling.csv", "ceiling.jsonl", "ceiling.svg", "config.json",
        "specialist-2.safetensors", "specialist-4.safetensors", "specialist-5.safetensors", "specialist-8.safetensors",
      ])
    let csv = try sandbox.text("study/ceiling.csv").split(separator: "\n").map { $0.split(separator: ",") }
    #expect(csv.count == 5 && csv.allSatisfy { $0.count == csv[0].count })
    #expect(csv.dropFirst().map { $0[0] } == ["2", "4", "5", "8"])
    let trials = try sandbox.text("study/ceiling.jsonl").split(separator: "\n").map(object)
    #expect(trials.count >= 10)
    #expect(Set(trials.flatMap(\.keys)) == ["candidate", "count", "right", "difference", "seconds"])
    let candidate = try #require(trials[0]["candidate"] as? [String: Any])
    #expect(candidate["contestant"] as? String == "anytime" && candidate["seed"] as? Int == 1)
    let configuration = try object(sandbox.text("study/config.json"))
    #expect(configuration["plan"] == nil)
    for key in ["data", "dataset", "instruction_set", "started", "study", "system", "threads", "version"] {
      #expect(configuration[key] != nil, "\(key)")
    }
    for picture in ["ceiling.svg", "ceiling-differences.svg"] {
      #expect(try sandbox.text("study/\(picture)").hasPrefix("<svg"))
    }
    #expect(try sandbox.text("study/ceiling.svg").contains(">convolutional<"))

    #expect(outcome.errors.contains("writing to study"))
    #expect(outcome.errors.contains("2 rows, rate 0.004  validation accuracy"))
    let lines = outcome.output.split(separator: "\n")
    #expect(lines[0].wholeMatch(of: /rows +anytime +specialist +difference .*last step +seeds +convolutional/) != nil)
    #expect(lines.contains { $0.hasPrefix("   4 ") && $0.hasSuffix(" 75.00 %") })
    #expect(lines.contains { $0.hasPrefix("   5 ") && $0.hasSuffix(" –") })
    #expect(lines.last?.hasSuffix("; everything is in study") == true)
    var differences: [Double] = []
    for (row, cells) in zip(csv.dropFirst(), outcome.cells[2...5]) {
      func value(_ name: Substring) throws -> Double {
        let column = try #require(csv[0].firstIndex(of: name))
        return try #require(Double(row[column]))
      }
      let difference = try value("difference")
      let expected = [
        100 * (try value("anytime")), 100 * (try value("specialist")), 100 * difference,
        100 * (try value("difference_high") - difference), 100 * (try value("last_step")), try value("attempts"),
      ]
      #expect(cells[0] == row[0])
      for (cell, number) in zip(cells[1...6], expected) {
        #expect(abs((Double(cell.replacing(" %", with: "")) ?? .nan) - number) < 0.006, "\(cell), not \(number)")
      }
      differences.append(difference)
    }
    let worst = try #require(differences.min())
    let shortfall =
      worst < 0
      ? "largest shortfall of the anytime network: \(String(format: "%.2f", -100 * worst)) points after "
      : "the anytime network is nowhere behind a specialist"
    #expect(lines.last?.hasPrefix(shortfall) == true, "\(shortfall)")

    // A specialist's file tells the same after its number of steps as the study.
    let steps = try sandbox.unroll("steps", "study/specialist-4.safetensors", "--json").object()
    let accuracies = try #require(steps["steps"] as? [[String: Any]]).compactMap { $0["accuracy"] as? Double }
    let column = try #require(csv[0].firstIndex(of: "specialist"))
    #expect(csv[2][column] == String(format: "%.6f", accuracies[3]))
  }

  @Test func resultsAsJSON() throws {
    let outcome = try study("--json", "--quiet")
    expectQuietSuccess(outcome)
    let results = try outcome.object()
    #expect(results.keys.sorted() == ["largest_shortfall", "networks", "output", "rows", "schema"])
    let rows = try #require(results["rows"] as? [[String: Any]])
    #expect(rows.compactMap { $0["step"] as? Int } == [2, 4, 5, 8])
    for row in rows {
      #expect(
        row.keys.sorted() == [
          "anytime", "attempts", "difference", "difference_high", "difference_low", "last_step", "learning_rate",
          "specialist", "step",
        ])
      let anytime = try #require(row["anytime"] as? [String: Double])
      #expect(anytime.keys.sorted() == ["high", "low", "test", "validation"])
    }
    let differences = rows.compactMap { $0["difference"] as? Double }
    #expect(results["largest_shortfall"] as? Double == -(differences.min() ?? .nan))
    #expect(results["networks"] as? Int == (try sandbox.text("study/ceiling.jsonl").split(separator: "\n").count))
  }

  /// Stopped in the middle of a network; and begun again without some of what was done.
  @Test func goesOnToTheSameResults() throws {
    try Bars(trainCount: 1500).write(to: sandbox.file("more bars"))
    let flags = [
      "ceiling", "more bars", "--steps", "4", "--epochs", "12", "--hidden", "32", "--batch-size", "20", "--threads",
      "2",
      "--validation", "300",
    ]
    expectQuietSuccess(try sandbox.unroll(flags + ["--output", "whole", "--quiet"]))
    let run = try sandbox.start(flags + ["--output", "it's cut"])
    try run.wait(for: "first network") {
      (try? sandbox.text("it's cut/ceiling.jsonl").contains("\n")) ?? false
    }
    run.send(SIGINT)
    let outcome = try run.outcome()
    #expect(outcome.status == 130 && outcome.output.isEmpty)
    #expect(try sandbox.names("it's cut").contains("checkpoint.safetensors"))
    let line = try #require(outcome.errors.split(separator: "\n").last)
    let command = try #require(line.firstMatch(of: /^unroll: stopped; go on with: (.+)$/)).1
    // A line that was cut off in writing is as if it had never been begun.
    try sandbox.write(try sandbox.data("it's cut/ceiling.jsonl") + Data(#"{"candi"#.utf8), to: "it's cut/ceiling.jsonl")
    let resumed = try sandbox.shell("\(command) --quiet --json")
    expectQuietSuccess(resumed)
    #expect(try resumed.object()["output"] as? String == "it's cut")
    let whole = try files("whole")
    #expect(try files("it's cut") == whole)

    let again = try sandbox.unroll("ceiling", "--resume", "whole", "--quiet", "--steps", "4,8", "--epochs", "12")
    expectQuietSuccess(again)
    #expect(try files("whole") == whole)
    for contradiction in [
      ["--epochs", "13"], ["--steps", "5"], ["--learning-rates", "0.1"], ["--objective", "weighted"],
    ] {
      let refused = try sandbox.unroll(["ceiling", "--resume", "whole"] + contradiction)
      expect(refused, failsWith: 64, saying: contradiction[0], "contradicts")
    }
    let other = try sandbox.unroll("ceiling", "bars", "--resume", "whole")
    expect(other, failsWith: 64, saying: "the data set", "contradicts")
    try Bars(trainCount: 1501).write(to: sandbox.file("more bars"))
    expect(try sandbox.unroll("ceiling", "--resume", "whole", "--quiet"), failsWith: 65, saying: "1501", "1500")
    #expect(try files("whole") == whole)
  }

  @Test func damagedStudiesAreTold() throws {
    expectQuietSuccess(try study("--quiet"))
    let good = try sandbox.contents("study")
    func expectFailure(_ status: Int32, _ message: String, _ content: String?) throws {
      let name = String(message.prefix { $0 != ":" })
      if let content {
        try sandbox.write(Data(content.utf8), to: "study/\(name)")
      } else {
        try FileManager.default.removeItem(at: sandbox.file("study/\(name)"))
      }
      expect(try sandbox.unroll("ceiling", "--resume", "study", "--quiet"), failsWith: status, saying: message)
      try sandbox.write(try #require(good[name]), to: "study/\(name)")
    }
    let configuration = try sandbox.text("study/config.json")
    try expectFailure(65, "config.json", "{}")
    try expectFailure(65, "config.json", configuration.replacing(#""batch_size" : 50"#, with: #""batch_size" : 0"#))
    try expectFailure(66, "config.json", nil)
    let trials = try sandbox.text("study/ceiling.jsonl")
    try expectFailure(65, "ceiling.jsonl", trials + "{}\n")
    try expectFailure(65, "ceiling.jsonl", trials.replacing("specialist-2", with: "specialist-3"))
    try expectFailure(65, "ceiling.jsonl", trials.replacing(/"learning_rate":[^,}]+/, with: #""learning_rate":0.5"#))
    let diverged = trials.replacing(/"right":\[[^\]]+\]/, with: #""right":[]"#)
    try expectFailure(65, "ceiling.jsonl: training of anytime diverged", diverged)
    try expectFailure(66, "ceiling.jsonl", nil)
    try expectFailure(66, "anytime.safetensors", nil)
    try expectFailure(65, "anytime.safetensors", "x")
    expectQuietSuccess(try sandbox.unroll("ceiling", "--resume", "study", "--quiet"))
  }

  @Test func otherInstructionsAreTold() throws {
    let baseline = ["UNROLL_MAX_ISA": "baseline"], widest = InstructionSet.supported[0]
    for command in [["train"], ["ceiling", "--steps", "8"]] {
      let begun = command + ["bars", "--output", command[0], "--validation", "9", "--quiet"] + quickly
      expectQuietSuccess(try sandbox.unroll(begun, environment: baseline))
      let resumed = [command[0], "--resume", command[0], "--quiet", "--json"]
      #expect(try sandbox.unroll(resumed, environment: baseline).errors.isEmpty)
      guard widest != .baseline else { continue }
      let outcome = try sandbox.unroll(resumed)
      #expect(outcome.status == 0)
      #expect(
        outcome.errors == """
          unroll: note: this run began with baseline instructions and goes on with \(widest.rawValue); it will not be the \
          same to the last bit

          """)
    }
  }

  @Test func placesAndUsage() throws {
    expect(try study("--validation", "0"), failsWith: 64, saying: "--validation 0", "set some apart")
    expect(try study("--recipe", "assignment", "--validation", "0"), failsWith: 64, saying: "--validation")
    expect(try study("--steps", "9"), failsWith: 64, saying: "--steps 9", "8 steps")
    for steps in ["0", "5-3", "1,,2", "x", "-3", "3-", ""] {
      expect(try study("--steps=\(steps)"), failsWith: 64, saying: "--steps")
    }
    for rates in ["0", "0.1,0.1", "nan", "1001", "0.1,", ""] {
      expect(try study("--learning-rates=\(rates)"), failsWith: 64, saying: "--learning-rates")
    }
    expect(try study("--learning-rate", "1", "--learning-rates", "1"), failsWith: 64, saying: "exclude")
    expect(try study("--objective", "last"), failsWith: 64, saying: "--objective last")
    expect(try study("--resume", "other"), failsWith: 64, saying: "exclude")
    expect(try sandbox.unroll("ceiling", "--data", "nowhere"), failsWith: 66, saying: "nowhere")
    expect(try study(output: "bars/train-labels-idx1-ubyte/x"), failsWith: 73, saying: "bars")
    expect(try sandbox.unroll("ceiling", "--resume", "bars"), failsWith: 66, saying: "bars", "ceiling.jsonl")
    #expect(try sandbox.names() == ["bars"], "nothing is left behind")

    expectQuietSuccess(try study("--quiet"))
    expect(try study(), failsWith: 73, saying: "a run is there already")
    let train = try sandbox.unroll(["train", "bars", "--output", "study"] + quickly)
    expect(train, failsWith: 73, saying: "a run is there already")
    expectQuietSuccess(try sandbox.unroll(["ceiling", "bars", "--steps", "8", "--quiet"] + quickly))
    #expect(try sandbox.names("runs").map { $0.wholeMatch(of: /\d{4}-\d\d-\d\d-ceiling-bars/) != nil } == [true])
  }

  @Test(arguments: [
    "", "step\n7\n", "k,accuracy\n7,0.5\n", "step,accuracy\n7\n", "step,accuracy\n0,0.5\n", "step,accuracy\nx,0.5\n",
    "step,accuracy\n7,1.5\n", "step,accuracy\n7,nan\n", "step,accuracy\n7,0.5\n7,0.5\n", "step,accuracy\n7,0.5,1\n",
    "\u{0}",
  ])
  func whatIsNoTableOfAccuraciesIsRefused(content: String) throws {
    try sandbox.write(Data(content.utf8), to: "table.csv")
    expect(try study("--compare", "table.csv"), failsWith: 65, saying: "table.csv")
    #expect(try sandbox.names() == ["bars", "table.csv"], "told before anything is trained")
  }

  @Test func aTableOfAccuraciesThatIsNotThere() throws {
    expect(try study("--compare", "nowhere.csv"), failsWith: 66, saying: "nowhere.csv")
    expect(try study("--compare", "bars"), failsWith: 66, saying: "bars")
  }

  private func object(_ text: some StringProtocol) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// All files of a study but for times, and the paths that differ.
  private func files(_ folder: String) throws -> [String: Data] {
    var files = try sandbox.contents(folder)
    files["config.json"] = nil
    let trials = try sandbox.text("\(folder)/ceiling.jsonl").replacing(/,"seconds":[^,}]+/, with: "")
    files["ceiling.jsonl"] = Data(trials.utf8)
    return files
  }
}

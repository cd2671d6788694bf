import Foundation
import Testing
import Unroll

@Suite("What a run leaves")
struct RunFolderTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
  }

  @Test func whoeverWantsNoStepsGetsTheModelAlone() throws {
    for (run, flags) in [("whole", []), ("alone", ["--no-steps"])] {
      let outcome = try sandbox.unroll(["train", "bars", "--output", run] + quickly + flags)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("test accuracy"))
      #expect(outcome.output.contains("─") != (run == "alone"))
    }
    #expect(
      try sandbox.names("alone") == [
        "checkpoint.safetensors", "config.json", "metrics.jsonl", "model.safetensors", "summary.json",
      ])
    #expect(
      try object("alone/summary.json")["test_accuracy"] as? Double
        == object("whole/summary.json")["test_accuracy"] as? Double)
    expectQuietSuccess(try sandbox.unroll("steps", "alone"))
    let json = try sandbox.unroll(
      ["train", "bars", "--output", "json", "--json", "--no-steps"] + quickly
    ).object()
    #expect(json["summary"] != nil && json["report"] == nil)
  }

  @Test func theContractsFiles() throws {
    let arguments = ["train", "bars", "--output", "run", "--validation", "40", "--seed", "5"] + quickly
    let outcome = try sandbox.unroll(arguments)
    #expect(outcome.status == 0)
    let names = [
      "checkpoint.safetensors", "config.json", "metrics.jsonl", "model.safetensors", "steps-blank-front.csv",
      "steps.csv", "steps.svg", "summary.json",
    ]
    #expect(try sandbox.names("run") == names)

    for name in ["steps.csv", "steps-blank-front.csv"] {
      let lines = try sandbox.text("run/\(name)").split(separator: "\n")
      #expect(lines.first == "step,accuracy,low,high,confidence,cross_entropy")
      let rows = lines.dropFirst().map { $0.split(separator: ",").compactMap { Double($0) } }
      #expect(rows.map(\.count) == [Int](repeating: 6, count: 8))
      #expect(rows.map { $0[0] } == (1...8).map(Double.init))
      for row in rows { #expect(0 <= row[2] && row[2] <= row[1] && row[1] <= row[3] && row[3] <= 1) }
    }

    let summary = try object("run/summary.json")
    #expect(
      summary.keys.sorted() == [
        "epoch_seconds", "epochs", "peak_resident_bytes", "seed", "test_accuracy", "threads", "train_seconds",
        "version",
      ])
    let accuracy = try #require(summary["test_accuracy"] as? Double)
    let lastRow = try #require(try sandbox.text("run/steps.csv").split(separator: "\n").last)
    #expect(lastRow.split(separator: ",")[1] == String(format: "%.6f", accuracy))
    #expect(outcome.output.contains(String(format: "test accuracy %.2f %%", 100 * accuracy)))
    let epochSeconds = try #require(summary["epoch_seconds"] as? [Double])
    let trainSeconds = try #require(summary["train_seconds"] as? Double)
    #expect(epochSeconds.count == 2 && abs(epochSeconds.reduce(0, +) - trainSeconds) < 1e-9)
    #expect(summary["epochs"] as? Int == 2 && summary["seed"] as? Int == 5 && summary["threads"] as? Int == 1)
    let memory = try #require(summary["peak_resident_bytes"] as? Int)
    #expect((1_000_000...200_000_000).contains(memory))
    #expect(summary["version"] as? String == unrollVersion)

    let configuration = try object("run/config.json")
    let plan = try #require(configuration["plan"] as? [String: Any])
    #expect(plan["epochs"] as? Int == 2 && plan["hidden_size"] as? Int == 8 && plan["validation_count"] as? Int == 40)
    for key in ["dataset", "instruction_set", "started", "system", "threads", "version"] {
      #expect(configuration[key] != nil, "\(key)")
    }

    let metrics = try sandbox.text("run/metrics.jsonl").split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    #expect(metrics.map { $0["epoch"] as? Int } == [1, 2])
    for line in metrics {
      #expect(
        line.keys.sorted() == [
          "accuracy", "epoch", "learning_rate", "loss", "seconds", "sequences_per_second", "validation_accuracy",
          "validation_loss",
        ])
    }
    #expect(try sandbox.text("run/steps.svg").hasPrefix("<svg"))
  }

  /// The model file alone, in another folder, is enough; and the commands agree with each other.
  @Test func theModelLoadsAloneFromElsewhere() throws {
    expectQuietSuccess(try sandbox.unroll(["train", "bars", "--output", "run", "--quiet"] + quickly))
    let accuracy = try #require(object("run/summary.json")["test_accuracy"] as? Double)
    let before = try sandbox.contents("run")
    try sandbox.write(try sandbox.data("run/model.safetensors"), to: "else where/só.safetensors")
    let results = try ["run", "run/model.safetensors", "run/checkpoint.safetensors", "else where/só.safetensors"].map {
      try sandbox.unroll("steps", $0, "--json")
    }
    for result in results {
      expectQuietSuccess(result)
      #expect(result.output == results[0].output)
    }
    let steps = try #require(results[0].object()["steps"] as? [[String: Any]])
    #expect(steps.count == 8 && steps[7]["accuracy"] as? Double == accuracy)
    #expect(try #require(results[0].object()["steps_blank_front"] as? [[String: Any]]).count == 8)
    let evaluation = try sandbox.shell(#"cd / && "$UNROLL" evaluate "$HOME/run" --json"#)
    expectQuietSuccess(evaluation)
    #expect(try evaluation.object()["accuracy"] as? Double == accuracy)
    #expect(try sandbox.contents("run") == before, "written anew, the same")
  }

  /// A log for TensorBoard, which changes nothing else; a run that goes on begins another.
  @Test func eventFiles() throws {
    let arguments = ["train", "bars", "--quiet", "--validation", "20"] + quickly
    expectQuietSuccess(try sandbox.unroll(arguments + ["--output", "plain"]))
    expectQuietSuccess(try sandbox.unroll(arguments + ["--output", "logged", "--tensorboard"]))
    let added = try sandbox.names("logged").filter { try !sandbox.names("plain").contains($0) }
    #expect(added.count == 1 && added[0].wholeMatch(of: /events\.out\.tfevents\.\d+\..+/) != nil, "\(added)")
    for name in ["model.safetensors", "steps.csv"] {
      #expect(try sandbox.data("logged/\(name)") == sandbox.data("plain/\(name)"), "\(name)")
    }
    let log = try sandbox.data("logged/\(added[0])")
    for tag in ["loss/train", "accuracy/validation", "gates/layer_1/forget_gate", "accuracy_by_steps/blank_in_front"] {
      #expect(log.range(of: Data(tag.utf8)) != nil, "\(tag)")
    }
    expectQuietSuccess(try sandbox.unroll("train", "--resume", "logged", "--tensorboard", "--quiet"))
    #expect(try sandbox.names("logged").count { $0.hasPrefix("events.out.tfevents.") } == 2)
    #expect(try sandbox.data("logged/\(added[0])") == log)
  }

  @Test func modelsSideBySide() throws {
    for (run, objective) in [("every", "every"), ("last", "last")] {
      let arguments = ["train", "bars", "--output", run, "--quiet", "--objective", objective] + quickly
      expectQuietSuccess(try sandbox.unroll(arguments))
    }
    let alone = try sandbox.unroll("steps", "last", "--json").object()
    #expect((alone["others"] as? [Any])?.isEmpty == true)
    let shown = try sandbox.unroll("steps", "last").cells
    for (column, key) in [(1, "steps"), (5, "steps_blank_front")] {
      let accuracies = try #require(alone[key] as? [[String: Any]]).map { $0["accuracy"] as? Double ?? .nan }
      #expect(shown[2...9].map { $0[column] } == accuracies.map { String(format: "%.2f %%", 100 * $0) }, "\(key)")
    }
    let outcome = try sandbox.unroll("steps", "every", "--compare", "last", "--json")
    expectQuietSuccess(outcome)
    let others = try #require(outcome.object()["others"] as? [[String: Any]])
    #expect(others.map { $0["name"] as? String } == ["last"])
    #expect(others[0]["steps"] as? NSArray == alone["steps"] as? NSArray)
    let text = try sandbox.unroll("steps", "every", "--compare", "last").output
    #expect(text.split(separator: "\n")[0].hasSuffix("last"))
    #expect(try sandbox.text("every/steps.svg").contains(">last<"))
    let files = try sandbox.unroll(
      "steps", "last/model.safetensors", "--compare", "every/model.safetensors", "--compare",
      "every/../last/model.safetensors",
      "--compare", "every/checkpoint.safetensors", "--compare", "every/", "--json")
    expectQuietSuccess(files)
    let names = try #require(files.object()["others"] as? [[String: Any]]).map { $0["name"] as? String }
    #expect(names == ["every", "last", "checkpoint.safetensors", "every"])
    expect(try sandbox.unroll("steps", "every", "--compare", "none"), failsWith: 66, saying: "none")
    try Bars(side: 9).write(to: sandbox.file("nine"))
    expectQuietSuccess(try sandbox.unroll(["train", "nine", "--output", "longer", "--quiet", "--no-steps"] + quickly))
    expect(
      try sandbox.unroll("steps", "every", "--compare", "longer"), failsWith: 65,
      saying: "longer: a model that reads 9 steps cannot stand beside one that reads 8")
    expect(
      try sandbox.unroll("steps", "every", "--test", "x.ts"), failsWith: 64,
      saying: "--test x.ts: for series; this model reads images")
  }

  @Test func othersDataLeaveARunsFilesAlone() throws {
    expectQuietSuccess(try sandbox.unroll(["train", "bars", "--output", "run", "--quiet"] + quickly))
    let before = try sandbox.contents("run")
    try Bars(testCount: 30).write(to: sandbox.file("few"))
    let steps = try sandbox.unroll("steps", "run", "--data", "few")
    expectQuietSuccess(steps)
    #expect(try sandbox.contents("run") == before)
    try FileManager.default.removeItem(at: sandbox.file("run/steps.svg"))
    expectQuietSuccess(try sandbox.unroll("steps", "run"))
    #expect(try sandbox.contents("run") == before)
  }

  @Test func theSameSeedGivesTheSameFile() throws {
    func model(_ more: String...) throws -> Data {
      let name = UUID().uuidString
      let arguments = ["train", "bars", "--output", name, "--quiet", "--epochs", "2", "--hidden", "40"] + more
      expectQuietSuccess(try sandbox.unroll(arguments))
      return try sandbox.data("\(name)/model.safetensors")
    }
    let first = try model("--threads", "1")
    #expect(try model("--threads", "1") == first)
    #expect(try model("--threads", "3", "--seed", "1") == first)
    #expect(try model("--seed", "2") != first)
    #expect(try model("--recipe", "assignment") != first)
  }

  /// Two runs that begin at the same moment take different folders, and so does a third.
  @Test func defaultFoldersAreNeverShared() throws {
    let runs = try (0..<2).map { _ in try sandbox.start(["train", "bars", "--quiet"] + quickly) }
    for run in runs { expectQuietSuccess(try run.outcome()) }
    let third = try sandbox.unroll(["train", "./bars/", "--quiet"] + quickly)
    expectQuietSuccess(third)
    let names = try sandbox.names("runs")
    let first = try #require(names.first)
    #expect(first.wholeMatch(of: /\d{4}-\d\d-\d\d-bars/) != nil)
    #expect(names == [first, first + "-2", first + "-3"])
    #expect(third.output.contains("everything is in runs/\(first)-3\n"))
    for name in names { #expect(try sandbox.names("runs/\(name)").count == 8) }
  }

  private func object(_ path: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: sandbox.data(path)) as? [String: Any])
  }
}

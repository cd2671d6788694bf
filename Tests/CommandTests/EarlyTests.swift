import Foundation
import Testing
import Unroll

@Suite("Stopping early")
struct EarlyTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
    let trained = try sandbox.unroll(
      "train", "bars", "--output", "run", "--quiet", "--epochs", "20", "--hidden", "16", "--batch-size", "20",
      "--objective", "every", "--validation", "60", "--seed", "3")
    expectQuietSuccess(trained)
  }

  @Test func theModelKnowsWhatWasSetApart() throws {
    let model = try TrainedModel(contentsOf: sandbox.file("run/model.safetensors"))
    #expect(model.validation == ValidationSplit(count: 60, of: 240, seed: 3))
    let temperatures = try #require(model.temperatures)
    #expect(temperatures.count == 8 && Set(temperatures).count > 1, "\(temperatures)")
    let images = try DatasetStore().load(sandbox.file("bars").path).train
    let data = SequenceData(images, try #require(model.input.images), on: .cpu)
    let rows = ValidationSplit(count: 60, of: 240, seed: 3).rows(labels: []).validation
    let expected = model.classifier.answersAfterEveryStep(data, rows: rows).temperatures()
    #expect(zip(temperatures, expected).allSatisfy { abs($0 / $1 - 1) < 1e-3 })
    expectQuietSuccess(
      try sandbox.unroll(["train", "bars", "--output", "all", "--quiet", "--validation", "0"] + quickly))
    let all = try TrainedModel(contentsOf: sandbox.file("all/model.safetensors"))
    #expect(all.validation == nil && all.temperatures == nil)
  }

  @Test func jsonHasTheContractsKeys() throws {
    let outcome = try sandbox.unroll("early", "run", "--json")
    expectQuietSuccess(outcome)
    #expect(outcome.output.split(separator: "\n").count == 1)
    let report = try outcome.object()
    #expect(
      report.keys.sorted() == [
        "calibration", "chosen", "everything", "fixed", "oracle", "rules", "schema", "steps_read", "target_accuracy",
      ])
    let calibration = try #require(report["calibration"] as? [[String: Any]])
    #expect(calibration.compactMap { $0["step"] as? Int } == Array(1...8))
    #expect(
      calibration[0].keys.sorted() == [
        "cross_entropy_after", "cross_entropy_before", "ece_after", "ece_before", "step", "temperature",
      ])
    // It is told on the test set.
    let model = try TrainedModel(contentsOf: sandbox.file("run/model.safetensors"))
    let test = SequenceData(
      try DatasetStore().load(sandbox.file("bars").path).test, try #require(model.input.images), on: .cpu)
    let expected = model.classifier.answersAfterEveryStep(test)
      .calibration(temperatures: try #require(model.temperatures))
    for (row, step) in zip(calibration, expected) {
      for (key, value) in [
        ("ece_before", step.errorBefore), ("ece_after", step.errorAfter),
        ("cross_entropy_before", step.crossEntropyBefore), ("cross_entropy_after", step.crossEntropyAfter),
      ] { #expect(abs(try #require(row[key] as? Double) - value) < 1e-6, "\(key) of step \(step.step)") }
    }
    let rules = try #require(report["rules"] as? [[String: Any]])
    #expect(rules.compactMap { $0["name"] as? String } == ["confidence", "margin", "patience", "learned"])
    let target = try #require(report["target_accuracy"] as? Double)
    let everything = try #require(report["everything"] as? [String: [String: Double]])
    let onValidation = try #require(everything["validation"]?["accuracy"])
    #expect(abs(target - (onValidation - 0.005)) < 1e-12)
    let evaluation = try sandbox.unroll("evaluate", "run", "--json").object()
    let accuracy = try #require(evaluation["accuracy"] as? Double)
    #expect(everything["test"]?["accuracy"] == accuracy)
    var earliness: [Double] = []
    for rule in rules {
      #expect(rule.keys.sorted() == ["area", "name", "rule", "test", "validation"])
      let validation = try #require(rule["validation"] as? [String: Double])
      #expect(validation.keys.sorted() == ["accuracy", "earliness", "harmonic_mean", "threshold"])
      #expect(try #require(validation["accuracy"]) >= target)
      earliness.append(try #require(validation["earliness"]))
    }
    let chosen = try #require(report["chosen"] as? [String: Any])
    let least = try #require(earliness.min())
    #expect((chosen["validation"] as? [String: Double])?["earliness"] == least)
    let stops = try #require(report["steps_read"] as? [Int])
    let mean = Double(zip(1...8, stops).reduce(0) { $0 + $1.0 * $1.1 }) / (90 * 8)
    #expect(stops.count == 8 && stops.reduce(0, +) == 90)
    #expect(abs(try #require((chosen["test"] as? [String: Double])?["earliness"]) - mean) < 1e-12)
  }

  @Test func aRunFolderGetsTheFiles() throws {
    let before = try sandbox.contents("run")
    let outcome = try sandbox.unroll("early", "run")
    expectQuietSuccess(outcome)
    for text in [
      "temperature", "confidence", "oracle", "Chosen: ", "60 sequences set apart", "█", "Accuracy by how much",
    ] {
      #expect(outcome.output.contains(text), "\(text)")
    }
    let widest = outcome.output.split(separator: "\n").map(\.count).max() ?? 0
    #expect(widest <= 100)
    let after = try sandbox.contents("run")
    #expect(Set(after.keys) == Set(before.keys).union(["calibration.csv", "early.csv", "early.svg"]))
    for (name, data) in before { #expect(after[name] == data, "\(name)") }
    #expect(try sandbox.text("run/early.svg").hasPrefix("<svg"))
    let calibration = try sandbox.text("run/calibration.csv").split(separator: "\n")
    #expect(calibration.count == 9)
    #expect(calibration[0] == "step,temperature,ece_before,ece_after,cross_entropy_before,cross_entropy_after")
    let early = try sandbox.text("run/early.csv").split(separator: "\n")
    #expect(early[0] == "split,rule,threshold,accuracy,earliness,harmonic_mean")
    for rule in ["confidence", "margin", "patience", "learned", "fixed", "oracle"] {
      let validation = early.count { $0.hasPrefix("validation,\(rule),") }
      #expect(validation >= 8 && validation == early.count { $0.hasPrefix("test,\(rule),") }, "\(rule)")
    }
    // A model alone leaves nothing, and says the same; so does other data.
    try sandbox.write(try sandbox.data("run/model.safetensors"), to: "alone/model.st")
    #expect(try sandbox.unroll("early", "alone/model.st").output == outcome.output)
    #expect(try sandbox.names("alone") == ["model.st"])
    try Bars(testCount: 30).write(to: sandbox.file("few"))
    expectQuietSuccess(try sandbox.unroll("early", "run", "--data", "few", "--rule", "patience"))
    #expect(try sandbox.contents("run") == after)
  }

  @Test func theTablesSayWhatTheJSONSays() throws {
    let shown = try sandbox.unroll("early", "run"), report = try sandbox.unroll("early", "run", "--json").object()
    func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }
    func test(_ entry: Any?, _ key: String) throws -> Double {
      let points = try #require(entry as? [String: Any])
      return try #require((points["test"] as? [String: Any])?[key] as? Double)
    }
    for rule in try #require(report["rules"] as? [[String: Any]]) {
      let row = try #require(shown.cells.first { $0[0] == rule["name"] as? String })
      let (accuracy, earliness) = (try test(rule, "accuracy"), try test(rule, "earliness"))
      #expect(row[2...4] == [percent(accuracy), String(format: "%.2f", 8 * earliness), percent(earliness)])
    }
    let loss = try test(report["everything"], "accuracy") - test(report["chosen"], "accuracy")
    let sentence =
      "\n\(String(format: "%.2f", 100 * abs(loss))) points \(loss < 0 ? "more" : "less") than after all of them"
    #expect(shown.output.contains(sentence), "\(sentence)")
    #expect(
      shown.cells.contains { $0.count > 2 && $0[0] == "8" && $0.last == "100.00 %" }, "at the end all have stopped")
  }

  @Test func oneRuleAndATargetOfOnesOwn() throws {
    let report = try sandbox.unroll("early", "run", "--rule", "patience", "--target-accuracy", "0.5", "--json").object()
    #expect(report["target_accuracy"] as? Double == 0.5)
    #expect((report["rules"] as? [[String: Any]])?.count == 1)
    let rule = try #require((report["chosen"] as? [String: Any])?["rule"] as? [String: Any])
    #expect(rule["rule"] as? String == "patience" && rule.keys.sorted() == ["rule", "threshold"])
    // The labels of the test set's twin make every answer wrong.
    try Bars(trainClasses: 1, testClasses: 1).write(to: sandbox.file("wrong"))
    let outcome = try sandbox.unroll("early", "run", "--data", "wrong", "--target-accuracy", "1")
    expect(outcome, failsWith: 64, saying: "--target-accuracy 1.0", "60 sequences set apart", "at best")
    let best = try #require(outcome.errors.firstMatch(of: /at best it is ([0-9.]+) %/)).1
    #expect((1..<100).contains(try #require(Double(best))), "some answers are that class")
  }

  @Test func modelsAndDataThatDoNotServe() throws {
    expectQuietSuccess(
      try sandbox.unroll(["train", "bars", "--output", "all", "--quiet", "--validation", "0"] + quickly))
    let before = try sandbox.contents("all")
    expect(
      try sandbox.unroll("early", "all"), failsWith: 65, saying: "all: no sequences were set apart", "--validation N")
    #expect(try sandbox.contents("all") == before)
    try Bars(trainCount: 60).write(to: sandbox.file("few"))
    expect(
      try sandbox.unroll("early", "run", "--data", "few"), failsWith: 65, saying: "60 training images",
      "60 set apart of 240")
    // Enough of them, and yet other rows would have been drawn.
    try Bars(trainCount: 241).write(to: sandbox.file("more"))
    expect(
      try sandbox.unroll("early", "run", "--data", "more"), failsWith: 65, saying: "241 training images", "apart of 240"
    )
    try Bars(side: 9).write(to: sandbox.file("nine"))
    expect(try sandbox.unroll("early", "run", "--data", "nine"), failsWith: 65, saying: "9×9", "8×8")
    try FileManager.default.removeItem(at: sandbox.file("bars/train-labels-idx1-ubyte"))
    expect(try sandbox.unroll("early", "run"), failsWith: 66, saying: "train-labels")
    try FileManager.default.removeItem(at: sandbox.file("bars"))
    expect(try sandbox.unroll("early", "run"), failsWith: 66, saying: "--data")
  }

  /// A checkpoint knows what was set apart, and its temperatures are found on the way.
  @Test func aCheckpointServesToo() throws {
    let model = try sandbox.unroll("early", "run/model.safetensors", "--json").object()
    let checkpoint = try sandbox.unroll("early", "run/checkpoint.safetensors", "--json").object()
    let stops = try #require(model["steps_read"] as? [Int])
    #expect(stops.count == 8 && checkpoint["steps_read"] as? [Int] == stops)
  }

  @Test func predictionsAreCalibrated() throws {
    let model = try TrainedModel(contentsOf: sandbox.file("run/model.safetensors"))
    let outcome = try sandbox.unroll("predict", "run", "4", "--json")
    let predictions = try outcome.predictions()
    let beliefs = try #require(predictions[0]["beliefs"] as? [[String: Any]]).map { $0["probabilities"] as? [Double] }
    let images = try DatasetStore().load(sandbox.file("bars").path).test
    let answers = model.classifier.answersAfterEveryStep(
      SequenceData(images, try #require(model.input.images), on: .cpu), rows: [4])
    for (temperatures, isSame) in [(model.temperatures, true), (nil, false)] {
      let expected = answers.probabilities(temperatures: temperatures)
      let differences = beliefs.enumerated().flatMap { step, belief in
        zip(belief ?? [], expected[step * 3..<step * 3 + 3]).map { abs($0 - Double($1)) }
      }
      #expect(differences.count == 24 && ((differences.max() ?? 1) < 1e-5) == isSame)
    }
  }
}

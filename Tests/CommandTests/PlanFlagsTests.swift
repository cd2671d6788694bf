import Foundation
import Testing
import Unroll

/// What the flags of `unroll train` do to the plan.
@Suite("Flags and the plan")
struct PlanFlagsTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
  }

  /// Each flag with a value that no other has, and where it stands in `config.json`.
  private static let flags: [(flag: String, value: String, path: [String], other: String)] = [
    ("--epochs", "1", ["epochs"], "3"), ("--batch-size", "51", ["batch_size"], "52"),
    ("--hidden", "9", ["hidden_size"], "10"), ("--layers", "2", ["layers"], "1"),
    ("--learning-rate", "0.005", ["learning_rate"], "0.004"), ("--label-smoothing", "0.06", ["label_smoothing"], "0"),
    ("--dropout", "0.07", ["dropout"], "0.08"), ("--recurrent-dropout", "0.09", ["recurrent_dropout"], "0"),
    ("--weight-decay", "0.11", ["weight_decay"], "0.01"), ("--shift", "0.12", ["distortion", "shift"], "0.13"),
    ("--rotation", "14", ["distortion", "rotation"], "0"), ("--slant", "15", ["distortion", "slant"], "16"),
    ("--scaling", "0.17", ["distortion", "scaling"], "0.18"), ("--bending", "0.19", ["distortion", "bending"], "0.2"),
    ("--vertical", "0.21", ["distortion", "vertical"], "1"), ("--blank-front", "3", ["blank_front"], "0"),
    ("--average-weights", "0.22", ["weight_averaging"], "0"), ("--validation", "23", ["validation_count"], "0"),
    ("--seed", "24", ["seed"], "25"), ("--remember", "26", ["remembered_steps"], "0"),
  ]

  @Test func everyFlagReachesItsPlaceAndIsHeldToByAResumedRun() throws {
    let arguments =
      ["train", "bars", "--output", "run", "--quiet", "--threads", "1", "--optimizer", "adamw"]
      + Self.flags.flatMap { [$0.flag, $0.value] }
    expectQuietSuccess(try sandbox.unroll(arguments))
    let configuration = try JSONSerialization.jsonObject(with: sandbox.data("run/config.json"))
    for (flag, value, path, _) in Self.flags {
      let found = (["plan"] + path).reduce(configuration) { ($0 as? [String: Any])?[$1] as Any }
      #expect((found as? Double).map { abs($0 - (Double(value) ?? .nan)) < 1e-6 } == true, "\(flag): \(found)")
    }
    expectQuietSuccess(
      try sandbox.unroll(["train", "--resume", "run", "--quiet"] + Self.flags.flatMap { [$0.flag, $0.value] }))
    for (flag, _, _, other) in Self.flags {
      let outcome = try sandbox.unroll("train", "--resume", "run", "--quiet", flag, other)
      expect(outcome, failsWith: 64, saying: "\(flag) ", "contradicts the run")
    }
  }

  /// The same for choices by name.
  @Test func everyNameReachesItsPlaceAndIsHeldToByAResumedRun() throws {
    let flags = [
      ("--recipe", "thorough", "recipe", "modern"), ("--cell", "gru", "cell", "rnn"),
      ("--optimizer", "nesterov", "optimizer", "adam"), ("--schedule", "cosine", "schedule", "constant"),
      ("--objective", "weighted", "objective", "last"), ("--step-weights", "1-3:0.5,8", "step_weights", "1-3,8"),
      ("--class-weights", "balanced", "class_weights", "even"),
    ]
    let chosen = flags.flatMap { [$0.0, $0.1] }
    expectQuietSuccess(
      try sandbox.unroll(["train", "bars", "--output", "run", "--quiet", "--no-steps"] + quickly + chosen))
    let configuration = try JSONSerialization.jsonObject(with: sandbox.data("run/config.json")) as? [String: Any]
    let plan = try #require(configuration?["plan"] as? [String: Any])
    for (flag, value, key, other) in flags {
      #expect(plan[key] as? String == value, "\(flag)")
      let outcome = try sandbox.unroll("train", "--resume", "run", "--quiet", flag, other)
      expect(outcome, failsWith: 64, saying: "\(flag) \(other) contradicts the run, which began with \(value)")
    }
    expectQuietSuccess(try sandbox.unroll(["train", "--resume", "run", "--quiet", "--no-steps"] + chosen))
  }

  @Test func yesAndNoAreSentences() throws {
    expectQuietSuccess(try sandbox.unroll(["train", "bars", "--output", "run", "--quiet"] + quickly))
    let outcome = try sandbox.unroll("train", "--resume", "run", "--bidirectional")
    expect(outcome, failsWith: 64, saying: "--bidirectional contradicts the run, which began without it; leave it out")
  }

  /// A bidirectional network would begin again for each number of steps.
  @Test func hundredsOfStepsBothWays() throws {
    try Bars(side: 11, trainCount: 60, testCount: 9).write(to: sandbox.file("larger"))
    let arguments = ["train", "larger", "--view", "pixels", "--bidirectional", "--output", "run", "--epochs", "1"]
    let outcome = try sandbox.unroll(arguments + ["--hidden", "4"])
    #expect(
      outcome.status == 0 && outcome.errors.contains("unroll: note: a bidirectional network"), "\(outcome.errors)")
    #expect(try !sandbox.names("run").contains("steps.csv"))
    #expect(try TrainedModel(contentsOf: sandbox.file("run/model.safetensors")).temperatures == nil)
    let prediction = try sandbox.unroll("predict", "run", "0")
    expectQuietSuccess(prediction)
    #expect(prediction.output.split(separator: "\n").count == 3 + 28)
  }

  /// A plan says nothing of what is not done.
  @Test func zeroIsNone() throws {
    let flags = ["--dropout", "--shift", "--slant", "--bending", "--blank-front", "--average-weights"]
    let arguments =
      ["train", "bars", "--recipe", "thorough", "--output", "run", "--quiet", "--rotation", "0", "--scaling", "0"]
      + ["--vertical", "1"] + quickly + flags.flatMap { [$0, "0"] }
    expectQuietSuccess(try sandbox.unroll(arguments))
    let configuration = try JSONSerialization.jsonObject(with: sandbox.data("run/config.json")) as? [String: Any]
    let plan = try #require(configuration?["plan"] as? [String: Any])
    #expect(plan["recipe"] as? String == "thorough" && plan["validation_count"] as? Int == 20)
    for key in ["dropout", "distortion", "blank_front", "weight_averaging"] { #expect(plan[key] == nil, "\(key)") }
  }

  @Test func atMost5000ImagesAreSetApart() throws {
    try Bars(side: 1, trainCount: 60_012, testCount: 3).write(to: sandbox.file("many"))
    let sizes = ["--epochs", "1", "--hidden", "1", "--batch-size", "1000000"]
    expectQuietSuccess(try sandbox.unroll(["train", "many", "--output", "run", "--quiet", "--no-steps"] + sizes))
    #expect(try sandbox.text("run/config.json").contains("\"validation_count\" : 5000"))
  }

  @Test(arguments: [("adam", false), ("adamw", true)])
  func onlyAdamWHasADecay(optimizer: String, hasDecay: Bool) throws {
    let arguments = ["train", "bars", "--optimizer", optimizer, "--output", "run", "--quiet"] + quickly
    expectQuietSuccess(try sandbox.unroll(arguments))
    #expect(try sandbox.text("run/config.json").contains("weight_decay") == hasDecay)
  }

  /// Where sequences are long, gates are set to remember, unless that is not wanted, and the learning rate is lower, as it
  /// is for plain cells.
  @Test(
    arguments: [
      (11, "rows", [], nil, 0.01), (11, "pixels", [], 121, 0.004), (10, "pixels", [], nil, 0.01),
      (11, "pixels", ["--remember", "0"], nil, 0.004), (11, "pixels", ["--cell", "rnn"], nil, 0.004),
      (11, "rows", ["--cell", "rnn"], nil, 0.004), (11, "pixels", ["--recipe", "assignment"], nil, 0.001),
    ] as [(Int, String, [String], Int?, Double)])
  func longSequencesAndPlainCells(
    side: Int, view: String, flags: [String], remembered: Int?, learningRate: Double
  ) throws {
    try Bars(side: side).write(to: sandbox.file("larger"))
    expectQuietSuccess(
      try sandbox.unroll(["train", "larger", "--view", view, "--output", "run", "--quiet"] + flags + quickly))
    let configuration = try JSONSerialization.jsonObject(with: sandbox.data("run/config.json")) as? [String: Any]
    let plan = try #require(configuration?["plan"] as? [String: Any])
    #expect(plan["remembered_steps"] as? Int == remembered)
    #expect(try abs(#require(plan["learning_rate"] as? Double) - learningRate) < 1e-8)
  }

  /// The model is the average; training goes on from the last weights.
  @Test func theAverageIsTheModel() throws {
    expectQuietSuccess(
      try sandbox.unroll(["train", "bars", "--average-weights", "0.99", "--output", "run", "--quiet"] + quickly))
    let model = try TrainedModel(contentsOf: sandbox.file("run/model.safetensors")).classifier
    let (checkpoint, last) = try Checkpoint.load(from: sandbox.file("run/checkpoint.safetensors"), on: .cpu)
    #expect(model.head.weight.floats == checkpoint.optimizer.tensors["average.head.weight"]?.floats)
    #expect(model.head.weight.floats != last.classifier.head.weight.floats)
  }
}

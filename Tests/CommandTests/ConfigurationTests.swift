import Foundation
import Testing

/// `--config`: what a run wrote of itself, or somebody by hand.
@Suite("Configuration files")
struct ConfigurationTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
  }

  /// With choices that are off where the recipe has them on, and a view and data set that are not the usual ones.
  /// A pipe that nobody writes to would be waited for.
  @Test func aPipeIsNoFile() throws {
    #expect(mkfifo(sandbox.file("pipe").path, 0o600) == 0)
    expect(try sandbox.unroll("train", "bars", "--config", "pipe"), failsWith: 66, saying: "pipe", "not a regular file")
  }

  @Test func aRunIsRepeatedBitByBit() throws {
    let choices = [
      "--recipe", "thorough", "--dropout", "0", "--average-weights", "0", "--view", "columns", "--seed",
      "18446744073709551615", "--cell", "gru", "--label-smoothing", "0.06", "--rotation", "7", "--validation", "23",
    ]
    expectQuietSuccess(try sandbox.unroll(["train", "bars", "--output", "first", "--quiet"] + choices + quickly))
    let again = try sandbox.unroll("train", "--config", "first/config.json", "--output", "again", "--quiet")
    expectQuietSuccess(again)
    for name in ["model.safetensors", "steps.csv", "steps-blank-front.csv"] {
      #expect(try sandbox.data("again/\(name)") == sandbox.data("first/\(name)"), "\(name)")
    }
    let (first, second) = (try object("first/config.json"), try object("again/config.json"))
    for key in ["dataset", "view", "plan"] { #expect(first[key] as? NSObject == second[key] as? NSObject, "\(key)") }
  }

  @Test func flagsCountMoreThanTheFile() throws {
    expectQuietSuccess(try sandbox.unroll(["train", "bars", "--output", "first", "--quiet"] + quickly))
    try Bars(trainCount: 60).write(to: sandbox.file("few"))
    let arguments = ["train", "few", "--config", "first/config.json", "--view", "columns", "--epochs", "1"]
    expectQuietSuccess(try sandbox.unroll(arguments + ["--cell", "rnn", "--output", "other", "--quiet"]))
    let configuration = try object("other/config.json"), plan = try #require(configuration["plan"] as? [String: Any])
    #expect((configuration["dataset"] as? String)?.hasSuffix("/few") == true)
    #expect(configuration["view"] as? String == "columns")
    #expect(plan["epochs"] as? Int == 1 && plan["cell"] as? String == "rnn")
    #expect(plan["hidden_size"] as? Int == 8 && plan["batch_size"] as? Int == 50, "as the first run")
  }

  /// A few keys by hand; the rest follows the recipe, that of the file too.
  @Test func aFileOfAFewKeys() throws {
    try write(
      """
      {"dataset": "bars", "plan": {"recipe": "thorough", "epochs": 1, "hidden_size": 8, "batch_size": 50, "dropout": 0,
      "distortion": {"shift": 2}, "max_gradient_norm": 3, "weight_averaging": null, "bidirectional": true}}
      """)
    expectQuietSuccess(try sandbox.unroll("train", "--config", "own.json", "--output", "run", "--quiet", "--no-steps"))
    let plan = try #require(try object("run/config.json")["plan"] as? [String: Any])
    let distortion = try #require(plan["distortion"] as? [String: Double])
    #expect(abs(distortion["shift"]! - 2) < 1e-6 && distortion["rotation"] == 3 && distortion["slant"] == 10)
    #expect(plan["epochs"] as? Int == 1 && plan["validation_count"] as? Int == 20)
    #expect(plan["objective"] as? String == "random-prefix", "as --bidirectional has it")
    #expect(plan["max_gradient_norm"] as? Int == 3)
    for key in ["dropout", "weight_averaging"] { #expect(plan[key] == nil, "\(key)") }

    // By flags the same.
    let flags = [
      "train", "bars", "--recipe", "thorough", "--epochs", "1", "--hidden", "8", "--batch-size", "50", "--dropout", "0",
      "--shift", "2", "--average-weights", "0", "--bidirectional", "--output", "flags", "--quiet", "--no-steps",
    ]
    expectQuietSuccess(try sandbox.unroll(flags))
    var other = try #require(try object("flags/config.json")["plan"] as? [String: Any])
    other["max_gradient_norm"] = 3
    #expect(plan as NSDictionary == other as NSDictionary)
  }

  private static let flaws: [(text: String, fragments: [String])] = [
    ("", ["own.json: not JSON"]), ("{\"plan\" {}}", ["own.json: not JSON: ", "character 8"]),
    ("[1]", ["found [1]", "expected an object"]),
    ("{\"plans\": {}}", ["plans: there is no such key", "mean plan?"]),
    ("{\"plan\": 5}", ["plan: found 5; expected an object with batch_size, "]),
    ("{\"plan\": {\"epoch\": 1}}", ["plan.epoch: there is no such key; did you mean epochs?"]),
    ("{\"plan\": {\"zzzzzzzz\": 1}}", ["plan.zzzzzzzz: there is no such key; expected one of batch_size, "]),
    ("{\"plan\": {\"epochs\": \"ten\"}}", ["plan.epochs: found \"ten\"; expected a whole number from 1 to 100000"]),
    ("{\"plan\": {\"epochs\": 1.5}}", ["plan.epochs: found 1.5; expected a whole number"]),
    ("{\"plan\": {\"epochs\": 0}}", ["plan.epochs: found 0; expected a whole number from 1 to 100000"]),
    ("{\"plan\": {\"epochs\": null}}", ["plan.epochs: found null; expected a whole number"]),
    ("{\"plan\": {\"epochs\": [1]}}", ["plan.epochs: found [1]; expected a whole number"]),
    ("{\"plan\": {\"seed\": -1}}", ["plan.seed: found -1; expected a whole number"]),
    ("{\"plan\": {\"cell\": \"lsmt\"}}", ["plan.cell: found \"lsmt\"; expected one of lstm, ", "did you mean lstm?"]),
    ("{\"plan\": {\"cell\": 1}}", ["plan.cell: found 1; expected one of lstm, "]),
    ("{\"plan\": {\"bidirectional\": 1}}", ["plan.bidirectional: found 1; expected true or false"]),
    ("{\"plan\": {\"learning_rate\": 0}}", ["plan.learning_rate: found 0", "above 0 and at most 1000"]),
    ("{\"plan\": {\"dropout\": 1}}", ["plan.dropout: found 1", "expected a number from 0 to below 1"]),
    ("{\"plan\": {\"remembered_steps\": 2}}", ["plan.remembered_steps: found 2", "0, or from 3 to 1000000"]),
    ("{\"plan\": {\"max_gradient_norm\": 0}}", ["plan.max_gradient_norm: found 0", "above 0"]),
    ("{\"plan\": {\"distortion\": 1}}", ["plan.distortion: found 1; expected an object with shift, "]),
    (
      "{\"plan\": {\"distortion\": {\"shft\": 1}}}", ["plan.distortion.shft: there is no such key; did you mean shift?"]
    ),
    ("{\"plan\": {\"distortion\": {\"slant\": 81}}}", ["plan.distortion.slant: found 81", "from 0 to 80"]),
    ("{\"plan\": {\"step_weights\": \"late\"}}", ["plan.step_weights: found \"late\"; needs objective weighted"]),
    ("{\"plan\": {\"step_weights\": \"7-\"}}", ["plan.step_weights: found \"7-\"; expected linear, ", "such as 7-28"]),
    (
      "{\"plan\": {\"weight_decay\": 0.5, \"optimizer\": \"adam\"}}",
      ["plan.weight_decay: found 0.5; needs optimizer adamw"]
    ),
    (
      "{\"plan\": {\"remembered_steps\": 9, \"cell\": \"rnn\"}}",
      ["plan.remembered_steps: found 9; needs a cell with gates, which rnn has not"]
    ),
    ("{\"dataset\": 5}", ["dataset: found 5; expected a text"]),
    ("{\"view\": \"row\"}", ["view: found \"row\"; expected one of rows, ", "did you mean rows?"]),
    ("{\"memory\": {}}", ["holds a memory, which unroll memory --config reads"]),
    ("{\"version\": \"0.1.0\", \"plan\": {\"epochs\": 1}}", ["plan.", "not there", "with a version"]),
  ]

  @Test(arguments: flaws.indices)
  func whatIsWrongIsToldByItsPlace(index: Int) throws {
    let (text, fragments) = Self.flaws[index]
    try write(text)
    let outcome = try sandbox.unroll("train", "bars", "--config", "own.json", "--quiet")
    expect(outcome, failsWith: 65, saying: "own.json: ")
    for fragment in fragments { #expect(outcome.errors.contains(fragment), "\(outcome.errors)") }
    #expect(try sandbox.names() == ["bars", "own.json"], "nothing is left behind")
  }

  @Test func wrongUsage() throws {
    func outcome(_ arguments: String...) throws -> Outcome {
      try sandbox.unroll(["train", "bars", "--quiet"] + arguments)
    }
    expect(try outcome("--config", "none.json"), failsWith: 66, saying: "none.json")
    expect(try outcome("--config", "bars"), failsWith: 66, saying: "bars")
    expect(try outcome("--config="), failsWith: 64, saying: "--config")
    expect(try outcome("--config", "a", "--resume", "b"), failsWith: 64, saying: "--config and --resume")
    // What a flag needs may stand in the file, or be missing there.
    try write("{\"plan\": {\"objective\": \"weighted\", \"epochs\": 1, \"hidden_size\": 8}}")
    expect(
      try outcome("--config", "own.json", "--weight-decay", "0.1", "--optimizer", "sgd"), failsWith: 64, saying: "adamw"
    )
    let quick = ["train", "bars", "--quiet", "--no-steps", "--output", "run"]
    expectQuietSuccess(try sandbox.unroll(quick + ["--config", "own.json", "--step-weights", "late"]))
    #expect(try #require(object("run/config.json")["plan"] as? [String: Any])["step_weights"] as? String == "late")
  }

  /// Flags count more than the file, and what they leave no use for goes without a word.
  @Test func aFlagMakesAKeyUseless() throws {
    try write("{\"plan\": {\"objective\": \"weighted\", \"step_weights\": \"late\", \"weight_decay\": 0}}")
    let quick = ["train", "bars", "--config", "own.json", "--output", "run", "--quiet", "--no-steps", "--epochs", "1"]
    expectQuietSuccess(try sandbox.unroll(quick + ["--objective", "every", "--optimizer", "adam", "--hidden", "8"]))
    let plan = try #require(object("run/config.json")["plan"] as? [String: Any])
    #expect(plan["step_weights"] == nil && plan["weight_decay"] == nil)
  }

  @Test func aMemoryStudyIsRepeated() throws {
    let small = [
      "--tasks", "adding", "--cells", "gru", "--lengths", "10,12", "--learning-rates", "0.01", "--seeds", "1",
      "--hidden",
      "8", "--batch-size", "8", "--updates", "100", "--no-chrono", "--threads", "1", "--quiet",
    ]
    expectQuietSuccess(try sandbox.unroll(["memory", "--output", "first"] + small))
    expectQuietSuccess(
      try sandbox.unroll("memory", "--config", "first/config.json", "--threads", "1", "--quiet", "--output", "again"))
    #expect(try sandbox.data("again/memory.csv") == sandbox.data("first/memory.csv"))
    #expect(
      try object("again/config.json")["memory"] as? NSObject == object("first/config.json")["memory"] as? NSObject)

    func refused(_ text: String, _ fragment: String) throws {
      try write(text)
      expect(try sandbox.unroll("memory", "--config", "own.json"), failsWith: 65, saying: "own.json: memory", fragment)
    }
    try refused("{\"memory\": {\"cels\": []}}", "did you mean cells?")
    try refused("{\"memory\": {\"cells\": []}}", "expected a list of different ones of lstm")
    try refused("{\"memory\": {\"cells\": [\"lstm\", \"lsmt\"]}}", "found [\"lstm\", \"lsmt\"]; expected a list of")
    try refused("{\"memory\": {\"lengths\": [9]}}", "each from 10 to 100000")
    try refused("{\"memory\": {\"seeds\": 0}}", "from 1 to 1000")
    try write("{\"memory\": {\"lengths\": [12, 10], \"gradient_length\": 11}}")
    expect(try sandbox.unroll("memory", "--config", "own.json"), failsWith: 64, saying: "11", "10,12")
  }

  @Test func aCeilingIsRepeated() throws {
    let small = ["--steps", "4", "--learning-rates", "0.01,0.02", "--validation", "60", "--quiet"] + quickly
    expectQuietSuccess(try sandbox.unroll(["ceiling", "bars", "--output", "first"] + small))
    expectQuietSuccess(
      try sandbox.unroll("ceiling", "--config", "first/config.json", "--threads", "1", "--quiet", "--output", "again"))
    #expect(try sandbox.data("again/ceiling.csv") == sandbox.data("first/ceiling.csv"))
    #expect(try object("again/config.json")["study"] as? NSObject == object("first/config.json")["study"] as? NSObject)
    func refused(_ text: String, _ status: Int32, _ fragment: String) throws {
      try write(text)
      expect(
        try sandbox.unroll("ceiling", "bars", "--config", "own.json", "--quiet"), failsWith: status, saying: "own.json",
        fragment)
    }
    try refused(
      "{\"study\": {\"steps\": [9]}}", 65, "study.steps: found [9]; expected a list of whole numbers, each from 1 to 8")
    try refused("{\"study\": {\"plan\": {\"epochs\": 0}}}", 65, "study.plan.epochs: found 0")
    try refused("{\"study\": {\"learning_rates\": [0]}}", 65, "study.learning_rates")
    try refused("{\"view\": \"pixels\"}", 64, "row by row")
    try refused("{\"plan\": {}}", 65, "holds a plan, which unroll train --config reads")
  }

  private func write(_ text: String) throws { try sandbox.write(Data(text.utf8), to: "own.json") }

  private func object(_ path: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: sandbox.data(path)) as? [String: Any])
  }
}

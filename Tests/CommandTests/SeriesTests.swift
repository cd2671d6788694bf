import Foundation
import Testing
import Unroll

/// One's own series, from a file to an answer.
@Suite("Series of one's own")
struct SeriesTests {
  private let sandbox: Sandbox
  private static let flags = [
    "--epochs", "30", "--hidden", "8", "--threads", "1", "--learning-rate", "0.02", "--quiet",
  ]

  init() throws { sandbox = try Sandbox() }

  /// Series that rise or fall, of 4 to 7 steps by default, in the format of the UCR archive.
  private func ts(_ count: Int, from first: Int = 0, length shortest: Int = 4) -> String {
    let rows = (first..<first + count).map { index in
      let length = shortest + index % 4, slope = index % 2 == 0 ? 1.0 : -1.0
      let steps = (0..<length).map { String(slope * Double($0) + Double(index % 5)) }
      return steps.joined(separator: ",") + (index % 2 == 0 ? ":rises" : ":falls")
    }
    return """
      @problemName slopes
      @univariate true
      @equalLength false
      @classLabel true rises falls
      @data
      \(rows.joined(separator: "\n"))

      """
  }

  private func write(_ text: String, to path: String) throws { try sandbox.write(Data(text.utf8), to: path) }

  private func trainSlopes() throws {
    try write(ts(60), to: "slopes/S_TRAIN.ts")
    try write(ts(40, from: 100), to: "slopes/S_TEST.ts")
    expectQuietSuccess(try sandbox.unroll(["train", "slopes", "--output", "run"] + Self.flags + ["--json"]))
  }

  @Test func fromAFileToAnAnswer() throws {
    try trainSlopes()
    let names = try sandbox.names("run")
    #expect(names.contains("steps.csv") && !names.contains("steps-blank-front.csv"))
    #expect(try sandbox.text("run/steps.csv").split(separator: "\n").count == 8)
    let evaluation = try sandbox.unroll("evaluate", "run", "--json").object()
    #expect(evaluation["count"] as? Int == 40 && evaluation["accuracy"] as? Double ?? 0 > 0.9)
    let classes = try #require(evaluation["classes"] as? [[String: Any]])
    #expect(classes.map { $0["name"] as? String } == ["rises", "falls"])
    let steps = try #require(try sandbox.unroll("steps", "run", "--json").object()["steps"] as? [[String: Any]])
    #expect(steps.count == 7 && steps[6]["accuracy"] as? Double == evaluation["accuracy"] as? Double)
    expectQuietSuccess(try sandbox.unroll("early", "run"))
    #expect(try sandbox.names("run").contains("early.csv"))
    // Rules were chosen on sequences of at most 7 steps, and hold for shorter and longer ones.
    try write(ts(40, from: 100, length: 9), to: "longer.ts")
    try write(ts(40, from: 100, length: 2), to: "shorter.ts")
    let before = try sandbox.contents("run")
    for test in ["longer.ts", "shorter.ts"] {
      let early = try sandbox.unroll("early", "run", "--test", test, "--json")
      expectQuietSuccess(early)
      let everything = try #require(try early.object()["everything"] as? [String: [String: Any]])
      #expect(everything["test"]?["earliness"] as? Double == 1)
      expectQuietSuccess(try sandbox.unroll("steps", "run", "--test", test))
    }
    #expect(try sandbox.contents("run") == before, "a run's files tell of its own test set")
    // The whole data set elsewhere; the test set as another file, and with a class that no one knows.
    let other = try sandbox.unroll("evaluate", "run", "--test", "slopes/S_TRAIN.ts", "--json").object()
    #expect(other["count"] as? Int == 60)
    try write(ts(60), to: "elsewhere/T_TRAIN.ts")
    try write(ts(30, from: 100), to: "elsewhere/T_TEST.ts")
    let elsewhere = try sandbox.unroll("evaluate", "run", "--data", "elsewhere", "--json").object()
    #expect(elsewhere["count"] as? Int == 30)
    try write(
      ts(4).replacing("true rises falls", with: "true rises sinks").replacing(":falls", with: ":sinks"), to: "sinks.ts")
    expect(
      try sandbox.unroll("evaluate", "run", "--test", "sinks.ts"), failsWith: 65, saying: "sinks.ts: class sinks, which"
    )
  }

  /// A sequence is answered alike however it is named, from raw numbers.
  @Test func sequencesByNameAndNumber() throws {
    try trainSlopes()
    let all = try answers("slopes/S_TEST.ts")
    #expect(all.count == 40 && all[2].name == "slopes/S_TEST.ts#2")
    // Lengths 4, 5, 6 and 7 in turn.
    #expect(all.map(\.beliefs.count).prefix(4) == [4, 5, 6, 7])
    let one = try answers("slopes/S_TEST.ts#2"), numbered = try answers("2")
    #expect(one[0].beliefs == all[2].beliefs && numbered[0].beliefs == all[2].beliefs)
    let first = try sandbox.unroll("predict", "run", "slopes/S_TEST.ts#2", "--steps", "2", "--json").predictions()
    #expect(
      (first[0]["beliefs"] as? [[String: Any]])?.map { $0["probabilities"] as? [Double] }
        == all[2].beliefs.prefix(2).map { $0 })
    let several = try sandbox.unroll("predict", "run", "slopes/S_TEST.ts")
    #expect(several.output.split(separator: "\n").count == 40 && !several.output.contains("step  answer"))
    // Without labels.
    let raw = ts(1, from: 102).replacing("true rises falls", with: "false").replacing(":rises", with: "")
    try write(raw, to: "raw.ts")
    #expect(try answers("raw.ts").map(\.beliefs) == [all[2].beliefs])
    try write("@problemName two\n@univariate false\n@classLabel false\n@data\n1,2:3,4\n", to: "two.ts")
    expect(
      try sandbox.unroll("predict", "run", "two.ts"), failsWith: 65,
      saying: "two.ts: 2 features at each step, but the model reads 1")
    let table = try sandbox.unroll("predict", "run", "slopes/S_TEST.ts#2")
    expectQuietSuccess(table)
    #expect(table.output.contains("step  answer") && table.output.split(separator: "\n").count == 1 + 2 + 6)
    expect(
      try sandbox.unroll("predict", "run", "slopes/S_TEST.ts#40"), failsWith: 65, saying: "sequence 40 of",
      "there are 40")
    for command in ["inspect", "contrast"] {
      expect(try sandbox.unroll(command, "run"), failsWith: 65, saying: "run: reads series of numbers")
    }
  }

  /// Separated values do not tell whether they have classes, and a value must not be taken for one without a word.
  @Test func tablesWithoutClasses() throws {
    try trainSlopes()
    try write("0,1,2,3,4,5,6\n6,5,4,3,2,1,0\n", to: "raw.csv")
    try write("a,b,c,d\n0.5,1,2,3\n6,5,4,3\n", to: "named.csv")
    try write("a,b,c,d,kind\n0.5,1,2,3,rises\n6,5,4,3,falls\n", to: "known.csv")
    expect(
      try sandbox.unroll("predict", "run", "named.csv"), failsWith: 65, saying: "named.csv: class 3, but the model",
      "say --no-labels")
    #expect(try answers("named.csv", "--no-labels").map(\.beliefs.count) == [4, 4])
    #expect(try answers("known.csv").map(\.beliefs) == answers("named.csv", "--no-labels").map(\.beliefs))
    expect(
      try sandbox.unroll("predict", "run", "raw.csv", "--no-labels"), failsWith: 65,
      saying: "raw.csv", "whether the first line is a header")
    #expect(try answers("raw.csv", "--no-labels", "--csv-header", "false").map(\.beliefs.count) == [7, 7])
    #expect(try answers("raw.csv", "--no-labels", "--csv-header", "true").map(\.beliefs.count) == [7])
    expectQuietSuccess(try sandbox.unroll(["train", "bars", "--output", "images", "--no-steps", "--quiet"] + quickly))
    expect(
      try sandbox.unroll("predict", "images", "0", "--no-labels"), failsWith: 64, saying: "--no-labels: for series")
  }

  @Test func aStoppedRunGoesOnWithItsFile() throws {
    try write(ts(60), to: "S_TRAIN.ts")
    try write(ts(40, from: 100), to: "S_TEST.ts")
    expectQuietSuccess(try sandbox.unroll(["train", "S_TRAIN.ts", "--output", "whole"] + Self.flags + ["--json"]))
    let again = try sandbox.unroll("train", "--resume", "whole", "--quiet", "--json", "--threads", "1")
    expectQuietSuccess(again)
    expect(
      try sandbox.unroll("train", "--resume", "whole", "--regression"), failsWith: 64, saying: "--regression",
      "leave it out")
    // Its configuration says how files are read, too.
    let flags = ["--missing", "mean", "--no-normalize", "--test-share", "0.3"]
    expectQuietSuccess(
      try sandbox.unroll(["train", "S_TRAIN.ts", "--output", "first"] + Self.flags + flags + ["--json"]))
    expectQuietSuccess(
      try sandbox.unroll(
        "train", "--config", "first/config.json", "--output", "second", "--quiet", "--threads", "1", "--json"))
    #expect(try sandbox.data("second/model.safetensors") == sandbox.data("first/model.safetensors"))
    // With other numbers in the file it is another training set.
    try write(ts(60).replacing("0.0,1.0", with: "0.5,1.0"), to: "S_TRAIN.ts")
    expect(try sandbox.unroll("train", "--resume", "whole"), failsWith: 65, saying: "the training set is", "began with")
    let sinking = ts(60).replacing("true rises falls", with: "true rises sinks").replacing(":falls", with: ":sinks")
    try write(sinking, to: "S_TRAIN.ts")
    try write(sinking, to: "S_TEST.ts")
    expect(
      try sandbox.unroll("train", "--resume", "whole"), failsWith: 65,
      saying: "S_TRAIN.ts: class sinks, but the model knows only rises, falls")
  }

  @Test func aNumberIsEstimated() throws {
    let rows = (0..<80).map { index in
      let values = (0..<5).map { Double((index * 7 + $0 * 3) % 11) }
      return (values + [100 + values.reduce(0, +)]).map { String($0) }.joined(separator: ",")
    }
    try write("a,b,c,d,e,total\n" + rows.joined(separator: "\n") + "\n", to: "sums.csv")
    let run = try sandbox.unroll(
      ["train", "sums.csv", "--regression", "--csv-label", "total", "--output", "run", "--json"] + Self.flags)
    expectQuietSuccess(run)
    let summary = try #require(try run.object()["summary"] as? [String: Any])
    let error = try #require(summary["test_error"] as? [String: Any])
    #expect(summary["test_accuracy"] == nil && error["r2"] as? Double ?? 0 > 0.8)
    let evaluation = try sandbox.unroll("evaluate", "run", "--json").object()
    #expect(evaluation["rmse"] as? Double == error["rmse"] as? Double && evaluation["step"] as? Int == 5)
    func short(_ key: String) throws -> String { String(format: "%.4g", try #require(evaluation[key] as? Double)) }
    let sentence = "test error \(try short("rmse")) (root mean square), \(try short("mae")) (mean absolute), R² "
    #expect(try sandbox.unroll("evaluate", "run").output.hasPrefix(sentence), "\(sentence)")
    let row = try #require(try sandbox.unroll("steps", "run").cells.first { $0[0] == "5" })
    #expect(row[1...2] == [try short("rmse"), try short("mae")])
    let predicted = try sandbox.unroll("predict", "run", "0", "--json").object()
    let estimates = try #require(predicted["predictions"] as? [[String: Any]])
    #expect((estimates[0]["estimates"] as? [Double])?.count == 5)
    #expect((100...160).contains(estimates[0]["estimate"] as? Double ?? 0))
    #expect(try sandbox.text("run/steps.csv").hasPrefix("step,rmse,mae,r2\n1,"))
    expect(try sandbox.unroll("early", "run"), failsWith: 65, saying: "estimates a number")
    expect(try sandbox.unroll("report", "run"), failsWith: 65, saying: "estimates a number")
    expect(
      try sandbox.unroll("steps", "run", "--compare", "run"), failsWith: 64, saying: "--compare run: for classifiers")
    expectQuietSuccess(try sandbox.unroll(["train", "bars", "--output", "images", "--quiet", "--no-steps"] + quickly))
    expect(
      try sandbox.unroll("steps", "images", "--compare", "run"), failsWith: 65,
      saying: "run: estimates a number, and cannot stand beside a classifier")
  }

  /// What is estimated of a sequence ends where it does.
  @Test func numbersOfSequencesOfSeveralLengths() throws {
    let rows = (0..<40).map { index in
      let values = (0..<3 + index % 3).map { Double((index * 7 + $0 * 3) % 11) }
      return values.map { "\($0)" }.joined(separator: ",") + ":\(values.reduce(0, +))"
    }
    try write(
      "@problemName sums\n@univariate true\n@targetlabel true\n@data\n\(rows.joined(separator: "\n"))\n", to: "sums.ts")
    expectQuietSuccess(
      try sandbox.unroll(["train", "sums.ts", "--regression", "--output", "run"] + Self.flags + ["--json"]))
    let predictions = try sandbox.unroll("predict", "run", "sums.ts", "--json").predictions()
    #expect(predictions.map { ($0["estimates"] as? [Double])?.count } == (0..<40).map { 3 + $0 % 3 })
    for prediction in predictions {
      #expect((prediction["estimates"] as? [Double])?.last == prediction["estimate"] as? Double)
    }
  }

  /// Neither the test set nor what was set apart for validation decides how numbers are scaled.
  @Test func scalesComeFromWhatIsLearnedFrom() throws {
    let rows = (0..<50).map { "\($0 * $0),\($0 % 7),\($0 * 100)" }
    try write("a,b,target\n\(rows.joined(separator: "\n"))\n", to: "numbers.csv")
    expectQuietSuccess(
      try sandbox.unroll(
        "train", "numbers.csv", "--regression", "--output", "run", "--quiet", "--json", "--epochs", "1"))
    let model = try TrainedModel(contentsOf: sandbox.file("run/model.safetensors"))
    let data = try #require(model.source).load()
    let learned = try #require(model.validation).rows(labels: data.trainingLabels).training
    #expect(data.test.count == 10 && data.train.count == 40 && learned.count == 32)
    #expect(
      model.input.series == SeriesPreprocessing(fitting: data.train, rows: learned, normalizes: true, missing: .carry))
    #expect(model.target == data.target(learnedFrom: learned))
  }

  @Test func theLongFormOfATable() throws {
    let lines = (0..<40).flatMap { id in
      (0..<3 + id % 2).map { "\(id),\($0),\(Double(id % 2) + Double($0)),a note,\(id % 2 == 0 ? "even" : "odd")" }
    }
    try write("who,when,what,note,kind\n" + lines.joined(separator: "\n") + "\n", to: "long.csv")
    let arguments = ["train", "long.csv", "--csv-id", "who", "--csv-time", "when", "--csv-values", "what"]
    expectQuietSuccess(
      try sandbox.unroll(arguments + ["--csv-label", "kind", "--output", "run", "--json"] + Self.flags))
    let evaluation = try sandbox.unroll("evaluate", "run", "--json").object()
    #expect(evaluation["count"] as? Int == 8 && evaluation["accuracy"] as? Double ?? 0 > 0.9)
  }

  /// Few series are answered in turn by networks that have not learned from them, and the model learns from all.
  @Test func fewSeriesAreCrossValidated() throws {
    try trainSlopes()
    let plan = try plan(of: "run")
    #expect(plan["folds"] as? Int == 5 && plan["validation_count"] as? Int == 0)
    let summary = try JSONSerialization.jsonObject(with: sandbox.data("run/summary.json")) as? [String: Any]
    let accuracy = try #require(summary?["cross_validated_accuracy"] as? Double)
    let early = try sandbox.unroll("early", "run", "--json").object()
    let everything = try #require(early["everything"] as? [String: [String: Any]])
    #expect(accuracy > 0.9 && everything["validation"]?["accuracy"] as? Double == accuracy)
    expect(
      try sandbox.unroll("early", "run/model.safetensors"), failsWith: 65, saying: "no sequences were set apart",
      "name the run folder")
    // Answers to other sequences than those in the file are told.
    try write(ts(59), to: "slopes/S_TRAIN.ts")
    expect(try sandbox.unroll("early", "run"), failsWith: 65, saying: "folds.safetensors: logits: found F32 [60, 7, 2]")
  }

  @Test func setApartInstead() throws {
    try write(ts(60), to: "S_TRAIN.ts")
    for (flags, apart, folds) in [
      (["--folds", "0"], 9, nil), (["--validation", "7"], 7, nil), (["--validation", "0"], 0, nil),
      (["--folds", "3"], 0, 3),
    ] as [([String], Int, Int?)] {
      expectQuietSuccess(
        try sandbox.unroll(
          ["train", "S_TRAIN.ts", "--output", "run", "--epochs", "1", "--quiet", "--no-steps"] + flags))
      let plan = try plan(of: "run")
      #expect(plan["validation_count"] as? Int == apart && plan["folds"] as? Int == folds, "\(flags): \(plan)")
      #expect(try sandbox.names("run").contains("folds.safetensors") == (folds != nil))
      try FileManager.default.removeItem(at: sandbox.file("run"))
    }
  }

  @Test func foldsThatMakeNoSense() throws {
    try write(ts(60), to: "S_TRAIN.ts")
    for (arguments, message) in [
      (["train", "S_TRAIN.ts", "--folds", "1"], "--folds 1: must be 0, or from 2 to 1000"),
      (["train", "S_TRAIN.ts", "--folds", "61", "--test-share", "0.01"], "--folds 61: the training set has only 59"),
      (["train", "S_TRAIN.ts", "--folds", "5", "--validation", "9"], "--validation 9: needs a plan without --folds"),
      (["ceiling", "bars", "--folds", "5"], "--folds 5: for unroll train"),
    ] {
      expect(try sandbox.unroll(arguments), failsWith: 64, saying: message)
    }
    try write("1,2,3\n2,3,5\n3,4,7\n4,5,9\n5,6,11\n6,7,13\n", to: "sums.csv")
    expect(
      try sandbox.unroll("train", "sums.csv", "--regression", "--folds", "2"), failsWith: 64,
      saying: "--folds 2: for classes alone")
    #expect(try sandbox.names() == ["S_TRAIN.ts", "bars", "sums.csv"])
  }

  /// Named as MNIST's files are, one of them is read as series; the folder of all four stays one of images.
  @Test func filesOfIDX() throws {
    let waves: [[UInt8]] = [[0, 10, 20, 30, 40, 50], [50, 40, 30, 20, 10, 0]]
    for (name, count) in [("train", 60), ("t10k", 40)] {
      let rows = (0..<count).flatMap { waves[$0 % 2] }, labels = (0..<count).map { UInt8(3 + $0 % 2) }
      try sandbox.write(idx([count, 6], rows), to: "waves/\(name)-images-idx3-ubyte")
      try sandbox.write(idx([count], labels), to: "waves/\(name)-labels-idx1-ubyte")
    }
    expectQuietSuccess(
      try sandbox.unroll(["train", "waves/train-images-idx3-ubyte", "--output", "run", "--json"] + Self.flags))
    let evaluation = try sandbox.unroll("evaluate", "run", "--json").object()
    #expect(evaluation["count"] as? Int == 40 && evaluation["accuracy"] as? Double ?? 0 > 0.9)
    let classes = try #require(evaluation["classes"] as? [[String: Any]])
    #expect(classes.map { $0["name"] as? String } == ["3", "4"])
    let numbered = try answers("1"), named = try answers("waves/t10k-images-idx3-ubyte#1")
    #expect(named[0].beliefs.count == 6 && named[0].beliefs == numbered[0].beliefs)
    expect(
      try sandbox.unroll("train", "waves"), failsWith: 65, saying: "images-idx3-ubyte: has 2 dimensions, 3 expected")
  }

  @Test func missingValuesAreSaidAndFilled() throws {
    try write(ts(60).replacing(",3.0", with: ",?"), to: "S_TRAIN.ts")
    try write(ts(40, from: 100), to: "S_TEST.ts")
    let flags = Self.flags.filter { $0 != "--quiet" }
    let outcome = try sandbox.unroll(["train", "S_TRAIN.ts", "--output", "run"] + flags)
    #expect(
      outcome.status == 0 && outcome.errors.contains("values are missing; in place of each stands the last value"))
    expect(
      try sandbox.unroll("train", "S_TRAIN.ts", "--missing", "refuse"), failsWith: 65, saying: "S_TRAIN.ts:",
      "values are missing, which --missing refuse does not allow")
  }

  /// Series are weighted by default, so that the weights can be chosen without --objective.
  @Test func stepWeightsAlone() throws {
    try write(ts(60), to: "S_TRAIN.ts")
    let arguments = ["train", "S_TRAIN.ts", "--step-weights", "late", "--output", "run", "--no-steps"]
    expectQuietSuccess(try sandbox.unroll(arguments + Self.flags))
    let plan = try plan(of: "run")
    #expect(plan["objective"] as? String == "weighted" && plan["step_weights"] as? String == "late")
  }

  /// What a model remembers of where its series are and how they are read.
  @Test func everyFlagReachesTheSource() throws {
    let wide = (0..<20).map { "\($0);\($0 % 3);1;\($0 % 2);\($0 % 2 == 0 ? "even" : "odd")" }
    try write("a;b;c;d;kind\n\(wide.joined(separator: "\n"))\n", to: "wide.csv")
    let long = (0..<20).flatMap { id in (0..<3).map { "\(id),\($0),\($0 + id),0,\(id % 2 == 0 ? "even" : "odd")" } }
    try write("who,when,what,else,kind\n\(long.joined(separator: "\n"))\n", to: "long.csv")
    for (name, first) in [("S_TRAIN.ts", 0), ("S_TEST.ts", 100), ("other.ts", 200)] {
      try write(ts(20, from: first), to: name)
    }
    func path(_ name: String) -> String { sandbox.file(name).path }
    let columns = CSVFormat(
      shape: .wide(featuresPerStep: 2), target: .labels(column: "kind"), delimiter: .semicolon, hasHeader: true)
    let steps = CSVFormat(
      shape: .long(id: "who", time: "when", values: ["what"]), target: .labels(column: "kind"))
    for (index, (flags, expected)) in [
      (
        "wide.csv --csv-features 2 --csv-label kind --csv-delimiter semicolon --csv-header true --missing mean "
          + "--no-normalize --test-share 0.3",
        SeriesSource(train: path("wide.csv"), csv: columns, missing: .mean, normalizes: false, testShare: 0.3)
      ),
      (
        "long.csv --csv-id who --csv-time when --csv-values what --csv-label kind",
        SeriesSource(train: path("long.csv"), csv: steps)
      ),
      ("S_TRAIN.ts", SeriesSource(train: path("S_TRAIN.ts"), test: path("S_TEST.ts"))),
      ("S_TRAIN.ts --test other.ts", SeriesSource(train: path("S_TRAIN.ts"), test: path("other.ts"))),
      ("S_TRAIN.ts --test-share 0.5", SeriesSource(train: path("S_TRAIN.ts"), testShare: 0.5)),
    ].enumerated() {
      let output = ["--output", "run \(index)", "--epochs", "1", "--hidden", "4", "--quiet", "--no-steps"]
      let run = try sandbox.unroll(["train"] + flags.split(separator: " ").map(String.init) + output)
      expectQuietSuccess(run)
      let model = try TrainedModel(contentsOf: sandbox.file("run \(index)/model.safetensors"))
      #expect(model.source == expected, "\(flags)")
    }
  }

  @Test func flagsThatMakeNoSense() throws {
    try write(ts(60), to: "S_TRAIN.ts")
    for (arguments, fragments) in [
      (["S_TRAIN.ts", "--test", "a.ts", "--test-share", "0.1"], ["--test and --test-share exclude each other"]),
      (["S_TRAIN.ts", "--test", ""], ["--test: must not be empty"]),
      (["S_TRAIN.ts", "--csv-id", ""], ["--csv-id: must not be empty"]),
      (["S_TRAIN.ts", "--csv-label", ""], ["--csv-label: must not be empty"]),
      (["S_TRAIN.ts", "--csv-features", "0"], ["--csv-features 0: must be from 1"]),
      (["S_TRAIN.ts", "--view", "rows"], ["--view: for images"]),
      (["S_TRAIN.ts", "--data", "bars"], ["--data: for images"]),
      (["S_TRAIN.ts", "--csv-time", "t"], ["--csv-time: needs --csv-id"]),
      (["S_TRAIN.ts", "--csv-features", "2", "--csv-id", "i"], ["exclude each other"]),
      (["S_TRAIN.ts", "--test-share", "1"], ["--test-share 1.0: must be above 0 and below 1"]),
      (["S_TRAIN.ts", "--shift", "0", "--vertical", "0.5"], ["--vertical 0.5: needs a --shift"]),
      (["S_TRAIN.ts", "--shift", "1"], ["--shift", "for images alone"]),
      (["S_TRAIN.ts", "--blank-front", "1"], ["--blank-front: for sequences of one length"]),
    ] {
      let outcome = try sandbox.unroll(["train"] + arguments)
      expect(outcome, failsWith: 64)
      for fragment in fragments { #expect(outcome.errors.contains(fragment), "\(outcome.errors)") }
    }
    for flag in [
      "--test=x.ts", "--test-share=0.3", "--regression", "--missing=mean", "--no-normalize", "--csv-label=a",
      "--csv-id=a", "--csv-features=2", "--csv-delimiter=comma", "--csv-header=true",
    ] {
      let outcome = try sandbox.unroll("train", "bars", flag)
      expect(outcome, failsWith: 64, saying: "\(flag.prefix { $0 != "=" }): for series", "bars is not one")
    }
    expect(try sandbox.unroll("train", "nowhere.ts"), failsWith: 66, saying: "nowhere.ts: no such file")
    expect(try sandbox.unroll("ceiling", "S_TRAIN.ts"), failsWith: 65, saying: "series of numbers")
    #expect(try sandbox.names() == ["S_TRAIN.ts", "bars"])
  }

  /// What is for classes alone is refused for numbers, and not just passed over.
  @Test(arguments: [("--class-weights", "balanced"), ("--label-smoothing", "0.5")])
  func numbersHaveNoClasses(flag: String, value: String) throws {
    try write((0..<30).map { "\($0),\($0 + 1),\(2 * $0)\n" }.joined(), to: "line.csv")
    let numbers = ["train", "line.csv", "--regression", "--epochs", "1", "--quiet"]
    expect(try sandbox.unroll(numbers + [flag, value]), failsWith: 64, saying: "\(flag) \(value): for classes alone")
    #expect(try sandbox.names() == ["bars", "line.csv"])
    let neutral = flag == "--class-weights" ? "even" : "0"
    expectQuietSuccess(try sandbox.unroll(numbers + [flag, neutral, "--output", "run", "--json"]))
  }

  /// Estimates that overflow: their errors stand in the table, and not in the chart.
  @Test func errorsThatAreNoNumbers() throws {
    // Small numbers, so that their scale is large.
    let lines = (0..<30).map { "0.0000\($0),0.0000\($0 + 1),0.0000\($0 + 2),0.0000\($0),\(2 * $0)\n" }
    try write(lines.joined(), to: "line.csv")
    let flags = ["--csv-features", "2", "--epochs", "1", "--hidden", "4", "--quiet", "--output", "run", "--json"]
    expectQuietSuccess(try sandbox.unroll(["train", "line.csv", "--regression"] + flags))
    try write("3e38,-3e38,3e38,3e38,1\n-3e38,3e38,3e38,3e38,2\n", to: "huge.csv")
    let steps = try sandbox.unroll("steps", "run", "--test", "huge.csv")
    expectQuietSuccess(steps)
    #expect(steps.cells.contains { $0.first == "2" }, "\(steps.output)")
  }

  /// A test set whose longest sequence is longer or shorter than that of the training set.
  @Test(arguments: [2, 9])
  func aTestSetOfOtherLengths(shortest: Int) throws {
    try write(ts(60), to: "S_TRAIN.ts")
    try write(ts(40, from: 100, length: shortest), to: "S_TEST.ts")
    let flags = ["--epochs", "2", "--hidden", "4", "--threads", "1", "--quiet", "--json"]
    expectQuietSuccess(try sandbox.unroll(["train", "S_TRAIN.ts", "--output", "run"] + flags))
    #expect(try sandbox.text("run/steps.csv").split(separator: "\n").count == 1 + shortest + 3)
    // Networks were asked in turn, so that there is something to choose rules by.
    expectQuietSuccess(try sandbox.unroll("report", "run"))
    #expect(try sandbox.text("report.html").contains("unroll early run"))
    expectQuietSuccess(try sandbox.unroll("early", "run"))
    expectQuietSuccess(try sandbox.unroll("report", "run"))
    // Beside a model whose own test set has other lengths.
    try write(ts(60), to: "T_TRAIN.ts")
    try write(ts(40, from: 100, length: 5), to: "T_TEST.ts")
    expectQuietSuccess(try sandbox.unroll(["train", "T_TRAIN.ts", "--output", "other"] + flags))
    expect(
      try sandbox.unroll("steps", "run", "--compare", "other"), failsWith: 65,
      saying: "other: a model that reads 8 steps cannot stand beside one that reads \(shortest + 3)")
  }

  @Test func aSourceThatCannotBeRead() throws {
    try write(ts(60), to: "S_TRAIN.ts")
    for wrong in [
      #""test_share": 0.2, "csv": {"shape": {"wide": {"featuresPerStep": 0}}, "target": {"labels": {}}}"#,
      #""test_share": 1e30"#,
    ] {
      let usual = #""train": "S_TRAIN.ts", "regression": false, "missing": "carry", "normalized": true, "seed": 1"#
      let series = "{\(usual), \(wrong)}"
      try write(#"{"dataset": "S_TRAIN.ts", "series": \#(series)}"#, to: "own.json")
      expect(try sandbox.unroll("train", "--config", "own.json"), failsWith: 65, saying: "own.json: series: not how")
    }
  }

  @Test func aFolderOfPicturesOfEachClass() throws {
    let bars = Bars()
    for index in 0..<60 {
      try sandbox.write(pgm(bars.image(3000 + index), side: 8), to: "pictures/kind \(index % 3)/\(index).pgm")
    }
    let run = try sandbox.unroll(["train", "pictures", "--output", "run", "--json"] + quickly + ["--quiet"])
    expectQuietSuccess(run)
    let evaluation = try sandbox.unroll("evaluate", "run", "--json").object()
    let classes = try #require(evaluation["classes"] as? [[String: Any]])
    #expect(evaluation["count"] as? Int == 12)
    #expect(classes.map { $0["name"] as? String } == ["kind 0", "kind 1", "kind 2"])
  }

  private func plan(of run: String) throws -> [String: Any] {
    let configuration = try JSONSerialization.jsonObject(with: sandbox.data("\(run)/config.json")) as? [String: Any]
    return try #require(configuration?["plan"] as? [String: Any])
  }

  private struct Answer {
    let name: String
    let beliefs: [[Double]]
  }

  private func answers(_ sequences: String...) throws -> [Answer] {
    let outcome = try sandbox.unroll(["predict", "run"] + sequences + ["--json"])
    expectQuietSuccess(outcome)
    return try #require(try outcome.object()["predictions"] as? [[String: Any]]).map { answer in
      let beliefs = try #require(answer["beliefs"] as? [[String: Any]])
      return Answer(
        name: try #require(answer["name"] as? String),
        beliefs: try beliefs.map { try #require($0["probabilities"] as? [Double]) })
    }
  }
}

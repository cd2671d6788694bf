import Foundation
import Testing
import Unroll

/// `--teacher`: a run that learns from another's answers.
@Suite("Teachers")
struct TeacherTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
    expectQuietSuccess(
      try sandbox.unroll(
        "train", "bars", "--output", "teacher", "--epochs", "8", "--hidden", "24", "--batch-size", "20", "--threads",
        "1", "--validation", "40", "--quiet", "--no-steps"))
  }

  private func train(_ arguments: String..., output: String = "run") throws -> Outcome {
    try sandbox.unroll(
      ["train", "bars", "--output", output, "--quiet", "--no-steps", "--validation", "40"] + quickly + arguments)
  }

  private func configuration(_ folder: String) throws -> (teacher: String?, plan: [String: Any]) {
    let whole = try JSONSerialization.jsonObject(with: sandbox.data("\(folder)/config.json")) as? [String: Any]
    return (whole?["teacher"] as? String, try #require(whole?["plan"] as? [String: Any]))
  }

  /// The folder has all that is needed to do the same again and to go on, whatever becomes of the teacher's own.
  @Test func aRunKeepsItsTeacher() throws {
    expectQuietSuccess(try train("--teacher", "teacher"))
    expectQuietSuccess(try train(output: "alone"))
    #expect(try sandbox.data("run/teacher.safetensors") == sandbox.data("teacher/model.safetensors"))
    #expect(try sandbox.data("run/model.safetensors") != sandbox.data("alone/model.safetensors"))
    let (teacher, plan) = try configuration("run")
    #expect(teacher == "teacher.safetensors" && plan["teacher_share"] as? Int == 1)
    #expect(try configuration("alone").teacher == nil)
    #expect(try configuration("alone").plan["teacher_share"] == nil)

    try FileManager.default.removeItem(at: sandbox.file("teacher"))
    let again = try sandbox.unroll(
      "train", "--config", "run/config.json", "--output", "again", "--quiet", "--no-steps")
    expectQuietSuccess(again)
    #expect(try sandbox.data("again/model.safetensors") == sandbox.data("run/model.safetensors"))
    #expect(try sandbox.data("again/teacher.safetensors") == sandbox.data("run/teacher.safetensors"))

    expectQuietSuccess(try sandbox.unroll("train", "--resume", "run", "--quiet", "--no-steps"))
    expect(
      try sandbox.unroll("train", "--resume", "run", "--quiet", "--teacher", "again"), failsWith: 64,
      saying: "--teacher again: ", "in its folder")
    expect(
      try sandbox.unroll("train", "--resume", "run", "--quiet", "--teacher-share", "0.5"), failsWith: 64,
      saying: "--teacher-share 0.5 contradicts")
    try FileManager.default.removeItem(at: sandbox.file("run/teacher.safetensors"))
    expect(
      try sandbox.unroll("train", "--resume", "run", "--quiet"), failsWith: 66, saying: "run/teacher.safetensors")
  }

  /// A teacher named from where the file is, and a share of its own; and none of it, as a flag wants.
  @Test func aFileNamesATeacher() throws {
    let text = #"{"teacher": "../teacher", "plan": {"teacher_share": 0.5}}"#
    try sandbox.write(Data(text.utf8), to: "own/choices.json")
    expectQuietSuccess(try train("--config", "own/choices.json"))
    let (teacher, plan) = try configuration("run")
    #expect(teacher == "teacher.safetensors" && plan["teacher_share"] as? Double == 0.5)
    expectQuietSuccess(try train("--teacher", "teacher", "--teacher-share", "0.5", output: "flags"))
    #expect(try sandbox.data("run/model.safetensors") == sandbox.data("flags/model.safetensors"))

    expectQuietSuccess(try train("--config", "own/choices.json", "--teacher-share", "0", output: "alone"))
    #expect(try configuration("alone").teacher == nil && !sandbox.names("alone").contains("teacher.safetensors"))
  }

  @Test func whatCannotBe() throws {
    expect(
      try train("--teacher-share", "0.5"), failsWith: 64, saying: "--teacher-share 0.5: needs --teacher")
    expect(
      try train("--teacher", "teacher", "--teacher-share", "0"), failsWith: 64,
      saying: "--teacher teacher: needs a --teacher-share above 0")
    expect(try train("--teacher", ""), failsWith: 64, saying: "--teacher: names nothing")
    expect(try train("--teacher", "nobody"), failsWith: 66, saying: "nobody")
    expect(try train("--teacher", "bars"), failsWith: 66, saying: "bars: holds no model.safetensors")
    try Bars(side: 9).write(to: sandbox.file("nine"))
    try Bars(trainClasses: 4, testClasses: 4).write(to: sandbox.file("four"))
    for (name, saying) in [
      ("nine", "reads other sequences"), ("four", "0, 1, 2, 3, but what is to be learned is 0, 1, 2"),
    ] {
      expectQuietSuccess(
        try sandbox.unroll(["train", name, "--output", "of \(name)", "--quiet", "--no-steps"] + quickly))
      expect(try train("--teacher", "of \(name)"), failsWith: 65, saying: "of \(name): ", saying)
    }
    expect(
      try train("--teacher", "teacher", "--view", "columns"), failsWith: 65, saying: "teacher: reads other sequences")
    for (text, saying) in [
      (#"{"plan": {"teacher_share": 0.5}}"#, "plan.teacher_share: found 0.5; needs teacher"),
      (#"{"teacher": "teacher", "plan": {"teacher_share": 0}}"#, "teacher: found \"teacher\"; needs a teacher_share"),
      (
        #"{"teacher": "teacher", "plan": {"teacher_share": 2}}"#,
        "teacher_share: found 2; expected a number from 0 to 1"
      ),
      (#"{"teacher": 5}"#, "teacher: found 5; expected a text"),
    ] {
      try sandbox.write(Data(text.utf8), to: "own.json")
      expect(try train("--config", "own.json"), failsWith: 65, saying: saying)
    }
    #expect(try !sandbox.names().contains("run"), "nothing is left behind")
  }

  /// Sequences that are set apart must be new to the teacher too, or they say too much good of the network.
  @Test(arguments: [["--seed", "2"], ["--validation", "80"], ["--seed", "1"]])
  func aTeacherWhoKnowsTheValidationSequences(flags: [String]) throws {
    func apart(_ count: Int, seed: UInt64) -> Set<Int> {
      Set(ValidationSplit(count: count, of: 240, seed: seed).rows(labels: []).validation)
    }
    let own = flags[0] == "--seed" ? apart(40, seed: UInt64(flags[1])!) : apart(80, seed: 1)
    let known = own.subtracting(apart(40, seed: 1)).count
    let arguments =
      ["train", "bars", "--output", "run", "--no-steps", "--teacher", "teacher"] + quickly + flags
      + (flags[0] == "--seed" ? ["--validation", "40"] : [])
    let errors = try sandbox.unroll(arguments).errors
    let note = try errors.firstMatch(of: Regex("note: teacher has learned from ([0-9]+) of the "))
    #expect(note?.output[1].substring.map(String.init) == (known == 0 ? nil : "\(known)"), "\(errors)")
  }

  /// Series, of which none are set apart by parts: the teacher has learned from all.
  @Test func seriesAreSetApart() throws {
    let lines = (0..<60).map { "\(($0 % 2) * 2 - 1 + $0 % 3),\($0 % 5),\($0 % 7),\($0 % 2)\n" }
    try sandbox.write(Data(lines.joined().utf8), to: "waves.csv")
    let arguments = ["train", "waves.csv", "--quiet", "--epochs", "2"]
    expectQuietSuccess(try sandbox.unroll(arguments + ["--output", "long", "--validation", "9"]))
    let taught = arguments + ["--teacher", "long"]
    expectQuietSuccess(try sandbox.unroll(taught + ["--output", "short"]))
    let plan = try configuration("short").plan
    #expect(plan["folds"] == nil && plan["validation_count"] as? Int == 9)
    expect(
      try sandbox.unroll(taught + ["--folds", "3"]), failsWith: 64, saying: "--folds 3: needs a plan without a teacher")
    // Folds that a file asks for give way to the flag.
    try sandbox.write(Data(#"{"plan": {"folds": 3}}"#.utf8), to: "folds.json")
    expectQuietSuccess(try sandbox.unroll(taught + ["--config", "folds.json", "--output", "instead"]))
    #expect(try configuration("instead").plan["folds"] == nil)
  }

  /// All contestants of a study have the same teacher, and a study that goes on has it too.
  @Test func aStudyHasATeacher() throws {
    func study(_ output: String, _ more: String...) throws -> Outcome {
      try sandbox.unroll(
        ["ceiling", "bars", "--steps", "4", "--validation", "40", "--quiet", "--output", output] + quickly + more)
    }
    expectQuietSuccess(try study("alone"))
    expectQuietSuccess(try study("taught", "--teacher", "teacher"))
    for network in ["anytime", "specialist-4", "specialist-8"] {
      #expect(
        try sandbox.data("taught/\(network).safetensors") != sandbox.data("alone/\(network).safetensors"), "\(network)")
    }
    let whole = try sandbox.text("taught/ceiling.jsonl"), lines = whole.split(separator: "\n")
    try sandbox.write(Data("\(lines[0])\n".utf8), to: "taught/ceiling.jsonl")
    expectQuietSuccess(try sandbox.unroll("ceiling", "--resume", "taught", "--quiet"))
    func right(_ text: String) -> [Substring] { text.matches(of: /"right":\[[0-9,]*\]/).map(\.output) }
    #expect(try right(sandbox.text("taught/ceiling.jsonl")) == right(whole))

    expectQuietSuccess(
      try sandbox.unroll("ceiling", "--config", "taught/config.json", "--output", "again", "--quiet"))
    #expect(try right(sandbox.text("again/ceiling.jsonl")) == right(whole))
  }
}

import Foundation
import Testing
import Unroll

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Runs on a page")
struct ReportTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
    try anytime.write(to: sandbox.file("runs/anytime"))
  }

  private var anytime: MadeUpRun { MadeUpRun(dataset: sandbox.file("bars").path) }

  /// A run that was asked at the end alone, and has not been looked at much.
  private func writeLate(to path: String = "runs/late") throws {
    var late = anytime
    (late.objective, late.recipe, late.validation, late.learningRate) = ("last", "assignment", 0, "0.001")
    late.accuracies = [0.25, 0.25, 0.25, 0.375, 0.375, 0.5, 0.75, 0.9]
    (late.logits, late.threads) = ([2, 0, 0], 2)
    try late.write(to: sandbox.file(path)) { files in
      for name in ["early.csv", "calibration.csv", "steps-blank-front.csv"] { files[name] = .some(nil) }
    }
  }

  /// The report of some runs, without a word on standard error.
  private func page(_ arguments: String..., at location: SourceLocation = #_sourceLocation) throws -> String {
    let outcome = try sandbox.unroll(["report"] + arguments)
    expectQuietSuccess(outcome, at: location)
    #expect(outcome.output == "report.html\n", sourceLocation: location)
    return try sandbox.text("report.html")
  }

  /// A table's row, as it stands in the page.
  private func row(_ cells: String..., numeric: Bool = true) -> String {
    let tags = cells.enumerated().map { "<td\(numeric && $0 > 0 ? " class=\"number\"" : "")>\($1)</td>" }
    return "<tr>\(tags.joined())</tr>"
  }

  @Test func numbersAreThoseOfTheFiles() throws {
    try writeLate()
    let page = try page("runs/anytime", "runs/late")
    for row in [
      row("test accuracy", "96.40 %", "90.00 %"), row("its 95 % interval", "93.40 – 99.40 %", "87.00 – 93.00 %"),
      row("after half the rows", "75.00 %", "37.50 %"), row("rows to 90 %", "5", "8"),
      row("rows to 95 %", "6", "never"),
      row("rows to 98 %", "never", "never"), row("parameters", "195", "195"), row("epochs", "2", "2"),
      row("seconds of training", "12.5", "12.5"), row("memory at most", "41 MB", "41 MB"), row("threads", "3", "2"),
      row("2 rows", "37.50 %", "25.00 %"), row("4 rows", "75.00 %", "37.50 %"), row("6 rows", "95.00 %", "50.00 %"),
      row("8 rows", "96.40 %", "90.00 %"), row("objective", "every", "last", numeric: false),
      row("learning rate", "0.004", "0.001", numeric: false), row("recipe", "modern", "assignment", numeric: false),
      row("validation count", "60", "0", numeric: false),
    ] { #expect(page.contains(row), "\(row)") }
    #expect(page.contains("<h1>anytime and late, on bars</h1>"))
    #expect(
      page.contains(
        """
        After half the rows (4 of 8), anytime answers rightly 75.0\u{A0}% of the time and late 37.5\u{A0}%. After all 8 rows, \
        anytime answers rightly 96.4\u{A0}% of the time and late 90.0\u{A0}%.
        """))
    #expect(
      page.contains(
        """
        In training, anytime was asked for the class before the end too, late after the last row alone: what it says earlier \
        was never trained. Guessing is right 33.3\u{A0}% of the time.
        """))
    #expect(page.contains("Made with instructions: avx2; system: A system; version: 0.1.0."))
    #expect(!page.contains("<td>system</td>"))
    // What both have is told, but not among what differs.
    let same = row("batch size", "50", "50", numeric: false), parts = page.split(separator: "<details>")
    #expect(parts.count == 2 && parts[1].contains(same) && !parts[0].contains(same))
    #expect(parts[0].contains("learning rate") && !parts[1].contains("<td>learning rate"))
    // Both curves, each in its own colour, with its interval.
    let chart = try #require(page.split(separator: "<figure>").dropFirst().first)
    #expect(chart.contains("anytime: from 25.00 % at 1 to 96.40 % at 8. late: from 25.00 % at 1 to 90.00 % at 8."))
    #expect(chart.contains("stroke-series-1") && chart.contains("stroke-series-2") && chart.contains("fill-opacity"))
    // The confidence rule reads least of those that reach 96.5 %.
    let early =
      "<tr><td>anytime</td><td>confidence</td>"
      + ["51.56 %", "93.75 %", "96.25 %"].map { "<td class=\"number\">\($0)</td>" }.joined() + "</tr>"
    #expect(page.contains(early))
  }

  @Test func whatIsLackingIsSaid() throws {
    try writeLate()
    let both = try page("runs/anytime", "runs/late")
    #expect(both.contains("late has no steps-blank-front.csv, which this command makes: unroll steps runs/late"))
    #expect(both.contains("late was trained on all sequences") && both.contains("unroll train --validation N"))
    #expect(!both.contains("anytime has no"))
    try anytime.write(to: sandbox.file("it's")) { files in
      for name in ["early.csv", "calibration.csv", "steps.csv", "steps-blank-front.csv", "metrics.jsonl"] {
        files[name] = .some(nil)
      }
    }
    let bare = try page("it's")
    for sentence in [
      "it's has no early.csv, which this command makes: unroll early 'it'\\''s'", "it's has no calibration.csv",
      "it's has no steps.csv, which this command makes: unroll steps", "it's has no metrics.jsonl",
      "After all 8 rows, it's answers rightly 96.4\u{A0}% of the time.",
    ] { #expect(bare.contains(sentence.replacing("'", with: "&#39;")), "\(sentence)") }
    #expect(bare.contains("<tr><td>rows to 90 %</td><td class=\"number\">–</td></tr>"))
  }

  /// A network that answers 1 with logits 0, 1, 0 is wrong about classes 0 and 2: images 0, 2, 3, 5, … alike.
  @Test func mistakesAndConfusions() throws {
    try writeLate()
    let page = try page("runs/anytime", "runs/late")
    let sure = exp(2.0) / (exp(2.0) + 2), surer = exp(4.0) / (exp(4.0) + 2)
    #expect(page.contains("60 of 90 test images wrong."))
    let pictures = page.matches(of: /<img src="data:image\/png;base64,([^"]*)" alt="image (\d+), (\d), taken for (\d)"/)
    let expected = (0..<90).filter { $0 % 3 != 1 }.prefix(12) + (0..<90).filter { $0 % 3 != 0 }.prefix(12)
    #expect(pictures.map { Int($0.2) } == expected.map { $0 })
    #expect(pictures.map { $0.3 } == expected.map { "\($0 % 3)" })
    #expect(pictures.map { $0.4 } == [Substring](repeating: "1", count: 12) + [Substring](repeating: "0", count: 12))
    for (picture, index) in zip(pictures, expected) {
      let png = try #require(Data(base64Encoded: String(picture.1)))
      let image = try GrayImage(encoded: [UInt8](png), name: "picture")
      #expect(image.pixels == Bars().image(3000 + index) && image.width == 8)
    }
    #expect(page.contains(String(format: "<b>0, not 1</b><br/>%.2f %%<br/>#0<", 100 * sure)))
    #expect(page.contains(String(format: "<b>2, not 0</b><br/>%.2f %%<br/>#5<", 100 * surer)))
    // Two maps of 30 images a class, all in one column.
    #expect(page.split(separator: ">30</text>").count - 1 == 6)
  }

  @Test func oneRunIsAPageToo() throws {
    let page = try page("runs/anytime/")
    #expect(page.contains("<h1>anytime, on bars</h1>"))
    #expect(page.contains("It reaches 90\u{A0}% after 5 and 95\u{A0}% after 6 rows."))
    #expect(page.contains("<h2>Choices</h2>") && !page.contains("What differs"))
    let again = try self.page("runs/anytime/")
    #expect(page == again, "the same bytes twice")
    let parser = XMLParser(data: Data(page.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(page.firstMatch(of: /(?:src|href)\s*=\s*"(?!data:)|url\(|@import|<script/) == nil)
  }

  @Test func namesAreTold() throws {
    for path in ["a/run", "b/run", "c/<i>&"] { try anytime.write(to: sandbox.file(path)) }
    let outcome = try sandbox.unroll("report", "a/run", "b/run", "c/<i>&", "--json")
    expectQuietSuccess(outcome)
    let report = try outcome.object()
    #expect(report["output"] as? String == "report.html")
    let runs = try #require(report["runs"] as? [[String: Any]])
    #expect(runs.map { $0["name"] as? String } == ["a/run", "b/run", "<i>&"])
    #expect(
      runs[0].keys.sorted() == [
        "accuracy_after_half", "dataset", "epochs", "high", "instruction_set", "low", "name", "parameters", "path",
        "peak_resident_bytes", "reached", "steps", "system", "test_accuracy", "threads", "train_seconds", "version",
      ])
    #expect(runs[0]["accuracy_after_half"] as? Double == 0.75 && runs[0]["test_accuracy"] as? Double == 0.964)
    let reached = try #require(runs[0]["reached"] as? [[String: Any]])
    #expect(reached.map { $0["steps"] as? Int } == [5, 6, nil])
    #expect(reached.map { $0["accuracy"] as? Double } == [0.9, 0.95, 0.98])
    let page = try sandbox.text("report.html")
    #expect(page.contains("&lt;i&gt;&amp;") && !page.contains("<i>&"))
    #expect(page.contains("Nothing: the runs were made with the same choices."))
  }

  /// Curves of sequences of different lengths are drawn over what they have in common.
  @Test func differentNumbersOfSteps() throws {
    var short = anytime
    (short.accuracies, short.logits) = ([0.5, 0.75, 0.95, 0.96], nil)
    try short.write(to: sandbox.file("short")) { $0["early.csv"] = .some(nil) }
    let outcome = try sandbox.unroll("report", "runs/anytime", "short")
    #expect(outcome.status == 0 && outcome.errors.contains("unroll: note: short has no model.safetensors"))
    let page = try sandbox.text("report.html")
    #expect(page.contains("share of the sequence read") && !page.contains(">rows read<"))
    #expect(page.contains(row("50 % read", "75.00 %", "75.00 %")) && page.contains(row("parameters", "195", "–")))
    #expect(page.contains("After half the sequence,") && page.contains("short: from 50.00 % at 0.25"))
    #expect(page.contains("short: left out, for short has no model.safetensors; unroll train --resume short"))
  }

  // MARK: The test set

  @Test func withoutTheTestSet() throws {
    let whole = try page("runs/anytime", "--no-images", "--output", "report.html")
    #expect(whole.contains("Left out with --no-images.") && !whole.contains("<img"))
    try FileManager.default.moveItem(at: sandbox.file("bars"), to: sandbox.file("moved"))
    let outcome = try sandbox.unroll("report", "runs/anytime")
    #expect(outcome.status == 0 && outcome.output == "report.html\n")
    #expect(outcome.errors.hasPrefix("unroll: note: ") && outcome.errors.contains("--data"))
    let without = try sandbox.text("report.html")
    #expect(without.contains("anytime: left out, for ") && !without.contains("<img"))
    #expect(without.contains(row("test accuracy", "96.40 %")))
    // Other images are not those that the run's files tell of.
    let other = try page("runs/anytime", "--data", "moved")
    #expect(other.contains("<img") && other.contains("60 of 90 images of the folder given with --data wrong."))
    expect(try sandbox.unroll("report", "runs/anytime", "--data", "nowhere"), failsWith: 66, saying: "nowhere")
  }

  @Test func aDataSetThatWouldHaveToBeFetched() throws {
    try MadeUpRun(dataset: "mnist").write(to: sandbox.file("known"))
    let outcome = try sandbox.unroll("report", "known")
    #expect(outcome.status == 0 && outcome.errors.contains("mnist is not on this machine (unroll data fetch mnist)"))
    #expect(try sandbox.text("report.html").contains("unroll data fetch mnist"))
  }

  @Test func imagesThatDoNotSuit() throws {
    try Bars(side: 9).write(to: sandbox.file("nine"))
    expect(try sandbox.unroll("report", "runs/anytime", "--data", "nine"), failsWith: 65, saying: "9×9", "8×8")
    #expect(try sandbox.names() == ["bars", "nine", "runs"], "nothing half-written")
  }

  // MARK: Output

  @Test func outputReplacesAFile() throws {
    try sandbox.write(Data("old".utf8), to: "out/page.html")
    let outcome = try sandbox.unroll("report", "runs/anytime", "--output", "out/page.html")
    expectQuietSuccess(outcome)
    #expect(outcome.output == "out/page.html\n")
    #expect(try sandbox.text("out/page.html").hasPrefix("<!DOCTYPE html>"))
    #expect(try sandbox.names("out") == ["page.html"])
    expect(
      try sandbox.unroll("report", "runs/anytime", "--output", "nowhere/page.html"), failsWith: 73, saying: "nowhere")
    expect(try sandbox.unroll("report", "runs/anytime", "--output", "out"), failsWith: 73, saying: "out")
  }

  @Test func wrongUsage() throws {
    expect(try sandbox.unroll("report"), failsWith: 64, saying: "run")
    let many = (1...9).map { "run\($0)" }
    expect(try sandbox.unroll(["report"] + many), failsWith: 64, saying: "9 runs", "at most 8")
    expect(try sandbox.unroll("report", "runs/anytime", "runs/../runs/anytime/"), failsWith: 64, saying: "named twice")
    expect(try sandbox.unroll("report", "runs/anytime", "--output", ""), failsWith: 64, saying: "--output")
    expect(
      try sandbox.unroll("report", "runs/anytime", "--no-images", "--data", "bars"), failsWith: 64,
      saying: "--no-images")
  }

  // MARK: Runs that are none

  @Test func foldersThatAreNoRun() throws {
    expect(try sandbox.unroll("report", "nowhere"), failsWith: 66, saying: "nowhere: there is no such folder")
    expect(try sandbox.unroll("report", "runs"), failsWith: 66, saying: "runs: holds no config.json")
    expect(
      try sandbox.unroll("report", "runs/anytime", "runs/anytime/model.safetensors"), failsWith: 65,
      saying: "model.safetensors: a file", "folder")
    try anytime.write(to: sandbox.file("begun")) { $0["summary.json"] = .some(nil) }
    expect(try sandbox.unroll("report", "begun"), failsWith: 66, saying: "begun", "not finished", "--resume begun")
    #expect(try sandbox.names() == ["bars", "begun", "runs"])
  }

  @Test func aStudyIsNoRun() throws {
    let arguments = ["ceiling", "bars", "--steps", "4", "--output", "study", "--quiet", "--epochs", "1"]
    #expect(try sandbox.unroll(arguments + ["--hidden", "4", "--learning-rates", "0.01"]).status == 0)
    expect(try sandbox.unroll("report", "study"), failsWith: 65, saying: "study/config.json", "unroll ceiling")
  }

  static let damages: [(file: String, old: String, new: String, fragments: [String])] = [
    ("config.json", "\"plan\"", "\"plans\"", ["config.json: not the configuration of a run"]),
    ("summary.json", "12.5", "\"x\"", ["summary.json: not the summary"]),
    ("summary.json", "0.964", "1.5", ["summary.json: not the summary"]),
    ("metrics.jsonl", "{\"epoch\":2", "{\"epoch\":3", ["metrics.jsonl: line 2"]),
    ("metrics.jsonl", "{\"epoch\":1,", "{\"epoch\":1,,", ["metrics.jsonl: line 1"]),
    ("steps.csv", "\n3,0.5,", "\n3,half,", ["steps.csv: line 4 is 3,half,", "accuracy"]),
    ("steps.csv", "\n3,0.5,", "\n4,0.5,", ["steps.csv: line 4 is 4,0.5,", "the steps from 1 on"]),
    ("steps.csv", "\n3,0.5,", "\n3,0.9,", ["steps.csv: line 4 is 3,0.9,", "interval"]),
    ("steps.csv", ",confidence", "", ["steps.csv: no header", "confidence", "found step,accuracy"]),
    ("steps.csv", "\n8,", "\n\n8,0,", ["steps.csv: line 10 is 8,0,", "6 values"]),
    (
      "steps-blank-front.csv", "\n8,0.125,0.1,0.15,0.5,1.25", "",
      ["steps-blank-front.csv: ends with step 7", "reads 8 steps"]
    ),
    ("calibration.csv", "\n5,0.9,0.05", "\n5,0.9,nan", ["calibration.csv: line 6 is 5,0.9,nan", "from 0 to 1"]),
    ("early.csv", "test,margin", "text,margin", ["early.csv: line 9 is text,margin", "validation or test"]),
    ("early.csv", "0.515625", "1.5", ["early.csv: line 6 is test,confidence,0.5,0.9375,1.5"]),
    ("early.csv", ",fixed,", ",solid,", ["early.csv: expected rules and the yardstick fixed"]),
    ("early.csv", "test,margin,0.3,0.9,0.61,0.66\n", "", ["early.csv: expected", "as many lines"]),
  ]

  @Test(arguments: damages)
  func damagedFilesAreNamed(damage: (file: String, old: String, new: String, fragments: [String])) throws {
    try anytime.write(to: sandbox.file("broken")) { files in
      let text = files[damage.file].flatMap { $0 } ?? ""
      #expect(text.contains(damage.old))
      files[damage.file] = text.replacing(damage.old, with: damage.new)
    }
    let outcome = try sandbox.unroll("report", "runs/anytime", "broken")
    expect(outcome, failsWith: 65, saying: "broken/\(damage.file)")
    for fragment in damage.fragments { #expect(outcome.errors.contains(fragment), "\(outcome.errors)") }
    #expect(try sandbox.names() == ["bars", "broken", "runs"])
  }

  @Test func aDamagedModel() throws {
    try sandbox.write(Data("no model".utf8), to: "runs/anytime/model.safetensors")
    expect(try sandbox.unroll("report", "runs/anytime"), failsWith: 65, saying: "model.safetensors")
  }
}

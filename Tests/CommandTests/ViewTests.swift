import Datasets
import Testing
import Unroll

/// Images that are read other than row by row.
@Suite("Views")
struct ViewTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
  }

  private func train(_ dataset: String = "bars", _ flags: String...) throws -> Outcome {
    try sandbox.unroll(["train", dataset, "--output", "run"] + quickly + flags)
  }

  @Test(arguments: SequenceView.allCases) func aModelRemembersHowItReads(_ view: SequenceView) throws {
    let outcome = try train("bars", "--view", view.rawValue)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix(view.stepNames))
    let model = try TrainedModel(contentsOf: sandbox.file("run/model.safetensors"))
    #expect(model.input.images?.view == view)
    #expect(try sandbox.text("run/config.json").contains("\"view\" : \"\(view.rawValue)\""))

    // What is predicted image by image is what is evaluated.
    let evaluation = try sandbox.unroll("evaluate", "run", "--json").object()
    let images = (0..<90).map(String.init)
    let answers = try sandbox.unroll(["predict", "run", "--json"] + images).predictions()
    let labels = try LabeledImages(
      imagesAt: sandbox.file("bars/t10k-images-idx3-ubyte").path,
      labelsAt: sandbox.file("bars/t10k-labels-idx1-ubyte").path
    ).labels
    let right = zip(answers, labels).count { $0["answer"] as? String == model.classNames[Int($1)] }
    let accuracy = try #require(evaluation["accuracy"] as? Double)
    #expect(abs(accuracy - Double(right) / 90) < 1e-9)
  }

  @Test func manyStepsAreTabledInPart() throws {
    try Bars(side: 9).write(to: sandbox.file("larger"))
    let outcome = try train("larger", "--view", "pixels")
    #expect(try sandbox.text("run/steps.csv").split(separator: "\n").count == 1 + 81)
    let shown = try sandbox.text("run/steps-blank-front.csv").split(separator: "\n").dropFirst()
    #expect(shown.count == 28)
    #expect(shown.first?.hasPrefix("2,") == true && shown.last?.hasPrefix("81,") == true)
    expectQuietSuccess(try sandbox.unroll("report", "run", "--json"))
    #expect(outcome.output.contains("\n    81  ") && !outcome.output.contains("\n    80  "))
  }

  @Test func aRunGoesOnAsItBegan() throws {
    _ = try train("bars", "--view", "columns")
    let outcome = try sandbox.unroll("train", "--resume", "run", "--view", "rows")
    expect(outcome, failsWith: 64, saying: "--view rows contradicts the run, which began with columns")
  }

  @Test func anUnknownViewIsRefused() throws {
    expect(try train("bars", "--view", "diagonals"), failsWith: 64, saying: "diagonals", "rows-and-columns")
  }
}

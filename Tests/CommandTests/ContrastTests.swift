import Foundation
import Testing
import Unroll

@Suite("Contrast with a static network")
struct ContrastTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
    let outcome = try sandbox.unroll(
      ["train", "bars", "--output", "run", "--quiet", "--validation", "40"] + quickly)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func bothNetworksAfterEachNumberOfSteps() throws {
    let outcome = try sandbox.unroll("contrast", "run", "--epochs", "30", "--json", "--quiet")
    expectQuietSuccess(outcome)
    let report = try outcome.object()
    let perceptron = try #require(report["perceptron"] as? [Double])
    #expect(perceptron.count == 8)
    #expect(try #require(perceptron.last) > 0.9, "bars are easy when all of them is seen")
    #expect(perceptron[0] < 0.7, "one row of eight cannot tell")
    #expect(report["parameters"] as? Int == 64 * 128 + 128 + 128 * 128 + 128 + 128 * 3 + 3)

    let steps = try sandbox.text("run/steps.csv").split(separator: "\n").dropFirst().map { $0.split(separator: ",")[1] }
    let table = try sandbox.text("run/contrast.csv").split(separator: "\n").map { $0.split(separator: ",") }
    #expect(table[0] == ["step", "recurrent", "perceptron"])
    #expect(table.dropFirst().map { $0[1] } == steps, "the recurrent network's accuracies are those of unroll steps")
    #expect(table.dropFirst().map { String($0[2]) } == perceptron.map { String(format: "%.6f", $0) })
    #expect(try sandbox.text("run/contrast.svg").hasPrefix("<svg"))
  }

  @Test func theTableShowsBoth() throws {
    let report = try sandbox.unroll("contrast", "run", "--epochs", "2", "--quiet", "--json").object()
    let recurrent = try #require(report["recurrent"] as? [[String: Any]]).compactMap { $0["accuracy"] as? Double }
    let perceptron = try #require(report["perceptron"] as? [Double])
    let shown = try sandbox.unroll("contrast", "run", "--epochs", "2", "--quiet")
    for step in 0..<8 {
      let shares = [recurrent[step], perceptron[step]].map { String(format: "%.2f %%", 100 * $0) }
      #expect(shown.cells[2 + step] == ["\(step + 1)"] + shares)
    }
  }

  /// A static network does not depend on the recurrent one, but for the images that this one has learned from.
  @Test func itLearnsFromTheSameImages() throws {
    expectQuietSuccess(
      try sandbox.unroll(["train", "bars", "--output", "all", "--quiet", "--validation", "0"] + quickly))
    func accuracies(_ run: String) throws -> [Double]? {
      let outcome = try sandbox.unroll("contrast", run, "--epochs", "3", "--json", "--quiet")
      return try outcome.object()["perceptron"] as? [Double]
    }
    let (some, all) = (try accuracies("run"), try accuracies("all"))
    #expect(some?.count == 8 && all?.count == 8 && some != all)
  }

  @Test func flagsReachTheNetwork() throws {
    func outcome(_ flags: String...) throws -> [String: Any] {
      try sandbox.unroll(["contrast", "run", "--epochs", "2", "--json", "--quiet"] + flags).object()
    }
    let usual = try outcome(), small = try outcome("--hidden", "5"), slow = try outcome("--learning-rate", "0.0001")
    #expect(small["parameters"] as? Int == 64 * 5 + 5 + 5 * 5 + 5 + 5 * 3 + 3)
    #expect(slow["perceptron"] as? [Double] != usual["perceptron"] as? [Double])
    #expect(slow["parameters"] as? Int == usual["parameters"] as? Int)
  }

  @Test func otherDataLeaveTheRunAlone() throws {
    try Bars().write(to: sandbox.file("elsewhere"))
    let before = try sandbox.contents("run")
    expectQuietSuccess(
      try sandbox.unroll("contrast", "run", "--epochs", "1", "--quiet", "--json", "--data", "elsewhere"))
    #expect(try sandbox.contents("run") == before)
  }

  @Test func theSameSeedGivesTheSameTable() throws {
    let first = try sandbox.unroll("contrast", "run", "--epochs", "2", "--threads", "1", "--json", "--quiet")
    let second = try sandbox.unroll("contrast", "run", "--epochs", "2", "--threads", "2", "--json", "--quiet")
    let other = try sandbox.unroll("contrast", "run", "--epochs", "2", "--seed", "2", "--json", "--quiet")
    #expect(first.output == second.output && first.output != other.output)
  }

  @Test func otherImagesThanTheModels() throws {
    try Bars(trainCount: 200).write(to: sandbox.file("fewer"))
    let outcome = try sandbox.unroll("contrast", "run", "--data", "fewer")
    expect(outcome, failsWith: 65, saying: "200 training images", "40 set apart of 240")
  }

  @Test(arguments: [("--hidden", "0"), ("--epochs", "0"), ("--learning-rate", "0"), ("--threads", "0")])
  func choicesOutOfRange(flag: String, value: String) throws {
    expect(try sandbox.unroll("contrast", "run", flag, value), failsWith: 64, saying: flag)
  }
}

import Foundation
import Testing

/// The main job on MNIST itself, where `UNROLL_DATA` says that it is.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["UNROLL_DATA"] != nil, "needs UNROLL_DATA"))
struct RealMNISTTests {
  @Test func oneEpochIsGoodAndSmall() throws {
    let sandbox = try Sandbox()
    let data = ["UNROLL_DATA": ProcessInfo.processInfo.environment["UNROLL_DATA"] ?? ""]
    let train = try sandbox.unroll(
      "train", "mnist", "--epochs", "1", "--output", "run", "--quiet", "--json", environment: data)
    expectQuietSuccess(train)
    let summary = try #require(train.object()["summary"] as? [String: Any])
    let accuracy = try #require(summary["test_accuracy"] as? Double)
    #expect(accuracy >= 0.96)
    #expect(try #require(summary["peak_resident_bytes"] as? Int) < 200_000_000)

    let before = try sandbox.contents("run")
    let steps = try sandbox.unroll("steps", "run", "--json", environment: data)
    expectQuietSuccess(steps)
    let byStep = try #require(steps.object()["steps"] as? [[String: Any]])
    #expect(byStep.count == 28 && byStep.last?["accuracy"] as? Double == accuracy)
    let accuracies = byStep.compactMap { $0["accuracy"] as? Double }
    #expect(accuracies[0] < 0.2 && accuracies[13] > accuracies[0] && accuracies[27] > accuracies[13])
    #expect(try sandbox.contents("run") == before)

    let evaluation = try sandbox.unroll("evaluate", "run", "--json", environment: data)
    expectQuietSuccess(evaluation)
    #expect(try evaluation.object()["accuracy"] as? Double == accuracy)
    #expect(try evaluation.object()["count"] as? Int == 10_000)

    let verified = try sandbox.unroll("data", "verify", environment: data)
    expectQuietSuccess(verified)
    #expect(verified.output.split(separator: "\n").count == 4)
  }
}

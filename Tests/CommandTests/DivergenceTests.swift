import Foundation
import Testing
import Unroll

@Suite("Divergence")
struct DivergenceTests {
  /// A run whose weights have become so large that the next loss is no number.
  @Test func isToldAndLeavesEarlierFilesWhole() throws {
    let sandbox = try Sandbox()
    let data = try DatasetStore().open(sandbox.file("bars").path).load(.train)
    let preprocessing = Preprocessing(height: 8, width: 8)
    var plan = TrainingPlan(recipe: .assignment)
    plan.hiddenSize = 8
    let trainer = try Trainer(plan, data: SequenceData(data.images, preprocessing, on: .cpu), outputs: 3)
    var checkpoint = trainer.checkpoint
    checkpoint.model.head = Linear(weight: Tensor(repeating: 3e38, shape: [3, 8]), bias: .zeros([3]))
    let model = TrainedModel(
      classifier: checkpoint.model, classNames: data.classes, preprocessing: preprocessing,
      dataset: sandbox.file("bars").path)
    try FileManager.default.createDirectory(at: sandbox.file("run"), withIntermediateDirectories: true)
    try checkpoint.save(as: model, to: sandbox.file("run/checkpoint.safetensors"))
    let before = try sandbox.data("run/checkpoint.safetensors")

    let outcome = try sandbox.unroll("train", "--resume", "run", "--quiet")
    expect(outcome, failsWith: 70, saying: "diverged", "step 1 of epoch 1", "--learning-rate")
    #expect(try sandbox.data("run/checkpoint.safetensors") == before)
    #expect(try sandbox.text("run/metrics.jsonl").isEmpty)
    // Answers that are no numbers are reported as wrong ones, and not a crash.
    let steps = try sandbox.unroll("steps", "run/checkpoint.safetensors", "--json")
    expectQuietSuccess(steps)
    #expect(try #require(steps.object()["steps"] as? [Any]).count == 8)
  }
}

import Foundation
import Testing
import Unroll

@Suite("Divergence")
struct DivergenceTests {
  /// There is nothing to go on with, so that the folder can be taken again; a folder of the user's own stays.
  @Test(arguments: ["train", "ceiling"])
  func inTheFirstEpochLeavesNothing(command: String) throws {
    let sandbox = try Sandbox()
    let begun = [command, "bars", "--quiet", "--output"],
      flags = command == "train" ? [] : ["--steps", "4", "--validation", "40"]
    let hopeless =
      quickly + ["--recipe", "assignment", "--objective", "every"]
      + ["--cell", "irnn", "--optimizer", "sgd", "--learning-rate", "1000"]
    expect(try sandbox.unroll(begun + ["run"] + hopeless + flags), failsWith: 70, saying: "diverged")
    #expect(try sandbox.names() == ["bars"])
    try sandbox.write(Data("mine".utf8), to: "own/note.txt")
    expect(try sandbox.unroll(begun + ["own"] + hopeless + flags), failsWith: 70, saying: "diverged")
    #expect(try sandbox.names("own") == ["note.txt"])
    expectQuietSuccess(try sandbox.unroll(begun + ["own"] + quickly + flags + ["--json"]))
  }

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

import Datasets
import Foundation
import Recurrent
import Tensors
import TestSupport
import Testing
import Training

@Suite("Checkpoint files")
struct CheckpointTests {
  private let folder: TemporaryFolder
  private let file: URL
  private let checkpoint: Checkpoint

  init() throws {
    folder = try TemporaryFolder()
    file = folder.file("checkpoint.safetensors")
    let plan = smallPlan {
      ($0.dropout, $0.recurrentDropout, $0.blankFront) = (0.25, 0.5, 3)
      ($0.weightAveraging, $0.weightDecay, $0.labelSmoothing) = (0.75, 0.125, 0.0625)
      $0.distortion = Distortion(shift: 1.5, scaling: 0.375)
      $0.stepWeights = .chosen([.init(8...8)])
    }
    let trainer = try Trainer(plan, data: bars(100).sequences(), outputs: 3)
    _ = try trainer.trainEpoch()
    checkpoint = trainer.checkpoint
    var model = smallTrainedModel()
    model.classifier = trainer.model
    try checkpoint.save(as: model, to: file)
  }

  @Test func isAModelFileToo() throws {
    let model = try TrainedModel(contentsOf: file)
    #expect(model.classifier.bits == checkpoint.model.bits)
    #expect(model.classNames == smallTrainedModel().classNames)
  }

  @Test func comesBackToTheBit() throws {
    let loaded = try Checkpoint.load(from: file, on: .cpu).checkpoint
    #expect(loaded.model.bits == checkpoint.model.bits)
    #expect(loaded.optimizer.bits == checkpoint.optimizer.bits)
    #expect(loaded.optimizer.step == 4 && loaded.data == checkpoint.data)
    #expect(loaded.plan == checkpoint.plan && loaded.progress == checkpoint.progress)
    #expect(loaded.instructionSet == Device.cpu.instructionSet)
  }

  @Test func wrongAveragesAreNamed() throws {
    try change { arrays, _ in
      arrays["optimizer.first_moment.head.bias"] = nil
      arrays["optimizer.second_moment.head.bias"] = SafetensorsArray(shape: [4], floats: [0, 0, 0, 0])
      arrays["optimizer.velocity.head.bias"] = SafetensorsArray(shape: [3], floats: [0, 0, 0])
    }
    let problems = [
      "optimizer.first_moment.head.bias is missing, expected shape [3]",
      "optimizer.second_moment.head.bias has shape [4], expected [3]", "optimizer.velocity.head.bias is unexpected",
    ]
    #expect(throws: ModelFileError.wrongArrays(path: file.path, problems: problems)) {
      _ = try Checkpoint.load(from: file, on: .cpu)
    }
  }

  @Test(arguments: [
    (#""hidden_size":12"#, #""hidden_size":1000000"#), (#""hidden_size":12"#, #""hidden_size":13"#),
    (#""epochs":2"#, #""epochs":0"#), (#""epochs":2"#, #""epochs":9223372036854775807"#),
    (#""batch_size":32"#, #""batch_size":9223372036854775807"#), (#""batch_size":32"#, #""batch_size":-1"#),
    (#""epoch":1"#, #""epoch":3"#), (#""batch":0"#, #""batch":-1"#), (#""seen":0"#, #""seen":9223372036854775807"#),
    (#""validation_count":0"#, #""validation_count":100"#), (#""sequences":100"#, #""sequences":0"#),
    (#""steps":8"#, #""steps":9"#), (#""optimizer_step":4"#, #""optimizer_step":9223372036854775807"#),
    (#""instruction_set":""#, #""instruction_set":"x"#), (#""optimizer":"adam""#, #""optimizer":"lion""#),
    (#""seed":1"#, #""seed":-1"#), (#""dropout":0.25"#, #""dropout":1"#),
    (#""recurrent_dropout":0.5"#, #""recurrent_dropout":-0.5"#), (#""shift":1.5"#, #""shift":-1.5"#),
    (#""scaling":0.375"#, #""scaling":1"#), (#""blank_front":3"#, #""blank_front":-1"#),
    (#""blank_front":3"#, #""blank_front":8"#), (#""weight_averaging":0.75"#, #""weight_averaging":1"#),
    (#""weight_averaging":0.75"#, #""weight_averaging":-0.1"#), (#""weight_decay":0.125"#, #""weight_decay":-1"#),
    (#""label_smoothing":0.0625"#, #""label_smoothing":2"#), (#""step_weights":"8""#, #""step_weights":"9""#),
    (#""step_weights":"8""#, #""step_weights":"8-""#),
  ])
  func hostilePositionsAreRefused(found: String, replacement: String) throws {
    try change { _, metadata in
      let text = metadata["unroll.checkpoint"] ?? ""
      try #require(text.contains(found), "\(text)")
      metadata["unroll.checkpoint"] = text.replacing(found, with: replacement)
    }
    #expect(throws: ModelFileError.self) { _ = try Checkpoint.load(from: file, on: .cpu) }
  }

  private func change(_ change: (inout [String: SafetensorsArray], inout [String: String]) throws -> Void) throws {
    var (arrays, metadata) = try Safetensors.loadArrays(from: file)
    try change(&arrays, &metadata)
    try Safetensors.save(arrays: arrays, metadata: metadata, to: file)
  }
}

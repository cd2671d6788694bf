import Datasets
import Foundation
import Recurrent
import Tensors
import TestSupport
import Testing
import Training

@Suite("Stopping and going on")
struct ResumeTests {
  private let folder: TemporaryFolder
  private static let data = bars(100).sequences()

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Four batches an epoch, the last of them smaller: after 4 and 8 an epoch is just complete.
  @Test(arguments: OptimizerKind.allCases)
  func anyStopLeadsToTheSameBits(optimizer: OptimizerKind) throws {
    let plan = smallPlan {
      $0.optimizer = optimizer
      $0.learningRate = optimizer == .sgd || optimizer == .nesterov ? 0.1 : 0.01
      $0.validationCount = 4
      $0.schedule = .oneCycle
    }
    let whole = try Run(plan)
    try whole.goOn()
    for batches in 1...8 where optimizer == .adam || batches % 3 == 1 {
      let first = try Run(plan)
      try first.goOn(batches: batches)
      let second = try Run(resuming: try stored(first.trainer.checkpoint))
      try second.goOn()
      let metrics = first.metrics + second.metrics
      #expect(second.trainer.model.bits == whole.trainer.model.bits, "stopped after \(batches)")
      let (state, expected) = (second.trainer.checkpoint.optimizer, whole.trainer.checkpoint.optimizer)
      #expect(state.bits == expected.bits && state.step == expected.step, "stopped after \(batches)")
      #expect(metrics == whole.metrics, "stopped after \(batches)")
      #expect(second.trainer.progress.epochSeconds.count == 2)
    }
  }

  @Test(arguments: CellKind.allCases, Precision.allCases)
  func stacksOfAnyCellGoOnToTheSameBits(cell: CellKind, precision: Precision) throws {
    guard Device.cpu.supports(precision) else { return }
    let plan = smallPlan {
      $0.cell = cell
      $0.layers = 2
      $0.precision = precision
    }
    let whole = try Run(plan), first = try Run(plan)
    try whole.goOn()
    try first.goOn(batches: 3)
    let second = try Run(resuming: try stored(first.trainer.checkpoint))
    try second.goOn()
    #expect(second.trainer.model.bits == whole.trainer.model.bits)
    #expect(second.trainer.checkpoint.optimizer.bits == whole.trainer.checkpoint.optimizer.bits)
  }

  @Test func aFinishedRunStaysFinished() throws {
    let run = try Run(smallPlan())
    try run.goOn()
    let again = try Run(resuming: try stored(run.trainer.checkpoint))
    #expect(again.trainer.isFinished)
    #expect(again.trainer.model.bits == run.trainer.model.bits)
  }

  @Test func otherDataAreRefused() throws {
    let run = try Run(smallPlan())
    try run.goOn(batches: 2)
    let checkpoint = try stored(run.trainer.checkpoint)
    for images in [bars(99), bars(100, seed: 2)] {
      let error = #expect(throws: TrainingError.self) {
        _ = try Trainer(resuming: checkpoint, data: images.sequences())
      }
      guard case .otherData(let found, let expected) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(found.sequences == images.count && expected.sequences == 100)
    }
    var pixels = bars(100).pixels
    pixels[6399] ^= 1
    let changed = LabeledImages(height: 8, width: 8, pixels: pixels, labels: bars(100).labels)
    #expect(throws: TrainingError.self) { _ = try Trainer(resuming: checkpoint, data: changed.sequences()) }
    var labels = bars(100).labels
    labels[99] ^= 1
    let renamed = LabeledImages(height: 8, width: 8, pixels: bars(100).pixels, labels: labels)
    #expect(throws: TrainingError.self) { _ = try Trainer(resuming: checkpoint, data: renamed.sequences()) }
  }

  /// A checkpoint by way of a file.
  private func stored(_ checkpoint: Checkpoint) throws -> Checkpoint {
    let file = folder.file("checkpoint.safetensors")
    let model = TrainedModel(
      classifier: checkpoint.model, classNames: ["a", "b", "c"], preprocessing: Preprocessing(height: 8, width: 8),
      dataset: "bars")
    try checkpoint.save(as: model, to: file)
    let loaded = try Checkpoint.load(from: file, on: .cpu)
    #expect(loaded.model.classNames == ["a", "b", "c"])
    #expect(loaded.checkpoint.plan == checkpoint.plan && loaded.checkpoint.progress == checkpoint.progress)
    return loaded.checkpoint
  }

  /// A trainer and what its epochs measured, times aside.
  private final class Run {
    struct Stop: Error {}
    let trainer: Trainer
    var metrics: [[Double?]] = []

    init(_ plan: TrainingPlan) throws { trainer = try Trainer(plan, data: data, outputs: 3) }
    init(resuming checkpoint: Checkpoint) throws { trainer = try Trainer(resuming: checkpoint, data: data) }

    func goOn(batches: Int = .max) throws {
      var left = batches
      do {
        while !trainer.isFinished {
          let epoch = try trainer.trainEpoch { _ in
            left -= 1
            if left == 0 { throw Stop() }
          }
          metrics.append([
            Double(epoch.epoch), epoch.loss, epoch.accuracy, epoch.validationLoss, epoch.validationAccuracy,
            epoch.learningRate,
          ])
        }
      } catch is Stop {}
    }
  }
}

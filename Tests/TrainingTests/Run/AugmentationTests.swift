import Datasets
import Recurrent
import Tensors
import TestSupport
import Testing
import Training

/// Training on changed sequences, and on averaged weights.
@Suite("Distortion, blank steps and averaged weights in training")
struct AugmentationTests {
  private let data = bars(300).sequences(), test = bars(90, seed: 2).sequences()

  private func trained(_ change: (inout TrainingPlan) -> Void) throws -> Trainer {
    let trainer = try Trainer(smallPlan { change(&$0) }, data: data, outputs: 3)
    while !trainer.isFinished { _ = try trainer.trainEpoch() }
    return trainer
  }

  static let changes: [@Sendable (inout TrainingPlan) -> Void] = [
    { $0.distortion = Distortion(shift: 1, rotation: 5, scaling: 0.1, bending: 0.5) }, { $0.blankFront = 3 },
    { $0.weightAveraging = 0.9 },
    { ($0.distortion, $0.blankFront, $0.weightAveraging) = (Distortion(shift: 1), 2, 0.5) },
  ]

  @Test(arguments: changes)
  func aRunGoesOnToTheSameBits(change: @Sendable (inout TrainingPlan) -> Void) throws {
    struct Stop: Error {}
    let plan = smallPlan { change(&$0) }
    let whole = try Trainer(plan, data: data, outputs: 3), first = try Trainer(plan, data: data, outputs: 3)
    _ = try whole.trainEpoch()
    #expect(throws: Stop.self) { _ = try first.trainEpoch { if $0.batch == 3 { throw Stop() } } }
    let second = try Trainer(resuming: first.checkpoint, data: data)
    _ = try second.trainEpoch()
    #expect(second.model.bits == whole.model.bits && second.result.bits == whole.result.bits)
    let plain = try Trainer(smallPlan(), data: data, outputs: 3)
    _ = try plain.trainEpoch()
    #expect(plain.result.bits != whole.result.bits, "the plan has to matter")
  }

  /// The checkpoint keeps the weights that training goes on from, besides their average.
  @Test func aStoredAverageComesBack() throws {
    let folder = try TemporaryFolder(), file = folder.file("checkpoint.safetensors")
    let trainer = try trained { $0.weightAveraging = 0.9 }
    #expect(trainer.result.bits != trainer.model.bits)
    let model = TrainedModel(
      classifier: trainer.result, classNames: ["a", "b", "c"], preprocessing: Preprocessing(height: 8, width: 8),
      dataset: "bars")
    try trainer.checkpoint.save(as: model, to: file)
    let again = try Trainer(resuming: Checkpoint.load(from: file, on: .cpu).checkpoint, data: data)
    #expect(again.result.bits == trainer.result.bits && again.model.bits == trainer.model.bits)
  }

  @Test func theAverageIsWhatValidationSees() throws {
    let plan = smallPlan { ($0.weightAveraging, $0.validationCount, $0.objective) = (0.99, 60, .last) }
    let trainer = try Trainer(plan, data: data, outputs: 3)
    let epoch = try trainer.trainEpoch()
    let expected = trainer.result.evaluate(data, rows: trainer.validationRows).crossEntropy
    #expect(abs((epoch.validationLoss ?? .nan) - expected) < 1e-6)
    #expect(epoch.validationLoss != trainer.model.evaluate(data, rows: trainer.validationRows).crossEntropy)
  }

  @Test func blankStepsInFrontAreLearned() throws {
    func accuracyWithThreeBlank(_ blankFront: Int?) throws -> Double {
      let model = try trained { ($0.blankFront, $0.epochs) = (blankFront, 25) }.result
      return model.accuracyBySteps(test, truncation: .blankFront)[4].accuracy
    }
    let (unprepared, prepared) = (try accuracyWithThreeBlank(nil), try accuracyWithThreeBlank(3))
    #expect(prepared > unprepared + 0.1, "\(prepared), not \(unprepared)")
  }

  @Test func moreBlankStepsThanSteps() throws {
    #expect(throws: TrainingError.tooManyBlankSteps(count: 8, steps: 8)) {
      _ = try Trainer(smallPlan { $0.blankFront = 8 }, data: data, outputs: 3)
    }
    _ = try Trainer(smallPlan { $0.blankFront = 7 }, data: data, outputs: 3)
  }

  @Test func distortedImagesTakeNothingFromTheSystemAfterTheFirstEpoch() throws {
    let device = Device(threads: 2)
    let plan = smallPlan { ($0.distortion, $0.blankFront, $0.epochs) = (Distortion(shift: 1), 2, 3) }
    let trainer = try Trainer(plan, data: bars(100).sequences(on: device), outputs: 3)
    var counts: [Int] = []
    while !trainer.isFinished { _ = try trainer.trainEpoch { _ in counts.append(device.systemAllocations) } }
    #expect(Set(counts[3...]).count == 1, "\(counts)")
  }
}

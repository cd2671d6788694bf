import Datasets
import Foundation
import Interchange
import Recurrent
import Tensors
import TestSupport
import Testing
import Training

@Suite("A run's log for TensorBoard")
struct TensorBoardLogTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Sixty images of a bright row that tells the class.
  private let data: SequenceData = {
    let labels = (0..<60).map { UInt8($0 % 3) }
    let pixels = labels.enumerated().flatMap { index, label in
      (0..<4 * 4).map { UInt8($0 / 4 == Int(label) ? 220 : (index * 7 + $0) % 30) }
    }
    let images = LabeledImages(height: 4, width: 4, pixels: pixels, labels: labels)
    return SequenceData(images, Preprocessing(height: 4, width: 4), on: .cpu)
  }()

  private func plan(_ change: (inout TrainingPlan) -> Void = { _ in }) -> TrainingPlan {
    var plan = TrainingPlan()
    (plan.hiddenSize, plan.epochs, plan.batchSize, plan.validationCount) = (6, 2, 1, 5)
    change(&plan)
    return plan
  }

  @Test func whatIsLogged() throws {
    let trainer = try Trainer(plan(), data: data, outputs: 3)
    let log = try TensorBoardLog(in: folder.url, of: trainer, reading: data)
    while !trainer.isFinished {
      try log.record(try trainer.trainEpoch { try log.record($0, of: trainer) }, of: trainer)
    }
    try log.record(trainer.result.accuracyBySteps(data, truncation: .end), named: "all")
    let gates = ["forget_gate", "input_gate", "output_gate"].map { "gates/layer_1/\($0)" }
    let weights = trainer.model.parameterPaths.map { "weights/\($0.name)" }
    let epoch =
      [
        "loss/batches", "loss/train", "learning_rate", "sequences_per_second", "accuracy/train", "loss/validation",
        "accuracy/validation",
      ] + weights + gates
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(names.count == 1)
    let found = try tags(of: folder.url.appending(path: names[0]))
    #expect(found == epoch + epoch + [String](repeating: "accuracy_by_steps/all", count: 4))
  }

  /// Neither what is random nor what is computed changes.
  @Test func bitsAreTheSame() throws {
    let plan = plan {
      ($0.dropout, $0.weightAveraging, $0.batchSize) = (0.2, 0.9, 7)
      $0.distortion = Distortion(shift: 1)
    }
    let (plain, logged) = (try Trainer(plan, data: data, outputs: 3), try Trainer(plan, data: data, outputs: 3))
    let log = try TensorBoardLog(in: folder.url, of: logged, reading: data)
    while !plain.isFinished {
      _ = try plain.trainEpoch()
      try log.record(try logged.trainEpoch { try log.record($0, of: logged) }, of: logged)
    }
    for path in plain.model.parameterPaths {
      #expect(path.parameter(of: plain.model).floats == path.parameter(of: logged.model).floats, "\(path.name)")
      #expect(path.parameter(of: plain.result).floats == path.parameter(of: logged.result).floats, "\(path.name)")
    }
  }

  /// What is not there is not logged, and a run that goes on tells of its own batches alone.
  @Test func othersAndGoingOn() throws {
    struct Stop: Error {}
    let plan = plan { ($0.cell, $0.validationCount, $0.epochs) = (.rnn, 0, 1) }
    let trainer = try Trainer(plan, data: data, outputs: 3)
    #expect(throws: Stop.self) { try trainer.trainEpoch { if $0.batch == 40 { throw Stop() } } }
    let resumed = try Trainer(resuming: trainer.checkpoint, data: data)
    let log = try TensorBoardLog(in: folder.url, of: resumed, reading: data, at: Date(timeIntervalSince1970: 5))
    let before = resumed.progress
    var sum = 0.0
    let epoch = try resumed.trainEpoch {
      if $0.batch == 50 { sum = $0.lossSum - before.lossSum }
      try log.record($0, of: resumed)
    }
    try log.record(epoch, of: resumed)
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).first)
    let found = try tags(of: folder.url.appending(path: name))
    #expect(found.allSatisfy { !$0.hasPrefix("gates/") && !$0.contains("validation") } && found[0] == "loss/batches")
    let bits = withUnsafeBytes(of: Float(sum / 10).bitPattern.littleEndian) { Array($0) }
    #expect(try records(of: folder.url.appending(path: name))[1].suffix(4) == bits[...])

    let both = try Trainer(
      self.plan { ($0.bidirectional, $0.batchSize, $0.epochs) = (true, 30, 1) }, data: data, outputs: 3)
    try TensorBoardLog(in: folder.url, of: both, reading: data).record(try both.trainEpoch(), of: both)
  }
}

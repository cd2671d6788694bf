import Foundation
import Recurrent
import Tensors
import Testing
import Training

/// Runs that drop hidden states or recurrent weights.
@Suite("Training with dropout")
struct DropoutTrainingTests {
  private let data = bars(300).sequences()

  @Test(arguments: [Objective.last, .every])
  func eachKindIsAnotherTraining(objective: Objective) throws {
    func trained(_ dropout: Float?, _ recurrentDropout: Float?) throws -> [String: [UInt32]] {
      let plan = smallPlan {
        ($0.dropout, $0.recurrentDropout, $0.objective, $0.layers) = (dropout, recurrentDropout, objective, 2)
      }
      let trainer = try Trainer(plan, data: data, outputs: 3)
      _ = try trainer.trainEpoch()
      return trainer.model.bits
    }
    let without = try trained(nil, nil)
    #expect(try trained(0, 0) == without, "nothing is dropped")
    let models = [without, try trained(0.3, nil), try trained(nil, 0.3), try trained(0.3, 0.3)]
    #expect(Set(models).count == 4)
  }

  /// Every batch has masks of its own: with the same ones at each update, half of the weights would never be there.
  @Test func everyWeightLearns() throws {
    let plan = smallPlan { ($0.dropout, $0.recurrentDropout, $0.epochs) = (0.5, 0.5, 4) }
    let trainer = try Trainer(plan, data: data, outputs: 3)
    let before = trainer.model.layers[0].weightHH.floats
    while !trainer.isFinished { _ = try trainer.trainEpoch() }
    let after = trainer.model.layers[0].weightHH.floats
    #expect(zip(before, after).allSatisfy { $0 != $1 })
  }

  @Test func learnsAllTheSame() throws {
    let plan = smallPlan { ($0.dropout, $0.recurrentDropout, $0.epochs) = (0.2, 0.2, 20) }
    let trainer = try Trainer(plan, data: data, outputs: 3)
    while !trainer.isFinished { _ = try trainer.trainEpoch() }
    #expect(trainer.model.evaluate(bars(90, seed: 2).sequences()).accuracy > 0.9)
  }

  /// Wide enough for the masks to be shared between threads.
  @Test func threadsChangeNoBit() throws {
    func trained(threads: Int) throws -> [String: [UInt32]] {
      let plan = smallPlan {
        ($0.dropout, $0.recurrentDropout, $0.objective) = (0.2, 0.2, .every)
        ($0.hiddenSize, $0.batchSize, $0.layers) = (96, 100, 2)
      }
      let trainer = try Trainer(plan, data: bars(230).sequences(on: Device(threads: threads)), outputs: 3)
      _ = try trainer.trainEpoch()
      return trainer.model.bits
    }
    let one = try trained(threads: 1)
    #expect(try trained(threads: 2) == one)
    #expect(try trained(threads: 3) == one)
  }

  @Test(arguments: Objective.allCases)
  func aRunGoesOnToTheSameBits(objective: Objective) throws {
    struct Stop: Error {}
    let plan = smallPlan { ($0.objective, $0.dropout, $0.recurrentDropout, $0.layers) = (objective, 0.2, 0.3, 2) }
    let whole = try Trainer(plan, data: data, outputs: 3)
    while !whole.isFinished { _ = try whole.trainEpoch() }
    for batches in [3, 10, 13] {
      let first = try Trainer(plan, data: data, outputs: 3)
      var left = batches
      #expect(throws: Stop.self) {
        while !first.isFinished {
          _ = try first.trainEpoch { _ in
            left -= 1
            if left == 0 { throw Stop() }
          }
        }
      }
      let second = try Trainer(resuming: first.checkpoint, data: data)
      while !second.isFinished { _ = try second.trainEpoch() }
      #expect(second.model.bits == whole.model.bits, "stopped after \(batches)")
    }
  }

  /// Plans that were written before there was dropout can be read.
  @Test func aPlanNeedNotSayAnything() throws {
    let text = try JSONEncoder().encode(smallPlan())
    #expect(!String(decoding: text, as: UTF8.self).contains("dropout"))
    #expect(try JSONDecoder().decode(TrainingPlan.self, from: text) == smallPlan())
    let plan = smallPlan { ($0.dropout, $0.recurrentDropout) = (0.25, 0.5) }
    let encoded = String(decoding: try JSONEncoder().encode(plan), as: UTF8.self)
    #expect(encoded.contains(#""dropout":0.25"#) && encoded.contains(#""recurrent_dropout":0.5"#))
    #expect(try JSONDecoder().decode(TrainingPlan.self, from: Data(encoded.utf8)) == plan)
  }
}

import Datasets
import Recurrent
import Tensors
import Testing
import Training

@Suite("Training")
struct TrainerTests {
  @Test func learns() throws {
    let device = Device(threads: 2)
    let trainer = try Trainer(smallPlan { $0.epochs = 8 }, data: bars(300).sequences(on: device), outputs: 3)
    var losses: [Double] = []
    while !trainer.isFinished { losses.append(try trainer.trainEpoch().loss) }
    #expect(losses.count == 8)
    #expect(losses[7] < losses[0] / 2)
    #expect(trainer.model.evaluate(bars(90, seed: 2).sequences(on: device)).accuracy > 0.9)
  }

  @Test(
    .enabled(if: Device.cpu.supports(.bf16), "the processor has no AVX512_BF16"), arguments: CellKind.allCases)
  func learnsAsWellInBF16(cell: CellKind) throws {
    let data = bars(300).sequences(), test = bars(300, seed: 2).sequences()
    let trainers = try Precision.allCases.map { precision in
      // Rectified units start with weights of the input near zero, and take longer.
      let epochs = cell == .irnn ? 30 : 8
      let plan = smallPlan { ($0.cell, $0.precision, $0.epochs) = (cell, precision, epochs) }
      let trainer = try Trainer(plan, data: data, outputs: 3)
      while !trainer.isFinished { _ = try trainer.trainEpoch() }
      return trainer
    }
    let accuracies = trainers.map { $0.model.evaluate(test).accuracy }
    #expect(accuracies[0] > 0.9)
    #expect(abs(accuracies[0] - accuracies[1]) < 0.03, "\(accuracies)")
    #expect(trainers[0].model.bits != trainers[1].model.bits, "bf16 is another computation")
  }

  /// Wide enough for every op to be shared between threads.
  @Test func threadsChangeNoBit() throws {
    func trained(threads: Int, seed: UInt64 = 7) throws -> (model: [String: [UInt32]], optimizer: [String: [UInt32]]) {
      let plan = smallPlan {
        $0.hiddenSize = 96
        $0.batchSize = 100
        $0.seed = seed
      }
      let trainer = try Trainer(plan, data: bars(330).sequences(on: Device(threads: threads)), outputs: 3)
      for _ in 0..<2 { _ = try trainer.trainEpoch() }
      return (trainer.model.bits, trainer.checkpoint.optimizer.bits)
    }
    let one = try trained(threads: 1)
    for threads in [1, 2, 3] {
      let other = try trained(threads: threads)
      #expect(other.model == one.model, "\(threads) threads")
      #expect(other.optimizer == one.optimizer, "\(threads) threads")
    }
    #expect(try trained(threads: 1, seed: 8).model != one.model)
  }

  /// Nothing that an update needs holds on to the parameters when they are changed.
  @Test(arguments: CellKind.allCases)
  func updatesCopyNoParameter(cell: CellKind) throws {
    let device = Device(threads: 2)
    let trainer = try Trainer(smallPlan { $0.cell = cell }, data: bars(100).sequences(on: device), outputs: 3)
    let before = device.copiesOnWrite
    _ = try trainer.trainEpoch()
    #expect(device.copiesOnWrite == before)
  }

  @Test func dropoutCopiesNoParameterEither() throws {
    let device = Device(threads: 2)
    let plan = smallPlan { ($0.dropout, $0.recurrentDropout, $0.layers) = (0.5, 0.5, 2) }
    let trainer = try Trainer(plan, data: bars(100).sequences(on: device), outputs: 3)
    let before = device.copiesOnWrite
    _ = try trainer.trainEpoch()
    #expect(device.copiesOnWrite == before)
  }

  @Test func theLastSmallerBatchIsKept() throws {
    let trainer = try Trainer(smallPlan(), data: bars(100).sequences(), outputs: 3)
    #expect(trainer.batchesPerEpoch == 4)
    var seen: [Int] = []
    let epoch = try trainer.trainEpoch { seen.append($0.seen) }
    #expect(seen == [32, 64, 96, 100])
    #expect(epoch.epoch == 1)
    #expect((0...1).contains(epoch.accuracy ?? -1))
  }

  @Test func validationIsApart() throws {
    let data = bars(100).sequences()
    let plan = smallPlan { $0.validationCount = 30 }
    let trainer = try Trainer(plan, data: data, outputs: 3)
    #expect(trainer.validationRows.count == 30)
    #expect(trainer.sequencesPerEpoch == 70)
    #expect((trainer.trainingRows + trainer.validationRows).sorted() == Array(0..<100))
    #expect(trainer.validationRows.sorted() != Array(0..<30), "rows are drawn")
    let again = try Trainer(plan, data: data, outputs: 3)
    #expect(again.validationRows == trainer.validationRows)
    let other = try Trainer(smallPlan { ($0.validationCount, $0.seed) = (30, 2) }, data: data, outputs: 3)
    #expect(other.validationRows != trainer.validationRows)

    #expect(try Trainer(smallPlan(), data: data, outputs: 3).trainEpoch().validationLoss == nil)
  }

  /// Where training asks after every step, validation does too: else the two losses could not be compared.
  @Test(arguments: Objective.allCases) func validationAsksAsTrainingDoes(_ objective: Objective) throws {
    let data = bars(100).sequences()
    let plan = smallPlan { ($0.validationCount, $0.objective, $0.stepWeights) = (30, objective, .linear) }
    let trainer = try Trainer(plan, data: data, outputs: 3), epoch = try trainer.trainEpoch()
    let steps = (1...data.steps).map { trainer.model.evaluate(data.prefix(steps: $0), rows: trainer.validationRows) }
    let weights: [Double] =
      switch objective {
      case .last, .randomPrefix: steps.indices.map { $0 == data.steps - 1 ? 1 : 0 }
      case .every: steps.map { _ in 1 / Double(data.steps) }
      case .weighted: steps.indices.map { Double($0 + 1) / Double(data.steps * (data.steps + 1) / 2) }
      }
    let expected = zip(steps, weights).reduce(0) { $0 + $1.0.crossEntropy * $1.1 }
    #expect(abs(try #require(epoch.validationLoss) - expected) < 1e-5 * expected)
    #expect(epoch.validationAccuracy == steps.last?.accuracy)
  }

  @Test func validationMustLeaveSomething() throws {
    let data = bars(30).sequences()
    #expect(throws: TrainingError.tooFewSequences(count: 30, validation: 30)) {
      _ = try Trainer(smallPlan { $0.validationCount = 30 }, data: data, outputs: 3)
    }
    let trainer = try Trainer(smallPlan { $0.validationCount = 29 }, data: data, outputs: 3)
    #expect(try trainer.trainEpoch().sequencesPerSecond > 0)
  }

  @Test func divergenceIsToldWithStepAndAdvice() throws {
    let plan = smallPlan(.assignment) {
      $0.optimizer = .sgd
      $0.learningRate = 1e38
    }
    let trainer = try Trainer(plan, data: bars(100).sequences(), outputs: 3)
    let error = #expect(throws: TrainingError.self) {
      while !trainer.isFinished { _ = try trainer.trainEpoch() }
    }
    guard case .diverged(let epoch, let step, let loss, let learningRate) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!loss.isFinite && learningRate == 1e38)
    #expect(epoch == trainer.progress.epoch + 1 && step == trainer.progress.batch + 1)
    #expect(step > 1, "the first batch is read with the weights that were drawn")
    let message = String(describing: error ?? .diverged(epoch: 0, step: 0, loss: 0, learningRate: 0))
    #expect(message.contains("step \(step) of epoch \(epoch)") && message.contains("--learning-rate"))
  }

  /// The pool keeps a few sizes more for the last, smaller batch; after one epoch it has all of them.
  @Test func takesNothingFromTheSystemAfterTheFirstBatch() throws {
    let device = Device(threads: 2)
    let trainer = try Trainer(smallPlan { $0.epochs = 3 }, data: bars(100).sequences(on: device), outputs: 3)
    var counts: [Int] = []
    while !trainer.isFinished { _ = try trainer.trainEpoch { _ in counts.append(device.systemAllocations) } }
    #expect(counts.count == 12 && counts[0] > 0)
    #expect(Set(counts[..<3]).count == 1, "over full batches: \(counts)")
    #expect(Set(counts[3...]).count == 1, "once every size of batch has been seen: \(counts)")
  }
}

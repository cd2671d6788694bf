import Recurrent
import Tensors
import Testing
import Training

/// Small networks that are really trained.
@Suite("Memory study")
struct MemoryStudyTests {
  private func design(_ change: (inout MemoryDesign) -> Void = { _ in }) -> MemoryDesign {
    var design = MemoryDesign()
    design.cells = [.gru]
    design.tasks = [.temporalOrder]
    design.lengths = [10]
    design.learningRates = [0.01]
    design.seeds = 1
    design.hiddenSize = 24
    design.batchSize = 32
    design.updates = 2000
    design.gradientLength = 10
    change(&design)
    return design
  }

  private func candidate(of design: MemoryDesign) throws -> MemoryCandidate { try #require(design.next(after: [])) }

  @Test(arguments: MemoryTask.allCases)
  func shortSequencesAreSolved(task: MemoryTask) throws {
    var study = MemoryStudy(design { $0.tasks = [task] })
    let candidate = try #require(study.next)
    var validations: [Double?] = []
    let trial = study.train(candidate) { trainer in
      if trainer.updates % MemoryDesign.checkInterval == 0 { validations.append(trainer.validation) }
    }
    #expect(trial.isSolved && trial.updates < 2000 && trial.updates == 100 * validations.count)
    // At two checks in a row, and no earlier two.
    let isBelow = validations.map { ($0 ?? 1) < 0.01 }
    #expect(isBelow.suffix(2) == [true, true])
    #expect(!zip(isBelow.dropLast(), isBelow.dropLast().dropFirst()).contains { $0 && $1 })
    #expect(trial.validation == validations.last)
    #expect(try #require(trial.test) < 0.015)
    #expect(study.next == nil && study.trials == [trial])
    let gradients = try #require(trial.gradients)
    #expect(gradients.before.count == 10 && gradients.before != gradients.after)
    #expect(gradients.before.allSatisfy { $0 > 0 && $0 < 10 })
  }

  @Test func theSameSeedGivesTheSameTrialForAnyThreads() throws {
    let design = design { ($0.updates, $0.cells, $0.tasks) = (70, [.lstm], [.adding]) }
    func trained(_ seed: UInt64, threads: Int) -> MemoryTrial {
      let candidate = MemoryCandidate(task: .adding, cell: .lstm, length: 10, learningRate: 0.01, seed: seed)
      var trainer = MemoryTrainer(candidate, of: design, on: Device(threads: threads))
      while !trainer.isFinished { trainer.update() }
      return trainer.trial()
    }
    let one = trained(1, threads: 1), again = trained(1, threads: 3), other = trained(2, threads: 1)
    #expect((one.validation, one.test, one.gradients) == (again.validation, again.test, again.gradients))
    #expect(one.test != other.test)
    #expect(one.updates == 70 && !one.isSolved && one.validation != nil, "looked at in the end")
  }

  @Test func aRateThatCannotBeChosenAnyMoreIsGivenUp() throws {
    let design = design { $0.learningRates = [0.01, 1e-5] }
    var study = MemoryStudy(design)
    let quick = study.train(try #require(study.next)), slow = study.train(try #require(study.next))
    #expect(quick.isSolved && !slow.isSolved && slow.updates == quick.updates)
    #expect(slow.validation != nil && study.next == nil && study.rows[0].learningRate == 0.01)
  }

  /// Whatever a network's own seed, it is examined on the sequences of the study's; gradients before training are those of
  /// its first weights.
  @Test func allSeedsAreExaminedAlike() throws {
    let design = design { ($0.updates, $0.seed, $0.seeds) = (3, 5, 2) }, task = MemoryTask.temporalOrder
    let candidate = MemoryCandidate(task: task, cell: .gru, length: 10, learningRate: 0.01, seed: 6)
    var trainer = MemoryTrainer(candidate, of: design)
    let first = trainer.model
    while !trainer.isFinished { trainer.update() }
    func sequences(_ purpose: RandomPurpose, count: Int) -> [MemorySequences] {
      (0..<count / 128).map { batch in
        var random = RandomGenerator(seed: 5).stream(purpose, index: batch)
        return task.sequences(count: 128, steps: 10, using: &random)
      }
    }
    func error(_ purpose: RandomPurpose, count: Int) -> Double {
      trainer.model.error(on: sequences(purpose, count: count), of: task)
    }
    let trial = trainer.trial()
    #expect(trial.validation == error(.validationSequences, count: MemoryDesign.validationCount))
    #expect(trial.test == error(.testSequences, count: MemoryDesign.testCount))
    let parts = sequences(.testSequences, count: MemoryDesign.gradientCount), gradients = try #require(trial.gradients)
    for (norms, network) in [(gradients.before, first), (gradients.after, trainer.model)] {
      let expected = parts.map { network.inputGradientNorms(on: $0, of: task) }
      for distance in 0..<10 {
        #expect(abs(norms[distance] - expected.reduce(0) { $0 + $1[distance] } / Double(parts.count)) < 1e-12)
      }
    }
  }

  @Test func firstWeightsAreThoseOfTheDesign() throws {
    let chrono = MemoryTrainer(try candidate(of: design()), of: design())
    let usual = design { $0.isChrono = false }
    let plain = MemoryTrainer(try candidate(of: usual), of: usual)
    #expect(chrono.model.layer.weightHH == plain.model.layer.weightHH)
    #expect(chrono.model.layer.bias != plain.model.layer.bias)
    #expect(plain.model.layer.bias.floats.allSatisfy { $0 == 0 })
  }

  @Test func divergenceEndsATrial() throws {
    let design = design { ($0.learningRates, $0.maxGradientNorm) = ([1e38], 1e38) }
    var study = MemoryStudy(design)
    let trial = study.train(try candidate(of: design))
    #expect(!trial.isSolved && trial.updates < 2000)
    #expect(trial.validation == nil && trial.test == nil && trial.gradients == nil)
    #expect(study.rows[0].error == .infinity && study.gradients.isEmpty)
  }

  @Test func whatIsStoppedLeavesNothing() throws {
    struct Stop: Error {}
    var study = MemoryStudy(design())
    let candidate = try #require(study.next)
    #expect(throws: Stop.self) { try study.train(candidate) { if $0.updates == 5 { throw Stop() } } }
    #expect(study.trials.isEmpty && study.next == candidate)
  }
}

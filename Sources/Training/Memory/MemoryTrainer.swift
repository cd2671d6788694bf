import Dispatch
import Recurrent
import Tensors
import _Differentiation

/// Trains one network of a memory study by Adam with clipped gradients, and looks at it every so many updates.
public struct MemoryTrainer {
  /// What is trained.
  public let candidate: MemoryCandidate
  /// The network as it is now.
  public private(set) var model: MemoryNetwork
  /// How many updates there were.
  public private(set) var updates = 0
  /// The error on the validation sequences at the last check; `nil` before the first.
  public private(set) var validation: Double?
  /// Whether training is over: solved, diverged, or at the limit of updates.
  public var isFinished: Bool { isSolved || hasDiverged || updates >= mostUpdates }
  /// Whether the validation error was below the task's mark at two checks in a row.
  public private(set) var isSolved = false

  /// Updates after which training ends at the latest.
  public let mostUpdates: Int

  private let design: MemoryDesign
  private let device: Device
  private var optimizer: Adam<MemoryNetwork>
  private let paths: [ParameterPath<MemoryNetwork>]
  private let validationBatches: [MemorySequences]
  private let first: MemoryNetwork
  private var hasDiverged = false
  private var seconds = 0.0

  /// A network with its first weights.
  ///
  /// - Parameters:
  ///   - candidate: What is trained.
  ///   - design: The study that it belongs to.
  ///   - mostUpdates: Updates after which training ends at the latest; as the study has it by default.
  ///   - device: Where to train.
  public init(
    _ candidate: MemoryCandidate, of design: MemoryDesign, atMost mostUpdates: Int? = nil, on device: Device = .cpu
  ) {
    self.candidate = candidate
    self.design = design
    self.mostUpdates = mostUpdates ?? design.updates
    self.device = device
    var random = RandomGenerator(seed: candidate.seed).stream(.initialization)
    model = MemoryNetwork(
      for: candidate.task, cell: candidate.cell, hiddenSize: design.hiddenSize,
      chronoSteps: design.isChrono ? candidate.length : nil, using: &random, on: device)
    first = model
    optimizer = Adam(for: model, learningRate: candidate.learningRate)
    paths = model.parameterPaths
    validationBatches = design.sequences(
      .validationSequences, count: MemoryDesign.validationCount, for: candidate, on: device)
  }

  /// One update along the gradient of sequences that are drawn anew, and now and then a look at the validation sequences.
  public mutating func update() {
    precondition(!isFinished, "training is over")
    let start = DispatchTime.now().uptimeNanoseconds
    var random = RandomGenerator(seed: candidate.seed).stream(.trainingSequences, index: updates)
    let sequences = candidate.task.sequences(
      count: design.batchSize, steps: candidate.length, using: &random, on: device)
    var (loss, gradient) = lossAndGradient(on: sequences)
    updates += 1
    if loss.isFinite {
      clipGradNorm(&gradient, paths, maxNorm: design.maxGradientNorm)
      optimizer.update(&model, along: gradient)
      if updates % MemoryDesign.checkInterval == 0 || updates == mostUpdates { check() }
    } else {
      hasDiverged = true
    }
    seconds += Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
  }

  /// A call, so that the pullback, which holds the parameters, is gone when they are updated in place.
  private func lossAndGradient(on sequences: MemorySequences) -> (Float, MemoryNetwork.TangentVector) {
    let task = candidate.task
    let (loss, gradient) = valueWithGradient(at: model) { model in
      task.loss(model(sequences.inputs), targets: sequences.targets)
    }
    return (loss.scalar, gradient)
  }

  private mutating func check() {
    let task = candidate.task, before = validation ?? .infinity
    let error = model.error(on: validationBatches, of: task)
    guard error.isFinite else {
      hasDiverged = true
      return
    }
    isSolved = error < task.solvedError && before < task.solvedError
    validation = error
  }

  /// What became of the network, with the error on the test sequences.
  ///
  /// - Precondition: Training is over.
  public func trial() -> MemoryTrial {
    precondition(isFinished, "training is not over")
    return MemoryTrial(
      candidate: candidate, isSolved: isSolved, updates: updates, validation: hasDiverged ? nil : validation,
      test: hasDiverged ? nil : testError, gradients: hasDiverged ? nil : gradients, seconds: seconds)
  }

  private var testError: Double? {
    let test = design.sequences(.testSequences, count: MemoryDesign.testCount, for: candidate, on: device)
    let error = model.error(on: test, of: candidate.task)
    return error.isFinite ? error : nil
  }

  private var gradients: MemoryTrial.Gradients? {
    guard candidate.length == design.gradientLength else { return nil }
    let sequences = design.sequences(.testSequences, count: MemoryDesign.gradientCount, for: candidate, on: device)
    func norms(_ model: MemoryNetwork) -> [Double] {
      let parts = sequences.map { ($0.count, model.inputGradientNorms(on: $0, of: candidate.task)) }
      return (0..<candidate.length).map { distance in
        parts.reduce(0) { $0 + Double($1.0) * $1.1[distance] } / Double(MemoryDesign.gradientCount)
      }
    }
    return MemoryTrial.Gradients(before: norms(first), after: norms(model))
  }
}

extension MemoryDesign {
  /// Sequences that do not depend on the candidate's seed, in batches that fit into little memory.
  fileprivate func sequences(
    _ purpose: RandomPurpose, count: Int, for candidate: MemoryCandidate, on device: Device
  ) -> [MemorySequences] {
    let most = 128
    return stride(from: 0, to: count, by: most).enumerated().map { batch, first in
      var random = RandomGenerator(seed: seed).stream(purpose, index: batch)
      return candidate.task.sequences(
        count: min(most, count - first), steps: candidate.length, using: &random, on: device)
    }
  }
}

import Tensors

/// What is compared in a memory study, and in which order its networks are trained. It follows from the networks trained so
/// far alone, so that a study can be stopped after any of them.
///
/// All cells get the same care: each is trained with every learning rate once, and with the best of them, by the validation
/// sequences, with further seeds.
public struct MemoryDesign: Sendable, Equatable, Codable {
  /// What the networks shall do.
  public var tasks = MemoryTask.allCases
  /// The recurrent layers' kinds.
  public var cells: [CellKind] = [.rnn, .gru, .lstm]
  /// Steps of the sequences, ascending, each at least `MemoryTask.fewestSteps`.
  public var lengths = [10, 20, 50, 100, 200, 400]
  /// What each cell is trained with at each length, in this order: those that are likely to be quick come first, for they
  /// save time with the others.
  public var learningRates: [Float] = [1e-2, 3e-3, 1e-3]
  /// With how many seeds, with the best of these.
  public var seeds = 5
  /// The first of them. The validation and test sequences, the same for all networks, come from it too.
  public var seed: UInt64 = 1
  /// Whether the gates of all cells that have some remember over a sequence's length from the start; see
  /// `SequenceLayer.rememberingFromTheStart(over:using:)`.
  public var isChrono = true
  /// The size of the recurrent layers' state.
  public var hiddenSize = 64
  /// Sequences per update, each drawn anew.
  public var batchSize = 64
  /// Updates after which training ends at the latest.
  public var updates = 5000
  /// The largest norm of a gradient; longer ones are scaled down.
  public var maxGradientNorm: Float = 1
  /// The length at which the gradients of the inputs are looked at, one of `lengths`; no cell is left out there.
  public var gradientLength = 100

  enum CodingKeys: String, CodingKey {
    case tasks, cells, lengths, seeds, seed, updates
    case isChrono = "chrono"
    case learningRates = "learning_rates"
    case hiddenSize = "hidden_size"
    case batchSize = "batch_size"
    case maxGradientNorm = "max_gradient_norm"
    case gradientLength = "gradient_length"
  }

  /// A study of the plain recurrent network, the GRU and the LSTM that takes about an hour.
  public init() {}

  /// Updates between two looks at the validation sequences.
  public static let checkInterval = 100
  /// The number of validation sequences.
  public static let validationCount = 512
  /// The number of test sequences, as many as Hochreiter & Schmidhuber tested with.
  public static let testCount = 2560
  /// The number of sequences that gradients are averaged over.
  public static let gradientCount = 256

  /// The most networks that can have to be trained.
  public var mostTrials: Int { tasks.count * cells.count * lengths.count * (learningRates.count + seeds - 1) }

  /// The network to be trained after these; `nil` when the study is complete.
  ///
  /// Length by length, so that the table grows evenly. A cell that has solved a task with no seed at two lengths in a row is
  /// not tried at longer ones, except where gradients are looked at.
  public func next(after trials: [MemoryTrial]) -> MemoryCandidate? {
    let tried = Set(trials.map(\.candidate))
    for task in tasks {
      for length in lengths {
        for cell in cells where tries(cell, task, length, after: trials) {
          let search = candidates(cell, task, length, learningRates, [seed])
          if let candidate = search.first(where: { !tried.contains($0) }) { return candidate }
          guard let rate = chosenRate(cell, task, length, among: trials) else { continue }
          let rest = candidates(cell, task, length, [rate], allSeeds)
          if let candidate = rest.first(where: { !tried.contains($0) }) { return candidate }
        }
      }
    }
    return nil
  }

  /// Updates after which training ends at the latest. In the search for a learning rate, once one has solved the task, another
  /// need not go on for longer: it could not be chosen any more.
  public func mostUpdates(for candidate: MemoryCandidate, after trials: [MemoryTrial]) -> Int {
    guard candidate.seed == seed else { return updates }
    let its = trials.filter { $0.isSolved && $0.candidate.seed == seed }.filter {
      isOf(candidate.cell, candidate.task, candidate.length)($0.candidate)
    }
    return its.map(\.updates).min() ?? updates
  }

  /// Whether a cell is tried at a length, as the lengths before have turned out.
  public func tries(_ cell: CellKind, _ task: MemoryTask, _ length: Int, after trials: [MemoryTrial]) -> Bool {
    guard let index = lengths.firstIndex(of: length), index >= 2, length != gradientLength else { return true }
    return lengths[index - 2..<index].contains { before in
      trials.contains { $0.isSolved && isOf(cell, task, before)($0.candidate) }
    }
  }

  /// The learning rate that did best in the search, the first of equals; `nil` where none was tried.
  public func chosenRate(
    _ cell: CellKind, _ task: MemoryTask, _ length: Int, among trials: [MemoryTrial]
  ) -> Float? {
    let search = trials.filter { isOf(cell, task, length)($0.candidate) && $0.candidate.seed == seed }
    return search.reduce(nil) { (best: MemoryTrial?, trial) in
      best.map { trial.isBetter(than: $0) } ?? true ? trial : best
    }?.candidate.learningRate
  }

  /// The trials of a cell with the learning rate that was chosen, one for each seed.
  public func chosenTrials(
    _ cell: CellKind, _ task: MemoryTask, _ length: Int, among trials: [MemoryTrial]
  ) -> [MemoryTrial] {
    let rate = chosenRate(cell, task, length, among: trials)
    return trials.filter { isOf(cell, task, length)($0.candidate) && $0.candidate.learningRate == rate }
  }

  /// Whether this can be a study: what is read from a file must not trap later.
  package var isSound: Bool {
    func areDistinct(_ values: [some Hashable]) -> Bool { !values.isEmpty && Set(values).count == values.count }
    return areDistinct(tasks) && areDistinct(cells) && areDistinct(lengths) && areDistinct(learningRates)
      && lengths == lengths.sorted() && lengths.allSatisfy { (MemoryTask.fewestSteps...1_000_000).contains($0) }
      && learningRates.allSatisfy { $0 > 0 && $0.isFinite }
      && (1...100_000).contains(seeds) && (1...16_384).contains(hiddenSize) && (1...1_000_000).contains(batchSize)
      && (1...Int(Int32.max)).contains(updates) && maxGradientNorm > 0
      && lengths.contains(gradientLength)
  }

  /// Whether a trial can be one of this study: what is read from a file must not trap later.
  package func admits(_ trial: MemoryTrial) -> Bool {
    let candidate = trial.candidate
    return tasks.contains(candidate.task) && cells.contains(candidate.cell) && lengths.contains(candidate.length)
      && learningRates.contains(candidate.learningRate) && allSeeds.contains(candidate.seed)
      && (0...updates).contains(trial.updates)
      && trial.gradients.map { [$0.before, $0.after].allSatisfy { $0.count == candidate.length } } ?? true
  }

  private var allSeeds: [UInt64] { (0..<seeds).map { seed &+ UInt64($0) } }

  private func candidates(
    _ cell: CellKind, _ task: MemoryTask, _ length: Int, _ rates: [Float], _ seeds: [UInt64]
  ) -> [MemoryCandidate] {
    rates.flatMap { rate in
      seeds.map { MemoryCandidate(task: task, cell: cell, length: length, learningRate: rate, seed: $0) }
    }
  }

  private func isOf(_ cell: CellKind, _ task: MemoryTask, _ length: Int) -> (MemoryCandidate) -> Bool {
    { ($0.cell, $0.task, $0.length) == (cell, task, length) }
  }
}

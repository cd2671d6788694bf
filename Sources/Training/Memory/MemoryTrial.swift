import Tensors

/// A network that is trained in a memory study.
public struct MemoryCandidate: Sendable, Hashable, Codable {
  /// What it shall do.
  public let task: MemoryTask
  /// The recurrent layer's kind.
  public let cell: CellKind
  /// Steps of each sequence.
  public let length: Int
  /// What it is trained with.
  public let learningRate: Float
  /// Where its first weights and the sequences that it learns from come from.
  public let seed: UInt64

  enum CodingKeys: String, CodingKey {
    case task, cell, length, seed
    case learningRate = "learning_rate"
  }

  /// A candidate from its parts.
  public init(task: MemoryTask, cell: CellKind, length: Int, learningRate: Float, seed: UInt64) {
    self.task = task
    self.cell = cell
    self.length = length
    self.learningRate = learningRate
    self.seed = seed
  }
}

/// A candidate that was trained, and what became of it: a line of `memory.jsonl`.
public struct MemoryTrial: Sendable, Equatable, Codable {
  /// What was trained.
  public let candidate: MemoryCandidate
  /// Whether the validation error was below the task's mark at two checks in a row; training ended there.
  public let isSolved: Bool
  /// How many updates there were.
  public let updates: Int
  /// The error on the validation sequences at the last check, which learning rates are chosen by. `nil` if training diverged.
  public let validation: Double?
  /// The error on sequences that were never seen. `nil` if training diverged.
  public let test: Double?
  /// How much the loss would change with the steps at each distance from the end, with the first weights and the last. `nil`
  /// at lengths where that is not looked at, or if training diverged.
  public let gradients: Gradients?
  /// Seconds that training took.
  public let seconds: Double

  /// Norms of gradients by distance from the end; see `MemoryNetwork.inputGradientNorms(on:of:)`.
  public struct Gradients: Sendable, Equatable, Codable {
    /// Before and after training.
    public let before, after: [Double]

    /// Norms before and after training, of as many steps.
    public init(before: [Double], after: [Double]) {
      precondition(before.count == after.count, "gradients of \(before.count) and \(after.count) steps")
      self.before = before
      self.after = after
    }
  }

  enum CodingKeys: String, CodingKey {
    case candidate, updates, validation, test, gradients, seconds
    case isSolved = "solved"
  }

  /// A trial from its parts.
  public init(
    candidate: MemoryCandidate, isSolved: Bool, updates: Int, validation: Double?, test: Double?, gradients: Gradients?,
    seconds: Double
  ) {
    self.candidate = candidate
    self.isSolved = isSolved
    self.updates = updates
    self.validation = validation
    self.test = test
    self.gradients = gradients
    self.seconds = seconds
  }

  /// Whether this one did better than another in the search for a learning rate: it solved the task and the other did not,
  /// both did and this one with fewer updates, or neither did and it was less wrong.
  public func isBetter(than other: MemoryTrial) -> Bool {
    if isSolved != other.isSolved { return isSolved }
    return isSolved ? updates < other.updates : (validation ?? .infinity) < (other.validation ?? .infinity)
  }
}

/// What is asked of the network in training.
public enum Objective: String, Sendable, CaseIterable, Codable {
  /// The right class after the last step, as in the assignment.
  case last
  /// The right class after every step alike: an anytime network, which answers whenever it is asked.
  case every
  /// The right class after a random number of steps, drawn for each sequence of each batch.
  case randomPrefix = "random-prefix"
  /// The right class after every step, some steps counting more than others; see `StepWeights`.
  case weighted
}

/// What the answer after each step counts for. Only the weights' ratios matter: they are divided by their sum.
public enum StepWeights: String, Sendable, CaseIterable, Codable {
  /// As much as has been read: 1, 2, 3, …
  case linear
  /// Its square: 1, 4, 9, …
  case quadratic
  /// The second half of the steps alike, the first half nothing.
  case late
  /// The first half of the steps three times as much as the second.
  case early

  /// The weights of a sequence of `steps` steps, which sum to 1.
  public func weights(steps: Int) -> [Float] {
    normalized(
      (1...steps).map { step in
        switch self {
        case .linear: Float(step)
        case .quadratic: Float(step * step)
        case .late: 2 * step > steps ? 1 : 0
        case .early: 2 * step > steps ? 1 : 3
        }
      })
  }
}

/// The same ratios, with a sum of 1.
func normalized(_ weights: [Float]) -> [Float] {
  let sum = weights.reduce(0, +)
  return weights.map { $0 / sum }
}

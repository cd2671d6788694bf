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

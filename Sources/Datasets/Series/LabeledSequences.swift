/// What each sequence of a file is to be answered with.
public enum SequenceTargets: Equatable, Sendable {
  /// The name of each sequence's class, as the file spells it.
  case labels([String])
  /// A number for each sequence, to be estimated; finite.
  case numbers([Float])
  /// Nothing: sequences to be answered, and not to be learned from.
  case none

  /// How many sequences have a target; `nil` if none has.
  public var count: Int? {
    switch self {
    case .labels(let labels): labels.count
    case .numbers(let numbers): numbers.count
    case .none: nil
    }
  }
}

/// Sequences of numbers as a file gave them: each of its own length, all with the same features at each step.
///
/// Nothing has been done to the values yet. What is missing is NaN.
public struct LabeledSequences: Equatable, Sendable {
  /// The numbers at each step; at least 1.
  public let features: Int
  /// The steps of each sequence, each at least 1; at least one sequence.
  public let lengths: [Int]
  /// The steps of all sequences one after another, [sum of the lengths, features]. NaN stands for a missing value; none is
  /// infinite.
  public let values: [Float]
  /// What each sequence is to be answered with.
  public let targets: SequenceTargets
  /// All classes in the order in which the file declares them; `nil` if it does not.
  public let declaredClasses: [String]?

  /// Sequences from their parts.
  ///
  /// - Parameters:
  ///   - features: The numbers at each step, at least 1.
  ///   - lengths: The steps of each sequence, each at least 1; at least one sequence.
  ///   - values: [sum of the lengths, features]; NaN where missing.
  ///   - targets: As many as sequences, or none.
  ///   - declaredClasses: All classes in the file's order, if it says so.
  /// - Precondition: The sizes fit each other.
  public init(
    features: Int, lengths: [Int], values: [Float], targets: SequenceTargets, declaredClasses: [String]? = nil
  ) {
    precondition(
      features >= 1 && !lengths.isEmpty && lengths.allSatisfy { $0 >= 1 },
      "\(lengths.count) sequences of \(features) features, of which the shortest has \(lengths.min() ?? 0) steps")
    precondition(
      values.count == lengths.reduce(0, +) * features && targets.count.map { $0 == lengths.count } ?? true,
      "\(values.count) values and \(targets.count ?? 0) targets for \(lengths.count) sequences of \(features) features")
    self.features = features
    self.lengths = lengths
    self.values = values
    self.targets = targets
    self.declaredClasses = declaredClasses
  }

  /// The number of sequences.
  public var count: Int { lengths.count }
}

/// The number of each label among some classes, counted from 0; 0 for a label that is none of them.
func classNumbers(of labels: [String], among classes: [String]) -> [Int] {
  let numbers = Dictionary(classes.enumerated().map { ($1, $0) }) { first, _ in first }
  return labels.map { numbers[$0] ?? 0 }
}

import Unroll

/// A run's outcome beside that of others.
struct RunResults: Encodable {
  /// After how many steps an accuracy is reached for the first time.
  struct Reached: Encodable {
    let accuracy: Double
    /// `nil`: never.
    let steps: Int?
  }

  /// What it is called among the others.
  let name: String
  /// The folder as it was named.
  let path: String
  /// A known name, or a folder's path.
  let dataset: String
  /// Steps of a sequence.
  let steps: Int?
  /// The share of right answers on the test set after the last step, with its 95 % interval if that is known.
  let testAccuracy: Double
  let low, high: Double?
  /// The same after half of the steps, rounded up.
  let accuracyAfterHalf: Double?
  let reached: [Reached]?
  /// Numbers that the network has learned.
  let parameters: Int?
  let epochs: Int
  let trainSeconds: Double
  let peakResidentBytes: Int
  let threads: Int
  let instructionSet: InstructionSet
  let system: String
  let version: String

  enum CodingKeys: String, CodingKey {
    case name, path, dataset, steps, low, high, reached, parameters, epochs, threads, system, version
    case testAccuracy = "test_accuracy"
    case accuracyAfterHalf = "accuracy_after_half"
    case trainSeconds = "train_seconds"
    case peakResidentBytes = "peak_resident_bytes"
    case instructionSet = "instruction_set"
  }

  /// The accuracies that are asked for.
  static let goals = [0.9, 0.95, 0.98]

  init(_ run: FinishedRun, named name: String) {
    self.name = name
    path = run.path
    dataset = run.configuration.dataset
    steps = run.stepCount
    testAccuracy = run.testAccuracy
    low = run.steps?.last?.low
    high = run.steps?.last?.high
    accuracyAfterHalf = run.accuracy(afterShare: 0.5)
    reached = run.steps.map { steps in
      Self.goals.map { goal in Reached(accuracy: goal, steps: steps.first { $0.accuracy >= goal }?.step) }
    }
    parameters = run.model?.classifier.parameterCount
    epochs = run.summary.epochs
    trainSeconds = run.summary.trainSeconds
    peakResidentBytes = run.summary.peakResidentBytes
    threads = run.summary.threads
    instructionSet = run.configuration.instructionSet
    system = run.configuration.system
    version = run.summary.version
  }
}

extension FinishedRun {
  /// The accuracy after a share of the steps, rounded up to whole ones.
  func accuracy(afterShare share: Double) -> Double? {
    guard let steps, !steps.isEmpty else { return nil }
    return steps[max(1, Int((share * Double(steps.count)).rounded(.up))) - 1].accuracy
  }
}

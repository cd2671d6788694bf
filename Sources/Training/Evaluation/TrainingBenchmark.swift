import Datasets
import Foundation
import Recurrent
import Tensors

/// How fast this machine trains a classifier, and how close that comes to what its processor could do.
///
/// Training runs on random images, for speed does not depend on what is in them. The peak is measured before each round,
/// in the same process on the same threads, so that both see the same neighbours on a shared machine.
public struct TrainingBenchmark: Sendable {
  /// The shape of what is trained.
  public struct Shape: Sendable, Equatable, Codable {
    /// Sequences per update, steps of a sequence, features of a step, and size of the LSTM's state.
    public var batchSize, steps, inputs, hiddenSize: Int

    /// A shape; by default the assignment's.
    public init(batchSize: Int = 128, steps: Int = 28, inputs: Int = 28, hiddenSize: Int = 128) {
      self.batchSize = batchSize
      self.steps = steps
      self.inputs = inputs
      self.hiddenSize = hiddenSize
    }
  }

  /// One round: some batches, with everything that training does.
  public struct Round: Sendable, Equatable, Codable {
    /// Seconds per update.
    public let seconds: Double
    /// Seconds per update by phase; the rest goes to small ops, metrics and bookkeeping.
    public let phases: [String: Double]
    /// Floating point operations per second at best, measured just before.
    public let peak: Double
  }

  /// What was trained.
  public let shape: Shape
  /// All rounds after the first, which warms up.
  public let rounds: [Round]
  /// Multiply-adds per update of the three parts of the LSTM, those that are really executed.
  public let multiplyAdds: [String: Int]

  /// Trains for `rounds` + 1 rounds of at least `seconds` each.
  public init(_ shape: Shape, rounds: Int = 7, seconds: Double = 0.5, on device: Device) throws {
    self.shape = shape
    var random = RandomGenerator(seed: 1)
    let count = 16 * shape.batchSize
    let images = LabeledImages(
      height: shape.steps, width: shape.inputs,
      pixels: (0..<count * shape.steps * shape.inputs).map { _ in UInt8(random.integer(below: 256)) },
      labels: (0..<count).map { _ in UInt8(random.integer(below: 10)) })
    var plan = TrainingPlan(recipe: .modern)
    plan.hiddenSize = shape.hiddenSize
    plan.batchSize = shape.batchSize
    plan.epochs = Int(Int32.max)
    plan.schedule = .constant
    let data = SequenceData(images, Preprocessing(height: shape.steps, width: shape.inputs), on: device)
    let trainer = try Trainer(plan, data: data, classes: 10)
    multiplyAdds = trainer.model.multiplyAdds(steps: shape.steps).mapValues { $0 * shape.batchSize }

    var measured: [Round] = []
    while measured.count < rounds + 1 {
      let peak = device.measurePeak()
      _ = device.times.takeSeconds()
      var elapsed = 0.0, updates = 0
      while elapsed < seconds {
        elapsed += try trainer.trainEpoch().seconds
        updates += trainer.batchesPerEpoch
      }
      let phases = device.times.takeSeconds().map { ($0.rawValue, $1 / Double(updates)) }
      measured.append(
        Round(
          seconds: elapsed / Double(updates), phases: Dictionary(uniqueKeysWithValues: phases), peak: peak))
    }
    self.rounds = Array(measured.dropFirst())
  }

  /// The names of the phases, in the order of a training step.
  public static var phaseNames: [String] { Phase.allCases.map(\.rawValue) }

  /// The share of the peak that each round reached: executed operations of the LSTM's products alone over all of the time.
  public var sharesOfPeak: [Double] {
    let operations = Double(multiplyAdds.values.reduce(0, +)) * 2
    return rounds.map { operations / $0.seconds / $0.peak }
  }
}

extension SequenceClassifier {
  /// Multiply-adds per sequence in training, by phase. From a zero state, the first step has no recurrent product.
  func multiplyAdds(steps: Int) -> [String: Int] {
    let gates = 4 * hiddenSize, read = foldsInput ? inputSize : input.outputSize
    let recurrent = (steps - 1) * gates * hiddenSize, fromInput = steps * gates * read
    let inputLayer = foldsInput ? 0 : steps * inputSize * input.outputSize
    return [
      Phase.forward.rawValue: recurrent + fromInput + inputLayer,
      Phase.backward.rawValue: recurrent + (foldsInput ? 0 : fromInput),
      Phase.weightGradients.rawValue: recurrent + fromInput + inputLayer,
    ]
  }
}

/// The median of some numbers; NaN of none.
public func median(_ values: [Double]) -> Double {
  guard !values.isEmpty else { return .nan }
  let sorted = values.sorted(), middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

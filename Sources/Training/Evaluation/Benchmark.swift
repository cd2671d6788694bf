import Datasets
import Dispatch
import Recurrent
import Tensors

/// How fast this machine works through a classifier, and how close that comes to what its processor could do.
///
/// The images are random, for speed does not depend on what is in them. The peak is measured before each round, in the
/// same process on the same threads, so that both see the same neighbours on a shared machine.
package struct Benchmark {
  /// What is timed.
  package enum Mode: String, Sendable, CaseIterable, Codable {
    /// An update with all that belongs to it, as `Trainer` does it: bytes to a batch, gradient, optimizer, metrics.
    case train
    /// A batch of whole sequences, from bytes to the most likely classes.
    case infer
    /// One step of one sequence, from its features to class probabilities.
    case stream
  }

  /// The objectives that are worth a comparison: the others cost what one of these does, or less.
  package enum Objective: String, Sendable, CaseIterable, Codable {
    /// The class after the last step.
    case last
    /// The class after every step.
    case every
  }

  /// The shape of the work.
  package struct Shape: Codable {
    package var batchSize, steps, inputs, hiddenSize, layers: Int
    package var cell: CellKind
    package var precision: Precision
    /// When training asks for the class; the other modes ask as a user does.
    package var objective: Objective
    /// What else training does; its objective and batch size are those above.
    package var recipe: Recipe

    package init(
      batchSize: Int, steps: Int, inputs: Int, hiddenSize: Int, layers: Int, cell: CellKind, precision: Precision,
      objective: Objective = .last, recipe: Recipe = .modern
    ) {
      self.batchSize = batchSize
      self.steps = steps
      self.inputs = inputs
      self.hiddenSize = hiddenSize
      self.layers = layers
      self.cell = cell
      self.precision = precision
      self.objective = objective
      self.recipe = recipe
    }

    enum CodingKeys: String, CodingKey {
      case steps, inputs, layers, cell, precision, objective, recipe
      case batchSize = "batch_size"
      case hiddenSize = "hidden_size"
    }
  }

  /// One round of work, after which the clock was read.
  package struct Round: Codable {
    /// Seconds per update, batch or step.
    package let seconds: Double
    /// Of these, by phase; the rest goes to small ops, metrics and bookkeeping.
    package let phases: [Phase: Double]
    /// Floating point operations per second at best, measured just before.
    package let peak: Double
    /// Seconds in which a cache line goes to another core and back, likewise; `nil` with one thread.
    package let handover: Double?
  }

  package let mode: Mode
  package let shape: Shape
  /// All rounds after the first, which warms up.
  package let rounds: [Round]
  /// Multiply-adds of all matrix products per update, batch or step, by phase: those that are really executed, but for
  /// what a long sequence computes a second time.
  package let multiplyAdds: [Phase: Int]

  /// Works for `rounds` + 1 rounds of at least `seconds` each.
  ///
  /// - Throws: `TrainingError` if training diverges.
  package init(_ mode: Mode, _ shape: Shape, rounds: Int, seconds: Double, on device: Device) throws {
    self.mode = mode
    self.shape = shape
    let work = try Work(mode, shape, on: device)
    multiplyAdds = work.multiplyAdds
    var measured: [Round] = []
    while measured.count < rounds + 1 {
      let peak = device.measurePeak(shape.precision), handover = device.measureHandover()
      _ = device.times.takeSeconds()
      var count = 0, elapsed = 0.0
      let start = DispatchTime.now().uptimeNanoseconds
      while elapsed < seconds {
        count += try work.run()
        elapsed = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
      }
      let phases = device.times.takeSeconds().mapValues { $0 / Double(count) }
      measured.append(Round(seconds: elapsed / Double(count), phases: phases, peak: peak, handover: handover))
    }
    self.rounds = Array(measured.dropFirst())
  }

  /// The share of the peak that each round reached: executed operations of matrix products alone over all of the time.
  package var sharesOfPeak: [Double] {
    let operations = 2 * Double(multiplyAdds.values.reduce(0, +))
    return rounds.map { operations / $0.seconds / $0.peak }
  }
}

/// A little of what a benchmark repeats.
private struct Work {
  let multiplyAdds: [Phase: Int]
  /// Does it, and says how many updates, batches or steps it was.
  let run: () throws -> Int

  init(_ mode: Benchmark.Mode, _ shape: Benchmark.Shape, on device: Device) throws {
    // Enough that an epoch's own bookkeeping does not count, few enough that large shapes have short rounds.
    let batches = max(2, min(16, 10_000_000 / (shape.batchSize * shape.steps * shape.hiddenSize)))
    let data = Self.randomData(shape, count: batches * shape.batchSize, on: device)
    var plan = TrainingPlan(recipe: shape.recipe)
    plan.cell = shape.cell
    plan.layers = shape.layers
    plan.hiddenSize = shape.hiddenSize
    plan.precision = shape.precision
    plan.objective = shape.objective == .last ? .last : .every
    plan.batchSize = shape.batchSize
    plan.epochs = Int(Int32.max)
    plan.schedule = .constant
    let trainer = try Trainer(plan, data: data, outputs: 10), model = trainer.model
    switch mode {
    case .train:
      multiplyAdds = model.multiplyAdds(
        training: true, batchSize: shape.batchSize, steps: shape.steps,
        answers: shape.objective == .last ? 1 : shape.steps)
      run = {
        _ = try trainer.trainEpoch()
        return batches
      }
    case .infer:
      multiplyAdds = model.multiplyAdds(training: false, batchSize: shape.batchSize, steps: shape.steps)
      run = {
        for first in stride(from: 0, to: data.count, by: shape.batchSize) {
          _ = model(data.batch(first..<first + shape.batchSize).sequences).argmaxOfRows()
        }
        return batches
      }
    case .stream:
      let reader = Reader(model), sequence = data.batch([0]).sequences
      multiplyAdds = model.multiplyAddsOfStep(foldsInput: reader.foldsInput)
      let steps = (0..<shape.steps).map { sequence.selected($0, alongAxis: 1).floats }
      run = {
        for step in steps { reader.read(step) }
        return steps.count
      }
    }
  }

  private static func randomData(_ shape: Benchmark.Shape, count: Int, on device: Device) -> SequenceData {
    var random = RandomGenerator(seed: 1)
    let images = LabeledImages(
      height: shape.steps, width: shape.inputs,
      pixels: (0..<count * shape.steps * shape.inputs).map { _ in UInt8(random.integer(below: 256)) },
      labels: (0..<count).map { _ in UInt8(random.integer(below: 10)) })
    return SequenceData(images, Preprocessing(height: shape.steps, width: shape.inputs), on: device)
  }
}

extension SequenceClassifier {
  /// Multiply-adds for a batch, by phase: of a training step, or of the logits alone, for so many `answers` to each
  /// sequence. From a zero state, the first step has no recurrent product.
  func multiplyAdds(training: Bool, batchSize: Int, steps: Int, answers: Int = 1) -> [Phase: Int] {
    var counts: [Phase: Int] = [:]
    func add(_ count: Int, to phases: Phase...) {
      for phase in phases where training || [.linearLayers, .forward].contains(phase) {
        counts[phase, default: 0] += count
      }
    }
    let rows = batchSize * steps, firstGates = cell.gates * hiddenSize
    // Each linear product once forward, and once for each of its two gradients.
    let passes = training ? 3 : 1
    add(passes * answers * batchSize * hiddenSize * classes, to: .linearLayers)
    if foldsInput {
      add(passes * firstGates * input.outputSize * (inputSize + 1), to: .linearLayers)
    } else {
      // Nobody wants the gradient of data.
      add(min(passes, 2) * rows * inputSize * input.outputSize, to: .linearLayers)
    }
    for (index, layer) in layers.enumerated() {
      let gates = layer.kind.gates * layer.hiddenSize
      let readsData = index == 0 && foldsInput, read = readsData ? inputSize : layer.inputSize
      add((rows - batchSize) * gates * layer.hiddenSize, to: .forward, .backward, .weightGradients)
      add(rows * gates * read, to: .forward, .weightGradients)
      if !readsData { add(rows * gates * read, to: .backward) }
    }
    return counts
  }

  /// Multiply-adds of one step of a stream, of which nothing is timed apart.
  func multiplyAddsOfStep(foldsInput: Bool) -> [Phase: Int] {
    let inputLayer = foldsInput ? 0 : inputSize * input.outputSize
    let recurrent = layers.enumerated().reduce(0) { sum, item in
      let (index, layer) = item, read = index == 0 && foldsInput ? inputSize : layer.inputSize
      return sum + layer.kind.gates * layer.hiddenSize * (read + layer.hiddenSize)
    }
    return [.linearLayers: inputLayer + hiddenSize * classes, .forward: recurrent]
  }
}

/// The median of some numbers; NaN of none.
package func median(_ values: [Double]) -> Double {
  guard !values.isEmpty else { return .nan }
  let sorted = values.sorted(), middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

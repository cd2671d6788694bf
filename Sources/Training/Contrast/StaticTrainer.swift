import Datasets
import Recurrent
import Tensors
import _Differentiation

/// Trains a static network on whole sequences, batch by batch.
public struct StaticTrainer {
  /// The network as it is now.
  public private(set) var model: MultilayerPerceptron
  /// Updates of the whole run.
  public let updates: Int
  /// Those that are done.
  public private(set) var done = 0
  private let design: ContrastDesign
  private let data: SequenceData
  private let rows: [Int]
  private let schedule: Schedule
  private let paths: [ParameterPath<MultilayerPerceptron>]
  private var optimizer: AdamW<MultilayerPerceptron>
  private var order: [Int] = []

  /// A run at its beginning.
  ///
  /// - Parameters:
  ///   - design: Sizes of at least 1.
  ///   - data: What is read.
  ///   - rows: Which of the sequences, at least one.
  ///   - classes: The number of classes; each label is below.
  public init(_ design: ContrastDesign, data: SequenceData, rows: [Int], classes: Int) {
    var random = RandomGenerator(seed: design.seed).stream(.initialization)
    model = MultilayerPerceptron(
      sizes: [data.steps * data.features] + design.hiddenSizes + [classes], using: &random, on: data.device)
    self.design = design
    self.data = data
    self.rows = rows
    updates = design.epochs * Self.batches(design, rows)
    schedule = oneCycleSchedule(design.learningRate, steps: updates)
    paths = model.parameterPaths
    let recipe = TrainingPlan(recipe: .modern)
    optimizer = AdamW(for: model, weightDecay: recipe.weightDecay ?? TrainingPlan.usualWeightDecay)
  }

  private static func batches(_ design: ContrastDesign, _ rows: [Int]) -> Int {
    (rows.count + design.batchSize - 1) / design.batchSize
  }

  /// The next update.
  ///
  /// - Returns: The loss before it.
  /// - Throws: `TrainingError.diverged` if that is no number.
  public mutating func step() throws(TrainingError) -> Float {
    let batches = Self.batches(design, rows), (epoch, batch) = (done / batches, done % batches)
    if batch == 0 {
      var random = RandomGenerator(seed: design.seed).stream(.shuffling, index: epoch)
      order = rows
      random.shuffle(&order)
    }
    let next = data.batch(
      order[batch * design.batchSize..<min((batch + 1) * design.batchSize, order.count)])
    optimizer.learningRate = schedule(done)
    var (loss, gradient) = valueWithGradient(at: model) { model in
      softmaxCrossEntropy(logits: model(next.sequences), labels: next.targets)
    }
    guard loss.scalar.isFinite else {
      throw .diverged(epoch: epoch + 1, step: batch + 1, loss: loss.scalar, learningRate: optimizer.learningRate)
    }
    clipGradNorm(&gradient, paths, maxNorm: 1)
    optimizer.update(&model, along: gradient)
    done += 1
    return loss.scalar
  }
}

extension MultilayerPerceptron {
  /// Which sequences are classified rightly if only their first steps are there and the rest is blank, for each number of
  /// steps from 1 on.
  ///
  /// - Parameters:
  ///   - data: What is read.
  ///   - betweenBatches: Called before each batch; stops the evaluation if it throws.
  /// - Returns: The share of right answers after each number of steps.
  public func accuracyOnParts(of data: SequenceData, betweenBatches: () throws -> Void) rethrows -> [Double] {
    try (1...data.steps).map { steps in
      let part = data.blanked(after: steps)
      var right = 0
      for start in stride(from: 0, to: data.count, by: evaluationBatchSize) {
        try betweenBatches()
        let rows = start..<min(start + evaluationBatchSize, data.count)
        right += zip(self(part.batch(rows).sequences).argmaxOfRows(), rows).count { $0 == data.labels[$1] }
      }
      return Double(right) / Double(data.count)
    }
  }

  /// The same, not to be stopped.
  public func accuracyOnParts(of data: SequenceData) -> [Double] { accuracyOnParts(of: data) {} }
}

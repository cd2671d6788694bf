import Unroll
import _Differentiation

/// The assignment's network around any cell, which is stepped in Swift.
struct StepwiseClassifier<Cell: RecurrentCell>: Differentiable {
  var input: Linear
  var recurrent: RecurrentLayer<Cell>
  var head: Linear

  /// Class logits after every step, [batch, steps, classes].
  @differentiable(reverse,wrt: self)
  func callAsFunction(_ sequences: Tensor) -> Tensor {
    head(recurrent(input(sequences), initialState: .zero))
  }
}

/// One training run with the recipe `modern` and the objective `every`, as `unroll train` has them.
struct StepwiseTraining<Cell: RecurrentCell> {
  var model: StepwiseClassifier<Cell>
  let data: SequenceData
  let seed: UInt64
  let epochs: Int
  let batchSize = 128
  let trainingRows, validationRows: [Int]
  /// What a cell has to be given before each update, and what is taken away for validation.
  let prepare: (inout Cell, _ batchSize: Int, inout RandomGenerator) -> Void
  let finish: (inout Cell) -> Void

  init(
    _ cell: (inout RandomGenerator) -> Cell, _ data: SequenceData, seed: UInt64, epochs: Int, validation: Int,
    prepare: @escaping (inout Cell, Int, inout RandomGenerator) -> Void = { _, _, _ in },
    finish: @escaping (inout Cell) -> Void = { _ in }
  ) {
    // The streams of `unroll train`: the same sequences for validation, in the same order of batches.
    let random = RandomGenerator(seed: seed)
    var drawing = random.stream(.initialization), splitting = random.stream(.validation)
    // With biases of zero, blank rows would be normalized from exactly nothing; see LayerNormLSTMCell. All cells start alike.
    let input = Linear(
      inputSize: data.features, outputSize: hiddenSize, biasInitializer: .normal(deviation: 0.1), using: &drawing,
      on: data.device)
    let recurrent = RecurrentLayer(cell(&drawing))
    let head = Linear(inputSize: hiddenSize, outputSize: 10, using: &drawing, on: data.device)
    model = StepwiseClassifier(input: input, recurrent: recurrent, head: head)
    let rows = splitting.permutation(count: data.count)
    validationRows = Array(rows.prefix(validation))
    trainingRows = Array(rows.dropFirst(validation))
    self.data = data
    self.seed = seed
    self.epochs = epochs
    self.prepare = prepare
    self.finish = finish
  }

  /// Trains to the end.
  ///
  /// - Returns: The share of the validation sequences that is classified rightly after the last step.
  /// - Throws: `Diverged`, before the update that would have spread it.
  mutating func run() throws -> Double {
    let random = RandomGenerator(seed: seed), paths = model.parameterPaths
    let batches = (trainingRows.count + batchSize - 1) / batchSize
    let schedule = oneCycleSchedule(4e-3, steps: epochs * batches)
    var optimizer = Adam(for: model), update = 0
    for epoch in 0..<epochs {
      var order = trainingRows, shuffling = random.stream(.shuffling, index: epoch)
      shuffling.shuffle(&order)
      for start in stride(from: 0, to: order.count, by: batchSize) {
        let batch = data.batch(order[start..<min(start + batchSize, order.count)])
        var masking = random.stream(.dropout, index: update)
        prepare(&model.recurrent.cell, batch.targets.count, &masking)
        optimizer.learningRate = schedule(update)
        var gradient = gradient(batch.sequences, batch.targets)
        guard clipGradNorm(&gradient, paths, maxNorm: 1).isFinite else { throw Diverged(update: update) }
        optimizer.update(&model, along: gradient)
        update += 1
      }
    }
    finish(&model.recurrent.cell)
    return validate()
  }

  /// A call of its own, so that the pullback is gone when the parameters are updated in place.
  private func gradient(_ sequences: Tensor, _ labels: Tensor) -> StepwiseClassifier<Cell>.TangentVector {
    let weights = [Float](repeating: 1 / Float(data.steps), count: data.steps)
    return valueWithGradient(at: model) { model in
      softmaxCrossEntropy(logits: model(sequences), labels: labels, stepWeights: weights)
    }.gradient
  }

  private func validate() -> Double {
    var correct = 0
    for start in stride(from: 0, to: validationRows.count, by: 250) {
      let batch = data.batch(validationRows[start..<min(start + 250, validationRows.count)])
      let answers = model(batch.sequences).selected(data.steps - 1, alongAxis: 1).argmaxOfRows()
      correct += zip(answers, batch.targets.elements(as: Int32.self)).count { $0 == Int($1) }
    }
    return Double(correct) / Double(validationRows.count)
  }
}

/// A gradient that is not finite.
struct Diverged: Error, CustomStringConvertible {
  let update: Int
  var description: String { "the gradient of update \(update) is not finite" }
}

/// Width of the input layer and size of the state, as in the assignment.
let hiddenSize = 128

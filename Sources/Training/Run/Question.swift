import Recurrent
import Tensors
import _Differentiation

/// What a batch is asked: when, and what each answer counts for.
struct Question {
  /// How far each sequence is read; `nil` for all of its steps.
  var lengths: [Int]?
  /// Which answers are asked for.
  var answers: Answers

  enum Answers {
    /// Those after each sequence's last step; what each counts for, or `nil` if all count alike and the loss is their mean.
    case last(weights: [Float]?)
    /// Those after every step; what the mean over the batch counts for at each.
    case everyStep(weights: [Float])
    /// Those after every step; what each counts for, [batch, steps].
    case everyStepOfEach(weights: [Float])
  }
}

/// Asks the questions of a plan.
struct Questioner {
  private let objective: Objective
  /// What the answer after a step (from 1 on) of so many counts for.
  private let stepWeight: ((_ step: Int, _ steps: Int) -> Float)?
  private let namedWeights: StepWeights?
  /// What each sequence of the data counts for; `nil` if all count alike.
  private let sequenceWeights: [Float]?

  /// - Precondition: A `stepWeight` is nowhere negative and somewhere positive.
  init(_ plan: TrainingPlan, sequenceWeights: [Float]?, stepWeight: ((_ step: Int, _ steps: Int) -> Float)?) {
    objective = plan.objective
    namedWeights = plan.stepWeights
    self.sequenceWeights = sequenceWeights
    self.stepWeight = stepWeight
  }

  /// What a batch is asked.
  ///
  /// - Parameters:
  ///   - rows: Which sequences of the data it has.
  ///   - steps: Steps of the longest of them.
  ///   - lengths: Steps of each; `nil` if all have as many.
  ///   - randomLength: Draws a number of steps from 1 to its argument, where the plan asks after random prefixes.
  /// - Returns: The question.
  func question(
    rows: some Collection<Int>, steps: Int, lengths: [Int]?, randomLength: (_ most: Int) -> Int
  ) -> Question {
    let sequenceWeights = sequenceWeights.map { all in rows.map { all[$0] / Float(rows.count) } }
    switch objective {
    case .last: return Question(lengths: lengths, answers: .last(weights: sequenceWeights))
    case .randomPrefix:
      let read = (0..<rows.count).map { randomLength(lengths?[$0] ?? steps) }
      return Question(lengths: read, answers: .last(weights: sequenceWeights))
    case .every, .weighted:
      if lengths == nil && sequenceWeights == nil {
        return Question(lengths: nil, answers: .everyStep(weights: weights(steps: steps)))
      }
      let each = (0..<rows.count).flatMap { place in
        let length = lengths?[place] ?? steps, weight = sequenceWeights?[place] ?? 1 / Float(rows.count)
        return weights(steps: length).map { $0 * weight } + [Float](repeating: 0, count: steps - length)
      }
      return Question(lengths: lengths, answers: .everyStepOfEach(weights: each))
    }
  }

  /// What the answer after each step of a sequence counts for; the weights sum to 1.
  func weights(steps: Int) -> [Float] {
    guard objective == .weighted else { return [Float](repeating: 1 / Float(steps), count: steps) }
    guard let stepWeight else { return (namedWeights ?? .linear).weights(steps: steps) }
    let weights = (1...steps).map { stepWeight($0, steps) }
    precondition(
      weights.allSatisfy { $0 >= 0 && $0.isFinite } && weights.contains { $0 > 0 }, "weights of steps \(weights)")
    return normalized(weights)
  }
}

/// A batch's loss, with the outputs after each sequence's last step.
struct Answers {
  /// [batch, outputs].
  let outputs: Tensor
  /// A scalar.
  let loss: Tensor
}

extension SequenceClassifier {
  /// The network's answers to a question about a batch, how wrong they are, and the gradient of that.
  ///
  /// - Parameters:
  ///   - question: What is asked.
  ///   - sequences: [batch, steps, inputs].
  ///   - targets: [batch]: the class of each sequence of `int32`, or its right output of `float32`, which has the squared
  ///     error for a loss.
  ///   - labelSmoothing: The share of a class target that is spread over all classes.
  ///   - softTargets: What the probabilities should be, in the shape of the outputs, instead of the classes alone.
  ///   - masks: What the network does without.
  /// - Returns: The outputs and the loss, and its gradient. All of the network without what `masks` drop.
  func answers(
    to question: Question, _ sequences: Tensor, _ targets: Tensor, labelSmoothing: Float, softTargets: Tensor?,
    masks: DropoutMasks?
  ) -> (answers: Answers, gradient: TangentVector) {
    // Two pullbacks and not one, because the outputs are wanted besides the loss.
    let (outputs, modelPullback) = valueWithPullback(at: self) { model in
      model.outputs(asked: question, sequences, masks: masks)
    }
    let (loss, dOutputs) = valueWithGradient(at: outputs) { outputs in
      question.loss(outputs, targets: targets, labelSmoothing: labelSmoothing, softTargets: softTargets)
    }
    return (Answers(outputs: question.lastOutputs(outputs), loss: loss), modelPullback(dOutputs))
  }

  /// The same without a gradient.
  func answers(to question: Question, _ sequences: Tensor, _ targets: Tensor) -> Answers {
    let outputs = outputs(asked: question, sequences, masks: nil)
    let loss = question.loss(outputs, targets: targets, labelSmoothing: 0, softTargets: nil)
    return Answers(outputs: question.lastOutputs(outputs), loss: loss)
  }

  /// What the network gives for those steps that are asked about: [batch, outputs] or [batch, steps, outputs].
  @differentiable(reverse,wrt: self)
  func outputs(asked question: Question, _ sequences: Tensor, masks: DropoutMasks?) -> Tensor {
    let lengths = question.lengths
    if question.isAskedOnce { return self(sequences, lengths: lengths, masks: masks) }
    return logitsAtEveryStep(sequences, lengths: lengths, masks: masks)
  }
}

extension Question {
  var isAskedOnce: Bool {
    if case .last = answers { true } else { false }
  }

  /// How wrong the outputs are.
  @differentiable(reverse,wrt: outputs)
  fileprivate func loss(_ outputs: Tensor, targets: Tensor, labelSmoothing: Float, softTargets: Tensor?) -> Tensor {
    if let softTargets = withoutDerivative(at: softTargets) {
      return softmaxCrossEntropy(
        logits: outputs, targets: softTargets, weights: withoutDerivative(at: weightsOfEach(outputs.shape)))
    }
    if targets.elementType == .float32 {
      return weightedSquaredError(
        outputs, targets: targets,
        weights: Tensor(
          weightsOfEach(withoutDerivative(at: outputs.shape)), shape: withoutDerivative(at: outputs.shape),
          on: withoutDerivative(at: outputs.device)))
    }
    // The compiler does not differentiate a switch over values that come with the cases.
    if let weights = withoutDerivative(at: stepWeights) {
      return softmaxCrossEntropy(logits: outputs, labels: targets, stepWeights: weights, labelSmoothing: labelSmoothing)
    }
    if let weights = withoutDerivative(at: answerWeights) {
      return softmaxCrossEntropy(logits: outputs, labels: targets, weights: weights, labelSmoothing: labelSmoothing)
    }
    return softmaxCrossEntropy(logits: outputs, labels: targets, labelSmoothing: labelSmoothing)
  }

  /// What each step counts for, where that is all that counts.
  private var stepWeights: [Float]? {
    if case .everyStep(let weights) = answers { weights } else { nil }
  }

  /// What each answer counts for, where they differ.
  private var answerWeights: [Float]? {
    switch answers {
    case .last(let weights): weights
    case .everyStep: nil
    case .everyStepOfEach(let weights): weights
    }
  }

  /// What each answer counts for, of outputs [batch, …] or [batch, steps, …], in row-major order.
  private func weightsOfEach(_ shape: [Int]) -> [Float] {
    let batch = shape[0]
    switch answers {
    case .last(let weights): return weights ?? [Float](repeating: 1 / Float(batch), count: batch)
    case .everyStep(let weights): return (0..<batch).flatMap { _ in weights.map { $0 / Float(batch) } }
    case .everyStepOfEach(let weights): return weights
    }
  }

  /// The outputs after each sequence's last step.
  fileprivate func lastOutputs(_ outputs: Tensor) -> Tensor {
    outputs.rank == 2 ? outputs : outputs.held(beyond: lengths).selected(outputs.shape[1] - 1, alongAxis: 1)
  }
}

/// Σ w · (output − target)², the target of a sequence being the same after each of its steps.
///
/// - Parameters:
///   - outputs: [batch, 1] or [batch, steps, 1].
///   - targets: [batch].
///   - weights: w, in the shape of the outputs.
/// - Returns: A scalar.
@differentiable(reverse,wrt: outputs)
private func weightedSquaredError(_ outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor {
  let shape = withoutDerivative(at: [targets.count] + outputs.shape.dropFirst().map { _ in 1 })
  let differences = outputs - withoutDerivative(at: targets.reshaped(to: shape))
  return (differences * differences * weights).sum()
}

import Recurrent
import Tensors
import _Differentiation

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

extension TrainingPlan {
  /// What the answer after each step counts for; the weights sum to 1.
  ///
  /// - Precondition: A `stepWeight` is nowhere negative and somewhere positive.
  func weights(steps: Int, _ stepWeight: ((Int, Int) -> Float)?) -> [Float] {
    guard objective == .weighted else { return [Float](repeating: 1 / Float(steps), count: steps) }
    guard let stepWeight else { return (stepWeights ?? .linear).weights(steps: steps) }
    let weights = (1...steps).map { stepWeight($0, steps) }
    precondition(
      weights.allSatisfy { $0 >= 0 && $0.isFinite } && weights.contains { $0 > 0 }, "weights of steps \(weights)")
    return normalized(weights)
  }
}

/// What a batch is asked, drawn for it where it is random.
enum Question {
  /// The class after each sequence's own number of steps; `nil` for all of them.
  case once(lengths: [Int]?)
  /// The class after every step.
  case afterEveryStep(weights: [Float])
}

extension SequenceClassifier {
  /// The network's answers to a question about a batch, how wrong they are, and the gradient of that.
  ///
  /// - Returns: The logits after each sequence's last step, [batch, classes]; the loss, a scalar; its gradient. All of the
  ///   network without what `masks` drop.
  func answers(
    to question: Question, _ sequences: Tensor, _ labels: Tensor, labelSmoothing: Float, masks: DropoutMasks?
  ) -> (logits: Tensor, loss: Tensor, gradient: TangentVector) {
    // Two pullbacks and not one, because the logits are wanted besides the loss.
    switch question {
    case .once(let lengths):
      let (logits, modelPullback) = valueWithPullback(at: self) { model in
        model(sequences, lengths: lengths, masks: masks)
      }
      let (loss, dLogits) = valueWithGradient(at: logits) { logits in
        softmaxCrossEntropy(logits: logits, labels: labels, labelSmoothing: labelSmoothing)
      }
      return (logits, loss, modelPullback(dLogits))
    case .afterEveryStep(let weights):
      let (logits, modelPullback) = valueWithPullback(at: self) { model in
        model.logitsAtEveryStep(sequences, masks: masks)
      }
      let (loss, dLogits) = valueWithGradient(at: logits) { logits in
        softmaxCrossEntropy(logits: logits, labels: labels, stepWeights: weights, labelSmoothing: labelSmoothing)
      }
      return (logits.selected(weights.count - 1, alongAxis: 1), loss, modelPullback(dLogits))
    }
  }
}

import Datasets
import Recurrent
import Tensors

/// How good a classifier's answer is after a number of steps.
public struct StepAccuracy: Sendable, Equatable, Codable {
  /// How many steps of the sequence were read.
  public let step: Int
  /// The share of right answers, 0…1.
  public let accuracy: Double
  /// The 95 % confidence interval of the accuracy (Wilson 1927).
  public let low, high: Double
  /// The mean probability that the network gave to its own answer.
  public let confidence: Double
  /// The mean cross-entropy, in nats.
  public let crossEntropy: Double

  enum CodingKeys: String, CodingKey {
    case step, accuracy, low, high, confidence
    case crossEntropy = "cross_entropy"
  }
}

/// How a sequence is cut short.
public enum Truncation: String, Sendable, CaseIterable, Codable {
  /// The first k steps are read and the rest is not.
  case end
  /// The first k steps are read after as many blank ones as are missing, so that the network always takes all steps:
  /// how the original lab notebook did it.
  case blankFront = "blank-front"
}

extension SequenceClassifier {
  /// Accuracy after 1, 2, …, all steps.
  ///
  /// Truncation at the end is one pass over the data, for the network has an answer after every step. With blank steps in
  /// front, the state after them is the same for all sequences; it is computed once, and k steps are read from there for
  /// each k.
  ///
  /// - Parameter shouldStop: Asked between batches; if it answers yes, the result is `nil`.
  public func accuracyBySteps(
    _ data: SequenceData, truncation: Truncation, shouldStop: () -> Bool = { false }
  ) -> [StepAccuracy]? {
    var tallies = [Tally](repeating: Tally(), count: data.steps)
    let blanks = truncation == .blankFront ? statesAfterBlanks(data) : []
    for start in stride(from: 0, to: data.count, by: evaluationBatchSize) {
      if shouldStop() { return nil }
      let rows = start..<min(start + evaluationBatchSize, data.count)
      let (sequences, labels) = data.batch(rows)
      switch truncation {
      case .end:
        let logits = logitsAtEveryStep(sequences)
        for step in 0..<data.steps { tallies[step].add(logits.selected(step, alongAxis: 1), labels) }
      case .blankFront:
        for step in 1...data.steps {
          let state = read(
            sequences.sliced(alongAxis: 1, 0..<step),
            initialState: blanks[data.steps - step].repeated(rows.count)
          ).finalState
          tallies[step - 1].add(head(state.hidden), labels)
        }
      }
    }
    return tallies.enumerated().map { $1.accuracy(afterSteps: $0 + 1) }
  }

  /// The state after 0, 1, …, steps − 1 blank steps, for one row.
  private func statesAfterBlanks(_ data: SequenceData) -> [LSTMState] {
    let blank = data.blankSequence().sliced(alongAxis: 1, 0..<1)
    var states = [lstm.zeroState(batchSize: 1)]
    while states.count < data.steps {
      states.append(read(blank, initialState: states[states.count - 1]).finalState)
    }
    return states
  }
}

extension LSTMState {
  /// The state of one row, for many.
  fileprivate func repeated(_ count: Int) -> LSTMState {
    LSTMState(
      hidden: hidden.broadcast(to: [count, hidden.shape[1]]), cell: cell.broadcast(to: [count, cell.shape[1]]))
  }
}

/// Answers at one step, counted.
private struct Tally {
  private var count = 0, correct = 0
  private var confidence = 0.0, crossEntropy = 0.0

  mutating func add(_ logits: Tensor, _ labels: Tensor) {
    let probabilities = softmax(logits).floats, classes = logits.shape[1]
    let answers = logits.argmaxOfRows()
    for (row, label) in labels.elements(as: Int32.self).enumerated() where answers[row] >= 0 {
      correct += answers[row] == Int(label) ? 1 : 0
      confidence += Double(probabilities[row * classes + answers[row]])
    }
    count += answers.count
    crossEntropy += Double(softmaxCrossEntropy(logits: logits, labels: labels, reduction: .sum).scalar)
  }

  func accuracy(afterSteps step: Int) -> StepAccuracy {
    let total = Double(max(1, count))
    let interval = wilsonInterval(successes: correct, of: count)
    return StepAccuracy(
      step: step, accuracy: Double(correct) / total, low: interval.low, high: interval.high,
      confidence: confidence / total, crossEntropy: crossEntropy / total)
  }
}

/// The 95 % confidence interval of a share (Wilson 1927, "Probable inference, the law of succession, and statistical
/// inference").
package func wilsonInterval(successes: Int, of count: Int) -> (low: Double, high: Double) {
  guard count > 0 else { return (0, 1) }
  let z = 1.959963984540054, n = Double(count), p = Double(successes) / n
  let center = p + z * z / (2 * n)
  let spread = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
  let scale = 1 + z * z / n
  return (max(0, (center - spread) / scale), min(1, (center + spread) / scale))
}

import Datasets
import Recurrent
import Tensors

/// How a sequence is cut short.
public enum Truncation: String, Sendable, CaseIterable, Codable {
  /// The first k steps are read and the rest is not.
  case end
  /// The first k steps are read after as many blank ones as are missing, so that the network always takes all steps:
  /// how the original lab notebook did it.
  case blankFront = "blank-front"
}

extension SequenceClassifier {
  /// Accuracy after each of several numbers of steps.
  ///
  /// Truncation at the end is one pass over the data, for the network has an answer after every step. With blank steps in
  /// front, the state after them is the same for all sequences; it is computed once, and k steps are read from there for
  /// each k. A bidirectional network reads everything anew for each k. A sequence that has fewer steps than asked for is
  /// read to its end.
  ///
  /// - Parameters:
  ///   - data: What is read.
  ///   - truncation: How sequences are cut short.
  ///   - counts: The numbers of steps; 1, 2, …, all by default. With blank steps in front, each costs a pass of its own.
  ///   - betweenBatches: Called before each batch; stops the evaluation if it throws.
  /// - Returns: How good the answer is after each of the numbers.
  /// - Precondition: With blank steps in front, all sequences have one length.
  public func accuracyBySteps(
    _ data: SequenceData, truncation: Truncation, after counts: [Int]? = nil, betweenBatches: () throws -> Void
  ) rethrows -> [StepAccuracy] {
    precondition(truncation == .end || data.lengths == nil, "blank steps in front of sequences of several lengths")
    let counts = counts ?? Array(1...data.steps)
    var tallies = [Tally](repeating: Tally(), count: counts.count)
    let blanks = truncation == .blankFront && !isBidirectional ? statesAfterBlanks(data) : []
    for start in stride(from: 0, to: data.count, by: evaluationBatchSize) {
      try betweenBatches()
      let rows = start..<min(start + evaluationBatchSize, data.count)
      let batch = data.batch(rows), sequences = batch.sequences, labels = batch.targets
      switch truncation {
      case .end:
        let logits = heldAnswers(to: batch, steps: data.steps)
        for (index, step) in counts.enumerated() {
          tallies[index].add(logits.selected(step - 1, alongAxis: 1), labels)
        }
      case .blankFront:
        for (index, step) in counts.enumerated() {
          if isBidirectional {
            let delays = [Int](repeating: data.steps - step, count: rows.count)
            tallies[index].add(self(sequences.delayed(by: delays, blank: data.blank)), labels)
            continue
          }
          let start = blanks[data.steps - step].map { $0.repeated(rows.count) }
          let end = states(after: sequences.sliced(alongAxis: 1, 0..<step), from: start)
          tallies[index].add(head(end[end.count - 1].hidden), labels)
        }
      }
    }
    return zip(tallies, counts).map { $0.accuracy(afterSteps: $1) }
  }

  /// The same, not to be stopped.
  public func accuracyBySteps(_ data: SequenceData, truncation: Truncation) -> [StepAccuracy] {
    accuracyBySteps(data, truncation: truncation) {}
  }

  /// Every layer's state after 0, 1, …, steps − 1 blank steps, for one row.
  private func statesAfterBlanks(_ data: SequenceData) -> [[LSTMState]] {
    let blank = data.blankSequence().sliced(alongAxis: 1, 0..<1)
    var all = [layers.map { _ in LSTMState.zero }]
    while all.count < data.steps { all.append(states(after: blank, from: all[all.count - 1])) }
    return all
  }
}

extension LSTMState {
  /// The state of one row, for many.
  fileprivate func repeated(_ count: Int) -> LSTMState {
    func repeated(_ part: Tensor) -> Tensor {
      part.isSymbolicZero ? part : part.broadcast(to: [count, part.shape[1]])
    }
    return LSTMState(hidden: repeated(hidden), cell: repeated(cell))
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

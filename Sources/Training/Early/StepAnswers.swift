import Datasets
import Recurrent
import Tensors

/// What a network answers to many sequences after every step: read once, and all about stopping early follows from it.
public struct StepAnswers: Sendable, Equatable {
  /// [sequences, steps, classes].
  public let logits: [Float]
  /// The class of each sequence.
  public let labels: [Int]
  /// Steps of each sequence.
  public let steps: Int
  /// The number of classes.
  public let classes: Int

  /// Answers from their parts.
  ///
  /// - Parameters:
  ///   - logits: [sequences, steps, classes].
  ///   - labels: The class of each sequence; at least one sequence.
  ///   - steps: Steps of each sequence.
  ///   - classes: The number of classes, above each label.
  public init(logits: [Float], labels: [Int], steps: Int, classes: Int) {
    precondition(
      !labels.isEmpty && steps >= 1 && classes >= 1 && logits.count == labels.count * steps * classes
        && labels.allSatisfy { (0..<classes).contains($0) },
      "\(logits.count) logits for \(labels.count) sequences of \(steps) steps and \(classes) classes")
    self.logits = logits
    self.labels = labels
    self.steps = steps
    self.classes = classes
  }

  /// The number of sequences.
  public var count: Int { labels.count }

  /// The probability of each class after every step.
  ///
  /// - Parameter temperatures: What the logits after each step are divided by; `nil`: nothing.
  /// - Returns: [sequences, steps, classes], to the same bits as a `Reader` with these temperatures gives them.
  public func probabilities(temperatures: [Float]? = nil) -> [Float] {
    var scaled = logits
    if let temperatures {
      precondition(temperatures.count == steps, "\(temperatures.count) temperatures for \(steps) steps")
      for row in 0..<count * steps {
        let temperature = temperatures[row % steps]
        for index in row * classes..<(row + 1) * classes { scaled[index] /= temperature }
      }
    }
    return softmax(Tensor(scaled, shape: [count * steps, classes])).floats
  }
}

extension SequenceClassifier {
  /// Reads sequences, and keeps the answers after every step.
  ///
  /// - Parameters:
  ///   - data: What is read.
  ///   - rows: Which sequences, at least one; all by default.
  ///   - betweenBatches: Called before each batch; stops the reading if it throws.
  /// - Returns: The logits after every step, in the order of `rows`.
  public func answersAfterEveryStep(
    _ data: SequenceData, rows: [Int]? = nil, betweenBatches: () throws -> Void
  ) rethrows -> StepAnswers {
    let rows = rows ?? Array(0..<data.count)
    var logits: [Float] = []
    logits.reserveCapacity(rows.count * data.steps * classes)
    for start in stride(from: 0, to: rows.count, by: evaluationBatchSize) {
      try betweenBatches()
      let batch = data.batch(rows[start..<min(start + evaluationBatchSize, rows.count)])
      logits += logitsAtEveryStep(batch.sequences).floats
    }
    return StepAnswers(
      logits: logits, labels: rows.map { Int(data.labels[$0]) }, steps: data.steps, classes: classes)
  }

  /// The same, not to be stopped.
  public func answersAfterEveryStep(_ data: SequenceData, rows: [Int]? = nil) -> StepAnswers {
    answersAfterEveryStep(data, rows: rows) {}
  }
}

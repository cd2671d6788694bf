import Datasets
import Recurrent
import Tensors

/// What a network answers to many sequences after every step: read once, and all about stopping early follows from it.
public struct StepAnswers: Sendable, Equatable {
  /// [sequences, steps, classes]; beyond a sequence's end its last answer stands.
  public let logits: [Float]
  /// The class of each sequence.
  public let labels: [Int]
  /// Steps of the longest sequence.
  public let steps: Int
  /// Steps of each sequence; `nil` if all have all of them.
  public let lengths: [Int]?
  /// The number of classes.
  public let classes: Int

  /// Answers from their parts.
  ///
  /// - Parameters:
  ///   - logits: [sequences, steps, classes]; beyond a sequence's end its last answer.
  ///   - labels: The class of each sequence; at least one sequence.
  ///   - steps: Steps of the longest sequence.
  ///   - lengths: Steps of each sequence; by default all of them.
  ///   - classes: The number of classes, above each label.
  public init(logits: [Float], labels: [Int], steps: Int, lengths: [Int]? = nil, classes: Int) {
    precondition(
      lengths.map { $0.count == labels.count && $0.allSatisfy((1...steps).contains) } ?? true,
      "lengths \(lengths ?? []) for \(labels.count) sequences of 1 to \(steps) steps")
    precondition(
      !labels.isEmpty && steps >= 1 && classes >= 1 && logits.count == labels.count * steps * classes
        && labels.allSatisfy { (0..<classes).contains($0) },
      "\(logits.count) logits for \(labels.count) sequences of \(steps) steps and \(classes) classes")
    self.logits = logits
    self.labels = labels
    self.steps = steps
    self.lengths = lengths
    self.classes = classes
  }

  /// The number of sequences.
  public var count: Int { labels.count }

  /// The share of right answers after the last step of each sequence, 0…1.
  public var accuracy: Double {
    let answers = Tensor(logits, shape: [count, steps, classes]).selected(steps - 1, alongAxis: 1).argmaxOfRows()
    return Double(zip(answers, labels).count { $0 == $1 }) / Double(count)
  }

  /// The same answers beside those to longer sequences: each one's last stands up to `longest` steps, at least as many as
  /// there are.
  public func held(to longest: Int) -> StepAnswers {
    precondition(longest >= steps, "answers after \(steps) steps held to \(longest)")
    if longest == steps { return self }
    let held = Tensor(logits, shape: [count, steps, classes]).held(beyond: nil, steps: longest)
    return StepAnswers(
      logits: held.floats, labels: labels, steps: longest, lengths: lengths ?? [Int](repeating: steps, count: count),
      classes: classes)
  }

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
  ///   - steps: How many steps there are answers for, at least those of the longest sequence of `data`, which is the
  ///     default: beyond a sequence's end its last answer stands, so that sequences of other lengths can be held beside.
  ///   - betweenBatches: Called before each batch; stops the reading if it throws.
  /// - Returns: The logits after every step, in the order of `rows`.
  public func answersAfterEveryStep(
    _ data: SequenceData, rows: [Int]? = nil, steps: Int? = nil, betweenBatches: () throws -> Void
  ) rethrows -> StepAnswers {
    let rows = rows ?? Array(0..<data.count), longest = data.steps, steps = steps ?? longest
    precondition(steps >= longest, "answers after \(steps) steps to sequences of \(longest)")
    var logits: [Float] = []
    logits.reserveCapacity(rows.count * steps * classes)
    for start in stride(from: 0, to: rows.count, by: evaluationBatchSize) {
      try betweenBatches()
      let batch = data.batch(rows[start..<min(start + evaluationBatchSize, rows.count)])
      logits += heldAnswers(to: batch, steps: steps).floats
    }
    return StepAnswers(
      logits: logits, labels: rows.map { data.labels[$0] }, steps: steps,
      lengths: data.lengths.map { lengths in rows.map { lengths[$0] } }
        ?? (steps == longest ? nil : [Int](repeating: longest, count: rows.count)), classes: classes)
  }

  /// The same, not to be stopped.
  public func answersAfterEveryStep(_ data: SequenceData, rows: [Int]? = nil, steps: Int? = nil) -> StepAnswers {
    answersAfterEveryStep(data, rows: rows, steps: steps) {}
  }
}

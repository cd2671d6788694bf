import Datasets
import Recurrent
import Tensors

/// How good a classifier is after its last step.
public struct Evaluation: Sendable, Equatable, Codable {
  /// The number of sequences.
  public let count: Int
  /// How often class `row` was taken for class `column`. Where the network's answer was not a number, none is counted.
  public let confusion: [[Int]]
  /// The mean cross-entropy, in nats.
  public let crossEntropy: Double

  /// How many were classified rightly.
  public var correct: Int { confusion.indices.reduce(0) { $0 + confusion[$1][$1] } }
  /// The share that was classified rightly, 0…1.
  public var accuracy: Double { Double(correct) / Double(max(1, count)) }

  /// The share of the sequences of a class that were found (recall); `nil` where there were none.
  public func recall(of label: Int) -> Double? {
    let all = confusion[label].reduce(0, +)
    return all == 0 ? nil : Double(confusion[label][label]) / Double(all)
  }

  /// The share of the sequences taken for a class that belong to it (precision); `nil` where there were none.
  public func precision(of label: Int) -> Double? {
    let all = confusion.reduce(0) { $0 + $1[label] }
    return all == 0 ? nil : Double(confusion[label][label]) / Double(all)
  }
}

/// Sequences that are evaluated at once: their states fit a core's cache.
let evaluationBatchSize = 250

extension SequenceClassifier {
  /// Classifies sequences after their last step.
  ///
  /// - Parameters:
  ///   - data: What is read.
  ///   - rows: Which sequences; all by default.
  /// - Returns: How often each class was taken for which, and the mean loss.
  public func evaluate(_ data: SequenceData, rows: [Int]? = nil) -> Evaluation {
    let rows = rows ?? Array(0..<data.count)
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
    var loss = 0.0
    for start in stride(from: 0, to: rows.count, by: evaluationBatchSize) {
      let batch = data.batch(rows[start..<min(start + evaluationBatchSize, rows.count)])
      let logits = self(batch.sequences, lengths: batch.lengths)
      loss += Double(softmaxCrossEntropy(logits: logits, labels: batch.targets, reduction: .sum).scalar)
      for (label, answer) in zip(batch.targets.elements(as: Int32.self), logits.argmaxOfRows()) where answer >= 0 {
        confusion[Int(label)][answer] += 1
      }
    }
    return Evaluation(count: rows.count, confusion: confusion, crossEntropy: loss / Double(max(1, rows.count)))
  }
}

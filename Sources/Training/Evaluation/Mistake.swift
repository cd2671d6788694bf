import Datasets
import Recurrent
import Tensors

/// A sequence that was classified wrongly, and how sure the classifier was of it.
public struct Mistake: Sendable, Equatable, Codable {
  /// Which sequence of the data, from 0.
  public let row: Int
  /// Its class.
  public let label: Int
  /// The class that it was taken for.
  public let answer: Int
  /// The probability that was given to the answer.
  public let probability: Float

  /// A mistake from its parts.
  public init(row: Int, label: Int, answer: Int, probability: Float) {
    self.row = row
    self.label = label
    self.answer = answer
    self.probability = probability
  }
}

extension [Mistake] {
  /// The wrong ones of some answers; the one that was given with the highest probability first, and of equal ones the
  /// earliest. Where an answer is not a number, there is none.
  ///
  /// - Parameters:
  ///   - logits: What a network answers, [sequences, classes].
  ///   - labels: The class of each sequence.
  ///   - temperature: What logits are divided by before they become probabilities; above 0.
  public init(logits: Tensor, labels: [Int], temperature: Float = 1) {
    precondition(
      logits.rank == 2 && logits.shape[0] == labels.count && temperature > 0,
      "logits of shape \(logits.shape) for \(labels.count) sequences, with temperature \(temperature)")
    let classes = logits.shape[1]
    let probabilities = softmax(Tensor(logits.floats.map { $0 / temperature }, shape: logits.shape)).floats
    let wrong = logits.argmaxOfRows().enumerated().filter { row, answer in answer >= 0 && answer != labels[row] }
    self = wrong.map { row, answer in
      Mistake(
        row: row, label: labels[row], answer: answer, probability: probabilities[row * classes + answer])
    }
    sort { ($1.probability, $0.row) < ($0.probability, $1.row) }
  }
}

extension SequenceClassifier {
  /// The sequences that are classified wrongly after their last step.
  ///
  /// - Parameters:
  ///   - data: What is read.
  ///   - temperature: What logits are divided by before they become probabilities; above 0.
  /// - Returns: The mistakes, those first that the network was surest about.
  public func mistakes(_ data: SequenceData, temperature: Float = 1) -> [Mistake] {
    var logits: [Float] = []
    for start in stride(from: 0, to: data.count, by: evaluationBatchSize) {
      let batch = data.batch(start..<min(start + evaluationBatchSize, data.count))
      logits += self(batch.sequences, lengths: batch.lengths).floats
    }
    return [Mistake](
      logits: Tensor(logits, shape: [data.count, classes]), labels: data.labels, temperature: temperature)
  }
}

import Datasets
import Recurrent
import Tensors

extension SequenceClassifier {
  /// Which sequences are classified rightly after each of several numbers of steps, in one pass over them.
  ///
  /// - Parameters:
  ///   - data: What is read.
  ///   - rows: Which sequences; all by default.
  ///   - steps: After how many steps; at least one number.
  ///   - betweenBatches: Called before each batch; stops the evaluation if it throws.
  /// - Returns: For each number of steps, whether each row's sequence was classified rightly.
  func rightAnswers(
    on data: SequenceData, rows: [Int]? = nil, after steps: [Int], betweenBatches: () throws -> Void
  ) rethrows -> [[Bool]] {
    let rows = rows ?? Array(0..<data.count), data = data.prefix(steps: steps.max() ?? data.steps)
    var right = [[Bool]](repeating: [], count: steps.count)
    for start in stride(from: 0, to: rows.count, by: evaluationBatchSize) {
      try betweenBatches()
      let rows = rows[start..<min(start + evaluationBatchSize, rows.count)]
      let batch = data.batch(rows), labels = batch.targets.elements(as: Int32.self)
      let logits = heldAnswers(to: batch, steps: data.steps)
      for (index, step) in steps.enumerated() {
        let answers = logits.selected(step - 1, alongAxis: 1).argmaxOfRows()
        right[index] += zip(answers, labels).map { $0 == Int($1) }
      }
    }
    return right
  }
}

import Datasets
import Recurrent
import Tensors

extension SequenceClassifier {
  /// The outputs after every step of a batch; beyond a sequence's end its last ones stand.
  ///
  /// - Parameters:
  ///   - batch: What is read.
  ///   - steps: How many steps there are outputs for: as many as the batch has, or more, for the longest sequence of a batch
  ///     may not be the longest of all.
  /// - Returns: [batch, steps, outputs]
  func heldAnswers(to batch: SequenceBatch, steps: Int) -> Tensor {
    logitsAtEveryStep(batch.sequences, lengths: batch.lengths).held(beyond: batch.lengths, steps: steps)
  }
}

extension Tensor {
  /// Answers after every step, [batch, steps, answers], that stay what they were after each row's last step.
  ///
  /// - Parameters:
  ///   - lengths: The steps of each row; `nil` if all have all of them.
  ///   - steps: How many steps there are answers for, at least as many as there are; by default just these.
  /// - Returns: [batch, steps, answers]
  func held(beyond lengths: [Int]?, steps: Int? = nil) -> Tensor {
    let (batch, known, width) = (shape[0], shape[1], shape[2]), steps = steps ?? known
    precondition(steps >= known, "answers after \(known) steps held for \(steps)")
    if lengths == nil && steps == known { return self }
    let values = floats
    var held: [Float] = []
    held.reserveCapacity(batch * steps * width)
    for row in 0..<batch {
      let length = lengths?[row] ?? known, own = values[row * known * width..<(row * known + length) * width]
      held += own
      for _ in length..<steps { held += own.suffix(width) }
    }
    return Tensor(held, shape: [batch, steps, width], on: device)
  }
}

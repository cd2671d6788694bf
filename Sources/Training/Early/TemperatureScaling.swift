import Foundation

extension StepAnswers {
  /// The temperature of each step: what its logits are divided by, so that a probability says how often the answer is
  /// right (Guo et al. 2017, "On calibration of modern neural networks", section 4.2). To be fitted on sequences that the
  /// network has not learned from; those that have ended before count with their last answers, so that the last steps, which
  /// few may reach, are not fitted to these few alone. The answers themselves do not change.
  ///
  /// - Returns: For each step the temperature with the least mean cross-entropy, from 0.1 to 100. Where every answer is
  ///   right, ever lower ones would be better; where the answers are worth nothing, ever higher ones.
  public func temperatures() -> [Float] {
    (0..<steps).map { step in
      let rows = CenteredLogits(of: self, afterStep: step)
      return Float(1 / rows.bestInverseTemperature(in: 1 / 100...1 / 0.1))
    }
  }
}

/// The logits of all sequences after one step, less each row's largest, so that exponentials stay in range.
private struct CenteredLogits {
  private let logits: [Double]
  private let labels: [Int]
  private let classes: Int

  init(of answers: StepAnswers, afterStep step: Int) {
    labels = answers.labels
    classes = answers.classes
    let (steps, classes) = (answers.steps, classes)
    logits = answers.labels.indices.flatMap { sequence in
      let start = (sequence * steps + step) * classes
      let row = answers.logits[start..<start + classes].map(Double.init), largest = row.max() ?? 0
      return row.map { $0 - largest }
    }
  }

  /// The β that minimizes the cross-entropy Σ log Σ_c exp(β·l_c) − β·l_label, which is convex in β = 1 / temperature:
  /// Newton's method on its derivative, within an interval that shrinks around the root.
  func bestInverseTemperature(in range: ClosedRange<Double>) -> Double {
    var (low, high) = (range.lowerBound, range.upperBound)
    if slope(at: low).first >= 0 { return low }
    if slope(at: high).first <= 0 { return high }
    var beta = 1.0
    for _ in 0..<100 {
      let slope = slope(at: beta)
      if slope.first > 0 { high = beta } else { low = beta }
      let newton = beta - slope.first / slope.second
      // A step that leaves the interval, or is no number, is replaced by one to the middle of it.
      let next = newton > low && newton < high ? newton : (low * high).squareRoot()
      defer { beta = next }
      if abs(next - beta) <= 1e-9 * beta { break }
    }
    return beta
  }

  /// The first and second derivative of the cross-entropy: the mean of E[l] − l_label, and of Var[l], under the
  /// probabilities at β.
  private func slope(at beta: Double) -> (first: Double, second: Double) {
    var (first, second) = (0.0, 0.0)
    for (row, label) in labels.enumerated() {
      var (sum, mean, square) = (0.0, 0.0, 0.0)
      for logit in logits[row * classes..<(row + 1) * classes] {
        let weight = exp(beta * logit)
        sum += weight
        mean += weight * logit
        square += weight * logit * logit
      }
      mean /= sum
      first += mean - logits[row * classes + label]
      second += square / sum - mean * mean
    }
    let count = Double(labels.count)
    return (first / count, second / count)
  }
}

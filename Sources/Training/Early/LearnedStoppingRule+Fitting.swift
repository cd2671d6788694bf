import Foundation
import Recurrent

extension AnswerTrace {
  /// Learns from these sequences when reading on would not help: after each step but the last, whether the answer is as
  /// good as that after all steps, being right by now or wrong at the end too.
  ///
  /// - Parameter penalty: L2 regularization, λ/2·|w|² beside the sum of all losses, on features of unit variance.
  /// - Returns: The rule, with a threshold of 0.5.
  public func learnedRule(penalty: Double = 1) -> StoppingRule {
    var features: [SIMD8<Double>] = [], targets: [Bool] = []
    for sequence in 0..<count {
      let isRightAtEnd = isRight[(sequence + 1) * steps - 1]
      for place in sequence * steps..<sequence * steps + lengths[sequence] - 1 {
        features.append(LearnedStoppingRule.features(of: states[place], steps: steps))
        targets.append(isRight[place] || !isRightAtEnd)
      }
    }
    let weights = logisticRegression(features, targets, penalty: penalty)
    return .learned(LearnedStoppingRule(weights: weights, threshold: 0.5, steps: steps))
  }
}

/// Logistic regression by Newton's method (iteratively reweighted least squares), with steps halved where a whole one would
/// make the loss larger.
///
/// - Parameters:
///   - features: Of each example, the first of them always 1.
///   - targets: What is to be predicted.
///   - penalty: λ of λ/2·|w|², on features that are shifted and scaled to mean 0 and variance 1.
/// - Returns: The weights of the features as they were given.
func logisticRegression(_ features: [SIMD8<Double>], _ targets: [Bool], penalty: Double) -> SIMD8<Double> {
  let count = Double(max(1, features.count))
  var mean = features.reduce(.zero, +) / count
  let variance = features.reduce(SIMD8<Double>.zero) { $0 + ($1 - mean) * ($1 - mean) } / count
  // The 1 stays as it is, and so does a feature that never changes.
  mean[0] = 0
  let scale = SIMD8<Double>.one.replacing(with: variance.squareRoot(), where: variance .> 1e-12)
  let scaled = features.map { ($0 - mean) / scale }

  func loss(_ weights: SIMD8<Double>) -> Double {
    zip(scaled, targets).reduce(penalty / 2 * (weights * weights).sum()) { loss, example in
      let margin = (weights * example.0).sum() * (example.1 ? 1 : -1)
      return loss + (margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin)
    }
  }

  var weights = SIMD8<Double>.zero, current = loss(weights)
  for _ in 0..<100 {
    var gradient = penalty * weights
    var hessian = (0..<8).map { index in
      var row = SIMD8<Double>.zero
      row[index] = penalty
      return row
    }
    for (x, target) in zip(scaled, targets) {
      let probability = 1 / (1 + exp(-(weights * x).sum()))
      gradient += (probability - (target ? 1 : 0)) * x
      let weighted = probability * (1 - probability) * x
      for index in 0..<8 { hessian[index] += x[index] * weighted }
    }
    let step = solve(hessian, gradient)
    var share = 1.0, next = loss(weights - step)
    while !(next <= current), share > 1e-6 {
      share /= 2
      next = loss(weights - share * step)
    }
    guard next < current else { break }
    weights -= share * step
    defer { current = next }
    if current - next <= 1e-12 * current { break }
  }
  var original = weights / scale
  original[0] -= (original * mean).sum()
  return original
}

/// Solves A·x = b for a symmetric, positive definite A, by Cholesky's decomposition A = L·Lᵀ.
private func solve(_ a: [SIMD8<Double>], _ b: SIMD8<Double>) -> SIMD8<Double> {
  var l = [SIMD8<Double>](repeating: .zero, count: 8)
  for row in 0..<8 {
    for column in 0...row {
      let rest = a[row][column] - (l[row] * l[column]).sum()
      l[row][column] = row == column ? rest.squareRoot() : rest / l[column][column]
    }
  }
  var y = SIMD8<Double>.zero, x = SIMD8<Double>.zero
  for row in 0..<8 { y[row] = (b[row] - (l[row] * y).sum()) / l[row][row] }
  for row in (0..<8).reversed() {
    let known = (0..<8).reduce(0) { $0 + l[$1][row] * x[$1] }
    x[row] = (y[row] - known) / l[row][row]
  }
  return x
}

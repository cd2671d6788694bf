import Datasets
import Foundation
import Recurrent
import Tensors

/// How far a network's estimates of a number are from the truth, after a number of steps; in the number's own unit.
public struct NumberEvaluation: Sendable, Equatable, Codable {
  /// After how many steps; sequences with fewer are read to their ends.
  public let step: Int
  /// The root of the mean squared error.
  public let rootMeanSquaredError: Double
  /// The mean absolute error.
  public let meanAbsoluteError: Double
  /// The share of the numbers' variance that is explained, R²: 1 for perfect estimates, 0 for those that are always the mean
  /// of these numbers, below 0 for worse. 0 if all numbers are the same.
  public let explainedVariance: Double

  enum CodingKeys: String, CodingKey {
    case step
    case rootMeanSquaredError = "rmse"
    case meanAbsoluteError = "mae"
    case explainedVariance = "r2"
  }

  /// What some estimates are worth.
  ///
  /// - Parameters:
  ///   - step: After how many steps they were made.
  ///   - estimates: At least one.
  ///   - truth: The right numbers, as many.
  public init(step: Int, estimates: [Double], truth: [Double]) {
    precondition(
      estimates.count == truth.count && !truth.isEmpty, "\(estimates.count) estimates of \(truth.count) numbers")
    let count = Double(truth.count), mean = truth.reduce(0, +) / count
    let errors = zip(estimates, truth).map { $0 - $1 }
    let squares = errors.reduce(0) { $0 + $1 * $1 }
    let variance = truth.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.step = step
    rootMeanSquaredError = (squares / count).squareRoot()
    meanAbsoluteError = errors.reduce(0) { $0 + abs($1) } / count
    explainedVariance = variance > 0 ? 1 - squares / variance : 0
  }
}

extension SequenceClassifier {
  /// What the network estimates after every step of some sequences, in the number's own unit; beyond a sequence's end, what
  /// it estimated there.
  ///
  /// - Parameters:
  ///   - data: What is read.
  ///   - target: A number.
  ///   - betweenBatches: Called before each batch; stops the reading if it throws.
  /// - Returns: For each sequence, the estimate after each step of the longest.
  public func estimatesAfterEveryStep(
    _ data: SequenceData, target: SequenceTarget, betweenBatches: () throws -> Void
  ) rethrows -> [[Double]] {
    guard case .number(let mean, let deviation) = target else {
      preconditionFailure("estimates of classes")
    }
    let steps = data.steps
    var estimates: [[Double]] = []
    for start in stride(from: 0, to: data.count, by: evaluationBatchSize) {
      try betweenBatches()
      let batch = data.batch(start..<min(start + evaluationBatchSize, data.count))
      let outputs = heldAnswers(to: batch, steps: steps).floats
      let values = outputs.map { Double($0) * Double(deviation) + Double(mean) }
      estimates += stride(from: 0, to: values.count, by: steps).map { Array(values[$0..<$0 + steps]) }
    }
    return estimates
  }

  /// The same, not to be stopped.
  public func estimatesAfterEveryStep(_ data: SequenceData, target: SequenceTarget) -> [[Double]] {
    estimatesAfterEveryStep(data, target: target) {}
  }

  /// How good the estimates of a number are after each number of steps.
  ///
  /// Parameters are those of `estimatesAfterEveryStep(_:target:betweenBatches:)`; the right answers are numbers too.
  ///
  /// - Returns: For each number of steps, 1, 2, …
  public func errorBySteps(
    _ data: SequenceData, target: SequenceTarget, betweenBatches: () throws -> Void
  ) rethrows -> [NumberEvaluation] {
    guard case .number(let mean, let deviation) = target, case .outputs(let outputs) = data.answers else {
      preconditionFailure("errors of estimated classes")
    }
    let estimates = try estimatesAfterEveryStep(data, target: target, betweenBatches: betweenBatches)
    let truth = outputs.map { Double($0) * Double(deviation) + Double(mean) }
    return (0..<data.steps).map { step in
      NumberEvaluation(step: step + 1, estimates: estimates.map { $0[step] }, truth: truth)
    }
  }

  /// The same, not to be stopped.
  public func errorBySteps(_ data: SequenceData, target: SequenceTarget) -> [NumberEvaluation] {
    errorBySteps(data, target: target) {}
  }
}

extension [NumberEvaluation] {
  /// A table with a row for each step, numbers with six significant digits.
  public var csv: String {
    reduce(into: "step,rmse,mae,r2\n") { text, row in
      let numbers = [row.rootMeanSquaredError, row.meanAbsoluteError, row.explainedVariance]
      text += ([String(row.step)] + numbers.map { String(format: "%.6g", $0) }).joined(separator: ",") + "\n"
    }
  }
}

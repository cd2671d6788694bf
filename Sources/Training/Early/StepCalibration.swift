import Foundation

/// How far the probabilities after a number of steps can be believed, before and after temperature scaling.
public struct StepCalibration: Sendable, Equatable, Codable {
  /// How many steps were read.
  public let step: Int
  /// What the logits are divided by.
  public let temperature: Float
  /// The expected calibration error of the network's own probabilities, 0…1.
  public let errorBefore: Double
  /// That of the scaled ones.
  public let errorAfter: Double
  /// The mean cross-entropy of the network's own probabilities, in nats.
  public let crossEntropyBefore: Double
  /// That of the scaled ones.
  public let crossEntropyAfter: Double

  enum CodingKeys: String, CodingKey {
    case step, temperature
    case errorBefore = "ece_before"
    case errorAfter = "ece_after"
    case crossEntropyBefore = "cross_entropy_before"
    case crossEntropyAfter = "cross_entropy_after"
  }
}

/// The expected calibration error (Guo et al. 2017, equation 3): answers are sorted into bins of equal width by their
/// confidence, and the difference of accuracy and mean confidence in each bin counts as much as the bin has answers.
///
/// - Parameters:
///   - confidences: The probability that was given to each answer, 0…1.
///   - isRight: Whether each was right; as many.
///   - bins: The number of bins; the first holds confidences up to 1 / `bins`, that one included.
/// - Returns: 0…1; 0 if there are no answers.
public func expectedCalibrationError(confidences: [Float], isRight: [Bool], bins: Int = 15) -> Double {
  precondition(
    confidences.count == isRight.count && bins >= 1,
    "\(confidences.count) confidences for \(isRight.count) answers in \(bins) bins")
  precondition(confidences.allSatisfy { !$0.isNaN }, "a confidence that is no number")
  // What the answers in a bin are right, less what they claim to be.
  var excess = [Double](repeating: 0, count: bins)
  for (confidence, isRight) in zip(confidences, isRight) {
    let bin = Int(min(max((Double(confidence) * Double(bins)).rounded(.up) - 1, 0), Double(bins - 1)))
    excess[bin] += (isRight ? 1 : 0) - Double(confidence)
  }
  return excess.reduce(0) { $0 + abs($1) } / Double(max(1, confidences.count))
}

extension StepAnswers {
  /// How far the probabilities after each step can be believed, before and after scaling.
  ///
  /// - Parameter temperatures: What the logits after each step are divided by.
  /// - Returns: For each step.
  public func calibration(temperatures: [Float]) -> [StepCalibration] {
    let before = errors(temperatures: [Float](repeating: 1, count: steps)), after = errors(temperatures: temperatures)
    return (0..<steps).map { step in
      StepCalibration(
        step: step + 1, temperature: temperatures[step], errorBefore: before[step].calibration,
        errorAfter: after[step].calibration, crossEntropyBefore: before[step].crossEntropy,
        crossEntropyAfter: after[step].crossEntropy)
    }
  }

  /// Calibration error and mean cross-entropy after each step.
  private func errors(temperatures: [Float]) -> [(calibration: Double, crossEntropy: Double)] {
    let trace = AnswerTrace(of: self, temperatures: temperatures)
    return (0..<steps).map { step in
      let places = (0..<count).map { $0 * steps + step }
      let calibration = expectedCalibrationError(
        confidences: places.map { trace.states[$0].confidence }, isRight: places.map { trace.isRight[$0] })
      // As the trace has it: what has ended keeps the temperature of its own last step.
      let losses = places.enumerated().map { sequence, place in
        crossEntropy(at: place, temperature: Double(temperatures[min(step, trace.lengths[sequence] - 1)]))
      }
      return (calibration, losses.reduce(0, +) / Double(count))
    }
  }

  /// In double precision from the logits, where a probability could round to 0.
  private func crossEntropy(at place: Int, temperature: Double) -> Double {
    let row = logits[place * classes..<(place + 1) * classes].map { Double($0) / temperature }, largest = row.max() ?? 0
    return largest + log(row.reduce(0) { $0 + exp($1 - largest) }) - row[labels[place / steps]]
  }
}

extension [StepCalibration] {
  /// A table with a row for each step, numbers with six decimals.
  public var csv: String {
    let header = "step,temperature,ece_before,ece_after,cross_entropy_before,cross_entropy_after\n"
    return reduce(into: header) { text, row in
      let numbers = [
        Double(row.temperature), row.errorBefore, row.errorAfter, row.crossEntropyBefore, row.crossEntropyAfter,
      ]
      text += ([String(row.step)] + numbers.map { String(format: "%.6f", $0) }).joined(separator: ",") + "\n"
    }
  }
}

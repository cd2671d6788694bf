import Foundation

/// What a rule for stopping early knows of a sequence that is being read: the answer so far, how sure the network is of
/// it, and how long it has stood. A few numbers, whatever the sequence's length.
///
///     var state = StoppingState(steps: 28)
///     for row in rows {
///       state.read(reader.read(row))
///       if rule.stops(state) { break }
///     }
///     // state.answer after state.stepsRead rows
///
/// A `Reader` with a rule keeps one itself.
public struct StoppingState: Sendable, Hashable {
  /// How many steps the sequence has; `nil` for a stream whose end is not known.
  public let steps: Int?
  /// Steps read so far.
  public private(set) var stepsRead = 0
  /// The most probable class, the first of several; `nil` before the first step, and where probabilities are no numbers.
  public private(set) var answer: Int?
  /// Steps in a row, the last one included, after which this was the answer.
  public private(set) var standing = 0
  /// The probability of the answer.
  public private(set) var confidence: Float = 0
  /// The probability of the next best class; 0 if there is none.
  public private(set) var runnerUp: Float = 0
  /// The probability of all classes but the answer, together. Unlike 1 − `confidence` it tells how close to certain a
  /// network is whose confidence rounds to 1.
  public private(set) var doubt: Float = 0
  /// The entropy of the probabilities, in nats.
  public private(set) var entropy: Double = 0

  /// The state before the first step.
  ///
  /// - Parameter steps: How many steps the sequence has, at least 1; `nil` if that is not known.
  public init(steps: Int? = nil) {
    if let steps { precondition(steps >= 1, "a sequence of \(steps) steps") }
    self.steps = steps
  }

  /// Whether nothing is left to read.
  public var isAtEnd: Bool { steps.map { stepsRead >= $0 } ?? false }

  /// Takes note of what the network believes after one more step.
  ///
  /// - Parameter probabilities: The probability of each class, [classes].
  public mutating func read(_ probabilities: [Float]) {
    probabilities.withUnsafeBufferPointer { read($0) }
  }

  /// Takes note of what the network believes after one more step.
  ///
  /// - Parameter probabilities: The probability of each class, [classes].
  public mutating func read(_ probabilities: UnsafeBufferPointer<Float>) {
    stepsRead += 1
    var best: Int?
    confidence = 0
    runnerUp = 0
    entropy = 0
    for (index, probability) in probabilities.enumerated() {
      if best == nil ? probability >= 0 : probability > confidence {
        runnerUp = confidence
        confidence = probability
        best = index
      } else if probability > runnerUp {
        runnerUp = probability
      }
      if probability > 0 { entropy -= Double(probability) * log(Double(probability)) }
    }
    doubt = 0
    for (index, probability) in probabilities.enumerated() where index != best { doubt += probability }
    standing = best == nil ? 0 : best == answer ? standing + 1 : 1
    answer = best
  }
}

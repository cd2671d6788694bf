import Recurrent

/// What rules for stopping see of many sequences, step by step, and whether stopping there would be right.
public struct AnswerTrace: Sendable {
  /// What is known after each step, [sequences, steps].
  public let states: [StoppingState]
  /// Whether the answer is right there, [sequences, steps].
  public let isRight: [Bool]
  /// Steps of the longest sequence. What is known beyond the end of a shorter one is what was known there.
  public let steps: Int
  /// Steps of each sequence.
  public let lengths: [Int]

  /// Follows the answers through every sequence.
  ///
  /// - Parameters:
  ///   - answers: What the network answers.
  ///   - temperatures: What the logits after each step are divided by; `nil`: nothing.
  public init(of answers: StepAnswers, temperatures: [Float]?) {
    let (steps, classes) = (answers.steps, answers.classes)
    let lengths = answers.lengths ?? [Int](repeating: steps, count: answers.count)
    var states: [StoppingState] = [], isRight: [Bool] = []
    states.reserveCapacity(answers.count * steps)
    isRight.reserveCapacity(answers.count * steps)
    answers.probabilities(temperatures: temperatures).withUnsafeBufferPointer { probabilities in
      for (sequence, label) in answers.labels.enumerated() {
        var state = StoppingState(steps: steps)
        for (step, place) in (sequence * steps..<(sequence + 1) * steps).enumerated() {
          if step < lengths[sequence] {
            state.read(UnsafeBufferPointer(rebasing: probabilities[place * classes..<(place + 1) * classes]))
          }
          states.append(state)
          isRight.append(state.answer == label)
        }
      }
    }
    self.states = states
    self.isRight = isRight
    self.steps = steps
    self.lengths = lengths
  }

  /// The number of sequences.
  public var count: Int { isRight.count / steps }

  /// The accuracy after each step, if all sequences are read so far.
  public var accuracies: [Double] {
    (0..<steps).map { step in
      Double((0..<count).count { isRight[$0 * steps + step] }) / Double(count)
    }
  }
}

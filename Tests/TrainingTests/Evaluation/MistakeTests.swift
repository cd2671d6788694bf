import Foundation
import Tensors
import Testing
import Training

@Suite("Mistakes")
struct MistakeTests {
  /// Rows 0 and 5 are right, 4 is no answer; of equal logits the first is the answer.
  private let logits = Tensor(
    [2, 0, 0, 0, 3, 0, 0, 0, 0, 1, 2, 0, .nan, 1, 0, 0, 0, 1, 3, 0, 0] as [Float], shape: [7, 3])
  private let labels: [Int] = [0, 0, 1, 0, 1, 2, 2]

  @Test func theSurestFirst() {
    let sure = exp(3.0) / (exp(3.0) + 2), less = exp(2.0) / (exp(2.0) + exp(1.0) + 1)
    check(
      [Mistake](logits: logits, labels: labels),
      [(1, 0, 1, sure), (6, 2, 0, sure), (3, 0, 1, less), (2, 1, 0, 1.0 / 3)])
  }

  @Test func aTemperatureMakesLessSure() {
    let sure = exp(1.5) / (exp(1.5) + 2), less = exp(1.0) / (exp(1.0) + exp(0.5) + 1)
    check(
      [Mistake](logits: logits, labels: labels, temperature: 2),
      [(1, 0, 1, sure), (6, 2, 0, sure), (3, 0, 1, less), (2, 1, 0, 1.0 / 3)])
  }

  private func check(_ mistakes: [Mistake], _ expected: [(row: Int, label: Int, answer: Int, probability: Double)]) {
    #expect(mistakes.map(\.row) == expected.map(\.row))
    #expect(mistakes.map(\.label) == expected.map(\.label) && mistakes.map(\.answer) == expected.map(\.answer))
    for (mistake, expected) in zip(mistakes, expected) {
      #expect(abs(Double(mistake.probability) - expected.probability) < 1e-6)
    }
  }

  /// Over several batches, and the last of them smaller: all wrong answers and no others, with their own probabilities.
  @Test func whatANetworkGetsWrong() {
    let model = smallModel(), data = bars(301).sequences()
    let mistakes = model.mistakes(data, temperature: 0.5), evaluation = model.evaluate(data)
    #expect(mistakes.count == evaluation.count - evaluation.correct && mistakes.count > 50)
    #expect(Set(mistakes.map(\.row)).count == mistakes.count)
    let answers = model.answersAfterEveryStep(data)
    let probabilities = answers.probabilities(temperatures: [Float](repeating: 0.5, count: 8))
    for mistake in mistakes {
      let row = probabilities[(mistake.row * 8 + 7) * 3..<(mistake.row * 8 + 8) * 3]
      #expect(mistake.label == answers.labels[mistake.row] && mistake.label != mistake.answer)
      #expect(abs(row[row.startIndex + mistake.answer] - mistake.probability) < 1e-5)
      #expect(row.allSatisfy { $0 <= mistake.probability + 1e-5 })
    }
    #expect(zip(mistakes, mistakes.dropFirst()).allSatisfy { $0.probability >= $1.probability })
  }
}

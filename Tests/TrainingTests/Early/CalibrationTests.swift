import Foundation
import Tensors
import Testing
import Training

@Suite("Calibration")
struct CalibrationTests {
  /// Labels are drawn with the probabilities of the logits divided by 2.5 after the first step, and by 0.4 after the
  /// second.
  private let answers: StepAnswers
  private let truth: [Float] = [2.5, 0.4]

  init() {
    var random = RandomGenerator(seed: 3)
    let count = 20_000, classes = 4
    var logits: [Float] = [], labels: [Int] = []
    for _ in 0..<count {
      let honest = random.normals(count: classes).map { 1.5 * $0 }
      let weights = honest.map { exp(Double($0)) }
      var draw = Double(random.uniforms(count: 1, in: 0..<1)[0]) * weights.reduce(0, +), label = 0
      while label < classes - 1, draw >= weights[label] {
        draw -= weights[label]
        label += 1
      }
      for temperature in truth { logits += honest.map { $0 * temperature } }
      labels.append(label)
    }
    answers = StepAnswers(logits: logits, labels: labels, steps: 2, classes: classes)
  }

  @Test func findsTheTemperature() {
    let found = answers.temperatures()
    #expect(found.count == 2)
    for (found, truth) in zip(found, truth) { #expect(abs(found / truth - 1) < 0.03, "\(found) for \(truth)") }
    // Both steps say the same but for the temperature.
    #expect(abs(found[0] / found[1] - truth[0] / truth[1]) < 1e-3)
  }

  @Test func nothingNearbyIsBetter() {
    let best = answers.temperatures()
    let losses = [Float(0.98), 1, 1.02].map { factor in
      answers.calibration(temperatures: best.map { $0 * factor }).map(\.crossEntropyAfter)
    }
    for step in 0..<2 {
      #expect(losses[1][step] < losses[0][step] && losses[1][step] < losses[2][step])
    }
  }

  @Test func scaledProbabilitiesCanBeBelieved() {
    let rows = answers.calibration(temperatures: truth)
    #expect(rows.map(\.step) == [1, 2] && rows.map(\.temperature) == truth)
    for row in rows {
      #expect(row.errorBefore > 0.1 && row.errorAfter < 0.02, "\(row)")
      #expect(row.crossEntropyAfter < row.crossEntropyBefore - 0.05)
    }
    #expect(abs(rows[0].errorAfter - rows[1].errorAfter) < 1e-3)
  }

  @Test func temperaturesChangeNoAnswer() {
    let plain = AnswerTrace(of: answers, temperatures: nil), scaled = AnswerTrace(of: answers, temperatures: truth)
    #expect(plain.isRight == scaled.isRight && plain.states != scaled.states)
  }

  /// Sequences that are all answered rightly, or all wrongly, have no best temperature.
  @Test func withoutAMinimumTheBoundsHold() {
    let logits: [Float] = [9, 0, 0, -3, 2, 0, 1, 0, 7]
    func temperature(_ labels: [Int]) -> Float {
      StepAnswers(logits: logits, labels: labels, steps: 1, classes: 3).temperatures()[0]
    }
    #expect(temperature([0, 1, 2]) == 0.1)
    #expect(temperature([1, 0, 1]) == 100)
    let equal = StepAnswers(logits: [1, 1, 1, 1], labels: [0, 1], steps: 1, classes: 2)
    #expect(equal.temperatures().allSatisfy { $0.isFinite && $0 > 0 })
    let large = StepAnswers(logits: [3e38, -3e38, 0, 1e38], labels: [0, 0], steps: 1, classes: 2)
    #expect(large.temperatures() == [100])
  }

  /// Two bins: of the first, 0.25 and 0.5 are the confidences and one of two is right; of the second, 0.75 and 1.0, both
  /// right. |1 − 0.75| + |2 − 1.75|, of four.
  @Test func theErrorByHand() {
    let confidences: [Float] = [0.25, 0.5, 0.75, 1]
    let error = expectedCalibrationError(confidences: confidences, isRight: [true, false, true, true], bins: 2)
    #expect(error == 0.125)
    #expect(expectedCalibrationError(confidences: confidences, isRight: [true, false, true, true], bins: 1) == 0.125)
    // In four bins each stands alone: 0.75 + 0.5 + 0.25 + 0.
    #expect(expectedCalibrationError(confidences: confidences, isRight: [true, false, true, true], bins: 4) == 0.375)
    #expect(expectedCalibrationError(confidences: [1, 1, 1, 1], isRight: [true, true, true, false]) == 0.25)
    #expect(expectedCalibrationError(confidences: [0], isRight: [false]) == 0)
    #expect(expectedCalibrationError(confidences: [], isRight: []) == 0)
    // 15 bins: 0.59 and 0.62 lie on both sides of 9/15, 0.61 and 0.62 in one.
    #expect(abs(expectedCalibrationError(confidences: [0.59, 0.62], isRight: [true, false]) - 0.515) < 1e-6)
    #expect(abs(expectedCalibrationError(confidences: [0.61, 0.62], isRight: [true, false]) - 0.115) < 1e-6)
  }

  @Test func crossEntropyWhereProbabilitiesRoundToZero() {
    let answers = StepAnswers(logits: [0, 200], labels: [0], steps: 1, classes: 2)
    let row = answers.calibration(temperatures: [2])[0]
    #expect(row.crossEntropyBefore == 200 && row.crossEntropyAfter == 100)
    #expect(row.errorBefore == 1)
  }

  /// A sequence that ended after its first step keeps that step's temperature, as it does for whoever stops there.
  @Test func whatHasEndedKeepsItsTemperature() {
    let answers = StepAnswers(
      logits: [0, 2, 0, 2, 0, 4, 0, 8], labels: [1, 1], steps: 2, lengths: [1, 2], classes: 2)
    let rows = answers.calibration(temperatures: [2, 4])
    // log(1 + e^(−l / T)) with l / T = 1 and 2 after the first step, and 1 and 2 after the second too.
    let expected: Double = (log(1 + exp(-1.0)) + log(1 + exp(-2.0))) / 2
    for row in rows { #expect(abs(row.crossEntropyAfter - expected) < 1e-12, "\(row)") }
  }

  @Test func csv() throws {
    let json = """
      [{"step":1,"temperature":1.5,"ece_before":0.25,"ece_after":0.125,"cross_entropy_before":2,"cross_entropy_after":1}]
      """
    let expected = """
      step,temperature,ece_before,ece_after,cross_entropy_before,cross_entropy_after
      1,1.500000,0.250000,0.125000,2.000000,1.000000

      """
    #expect(try JSONText.decode([StepCalibration].self, from: json).csv == expected)
  }
}

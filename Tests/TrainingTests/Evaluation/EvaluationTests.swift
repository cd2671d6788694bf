import Foundation
import Recurrent
import Tensors
import Testing
import Training

@Suite("Evaluation")
struct EvaluationTests {
  /// Rows are true classes: 10 of the first, 5 of the second, none of the third, which was answered twice.
  @Test func countsByHand() throws {
    let json = #"{"count":15,"confusion":[[7,2,1],[1,3,1],[0,0,0]],"crossEntropy":0.5}"#
    let evaluation = try JSONText.decode(Evaluation.self, from: json)
    #expect(evaluation.correct == 10)
    #expect(evaluation.accuracy == 10.0 / 15)
    let recalls: [Double?] = [0.7, 0.6, nil]
    let precisions: [Double?] = [0.875, 0.6, 0]
    #expect((0..<3).map { evaluation.recall(of: $0) } == recalls)
    #expect((0..<3).map { evaluation.precision(of: $0) } == precisions)
    let never = try JSONText.decode(
      Evaluation.self, from: #"{"count":2,"confusion":[[2,0],[0,0]],"crossEntropy":0}"#)
    #expect(never.precision(of: 1) == nil)
  }

  /// A head without weights answers by its bias alone.
  @Test func aNetworkThatAlwaysAnswersTheSame() {
    var model = smallModel()
    model.head = Linear(weight: .zeros([3, 12]), bias: Tensor([0, 2, 1] as [Float]))
    let evaluation = model.evaluate(bars(301).sequences())
    #expect(evaluation.count == 301)
    #expect(evaluation.confusion == [[0, 101, 0], [0, 100, 0], [0, 100, 0]])
    let normalizer = log(1 + exp(2.0) + exp(1.0))
    let expected = normalizer - (100 * 2 + 100 * 1) / 301
    #expect(abs(evaluation.crossEntropy - expected) < 1e-5)
    let some = model.evaluate(bars(301).sequences(), rows: [1, 4, 5])
    #expect(some.confusion == [[0, 0, 0], [0, 2, 0], [0, 1, 0]])
  }

  /// Answers that are not numbers are wrong ones, not left out.
  @Test func anAnswerThatIsNoNumberIsWrong() {
    var model = smallModel()
    model.head = Linear(weight: .zeros([3, 12]), bias: Tensor(repeating: .nan, shape: [3]))
    let evaluation = model.evaluate(bars(30).sequences())
    #expect(evaluation.count == 30 && evaluation.correct == 0 && evaluation.accuracy == 0)
    let steps = model.accuracyBySteps(bars(30).sequences(), truncation: .end)
    #expect(steps.allSatisfy { $0.accuracy == 0 })
  }
}

import Recurrent
import Tensors
import Testing
import _Differentiation

/// The running average of a model's weights.
@Suite("Averaged weights")
struct WeightAveragingTests {
  private struct Point: Differentiable {
    var place: Tensor
  }

  /// Steps of gradient descent whose path is known, and what the average of it must be.
  private func places(decay: Float, steps: Int) -> (last: Float, average: Float, expected: Float) {
    var point = Point(place: Tensor([8 as Float], shape: [1], on: .cpu))
    var optimizer = WeightAveraging(SGD(for: point, learningRate: 1), for: point, decay: decay)
    var expected = 8.0, place = 8.0
    for step in 1...steps {
      optimizer.update(&point, along: Point.TangentVector(place: Tensor([Float(step)], shape: [1], on: .cpu)))
      place -= Double(step)
      let kept = min(Double(decay), Double(1 + step) / Double(10 + step))
      expected = kept * expected + (1 - kept) * place
    }
    #expect(point.place.floats == [Float(place)], "the model itself goes on as ever")
    return (point.place.floats[0], optimizer.result(for: point).place.floats[0], Float(expected))
  }

  @Test(arguments: [Float(0.1), 0.5, 0.999])
  func followsBehind(decay: Float) {
    let (last, average, expected) = places(decay: decay, steps: 20)
    #expect(abs(average - expected) < 1e-3 * abs(expected))
    #expect(average > last + 1, "it is behind on a path that leads down")
  }

  @Test func aDecayOfZeroKeepsNothing() {
    let (last, average, _) = places(decay: 0, steps: 3)
    #expect(average == last)
  }

  @Test func withoutAnAverageTheModelIsTheResult() {
    let point = Point(place: Tensor([3 as Float], shape: [1], on: .cpu))
    #expect(Adam(for: point).result(for: point).place.floats == [3])
    #expect(WeightAveraging(Adam(for: point), for: point).result(for: point).place.floats == [3], "before any update")
  }
}

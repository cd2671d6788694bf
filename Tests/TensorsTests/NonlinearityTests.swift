import Foundation
import Tensors
import Testing
import _Differentiation

/// The kernels' own exponential, logarithm, sigmoid and tanh, in units of the last place of the exact result. The bounds stand in
/// the head of `vector.h` too.
@Suite("Nonlinearities")
struct NonlinearityTests {
  @Test func sigmoidIsCloseEverywhere() {
    let inputs = grid(from: 0x1p-40, to: 87)
    let exact = inputs.map { 1 / (1 + exp(-Double($0))) }
    for device in oneOfEach {
      let error = largestError(of: sigmoid(Tensor(inputs, on: device)).floats, exact)
      #expect(error < 2.6, "\(device)")
    }
  }

  @Test func tanhIsCloseEverywhere() {
    let inputs = grid(from: 0x1p-40, to: 100)
    let exact = inputs.map { Foundation.tanh(Double($0)) }
    for device in oneOfEach {
      let error = largestError(of: Tensors.tanh(Tensor(inputs, on: device)).floats, exact)
      #expect(error < 2.6, "\(device)")
    }
  }

  /// Beside a logit of 0, one below −17.4 is too small to change the sum, and its probability is its exponential alone.
  /// Below −70 a baseline processor, which rounds r · 2ⁿ before it adds 2ⁿ, flushes what is left of r.
  @Test func theExponentialIsClose() {
    let inputs = grid(from: 17.4, to: 70, stride: 31).filter { $0 < 0 }
    let exact = inputs.map { exp(Double($0)) }
    for device in oneOfEach {
      let logits = Tensor(inputs.flatMap { [0, $0] }, shape: [inputs.count, 2], on: device)
      let error = largestError(of: softmax(logits).selected(1, alongAxis: 1).floats, exact)
      #expect(error < 1.2, "\(device)")
    }
  }

  /// Of n equal logits, the exponentials sum to n exactly, and the cross-entropy is ln n.
  @Test func theLogarithmIsClose() {
    let counts = Array(stride(from: 1, through: 5000, by: 13))
    for device in oneOfEach {
      let label = Tensor([0] as [Int32], on: device)
      let losses = counts.map { softmaxCrossEntropy(logits: .zeros([1, $0], on: device), labels: label).scalar }
      #expect(largestError(of: losses, counts.map { log(Double($0)) }) < 0.9, "\(device)")
    }
  }

  @Test(arguments: [Float(88), 100, 1e4, .greatestFiniteMagnitude, .infinity])
  func theyReachTheirLimits(x: Float) {
    for device in oneOfEach {
      let both = Tensor([x, -x], on: device)
      #expect(Tensors.tanh(both).floats == [1, -1], "\(device)")
      let logistic = sigmoid(both).floats
      #expect(logistic[0] == 1, "\(device)")
      #expect(logistic[1] >= 0 && logistic[1] < 2e-38, "\(device)")
    }
  }

  @Test func zeroStaysExact() {
    for device in oneOfEach {
      #expect(Tensors.tanh(Tensor([0, -0] as [Float], on: device)).floats == [0, 0])
      #expect(sigmoid(Tensor([0, -0] as [Float], on: device)).floats == [0.5, 0.5])
    }
  }

  /// A diverged run has to be seen.
  @Test func notANumberStaysNotANumber() {
    // In every lane of a vector, and beside it.
    for position in 0..<19 {
      var values = [Float](repeating: 1, count: 19)
      values[position] = .nan
      for device in oneOfEach {
        let row = Tensor(values, shape: [1, 19], on: device), labels = Tensor([0] as [Int32], on: device)
        #expect(sigmoid(row).floats.indices(where: \.isNaN) == [position])
        #expect(Tensors.tanh(row).floats.indices(where: \.isNaN) == [position])
        #expect(softmax(row).floats.allSatisfy { $0.isNaN })
        #expect(softmaxCrossEntropy(logits: row, labels: labels).scalar.isNaN)
        #expect(row.argmaxOfRows() == [-1])
      }
    }
  }

  /// Rows are computed side by side; what is wrong with one must not be seen in the others.
  @Test(arguments: [0, 5, 16, 19])
  func aRowThatIsNotANumberIsTheOnlyOne(row: Int) {
    for device in oneOfEach {
      var values = [Float](repeating: 1, count: 20 * 10)
      values[row * 10 + 9] = .nan
      let labels = Tensor([Int32](repeating: 3, count: 20), on: device)
      let (losses, pullback) = valueWithPullback(at: Tensor(values, shape: [20, 10], on: device)) { logits in
        softmaxCrossEntropy(logits: logits, labels: labels, reduction: .none)
      }
      let gradient = pullback(Tensor(repeating: 1, shape: [20], on: device)).floats
      #expect(losses.floats.indices(where: \.isNaN) == [row], "\(device)")
      #expect(gradient.indices(where: \.isNaN) == Array(row * 10..<row * 10 + 10), "\(device)")
    }
  }

  @Test func anInfinityStaysInfinite() {
    for device in oneOfEach {
      let values = Tensor([.infinity, -.infinity, 1], on: device)
      #expect(values.scaled(by: -2).floats == [-.infinity, .infinity, -2])
      #expect((values + values).floats == [.infinity, -.infinity, 2])
    }
  }

  private var oneOfEach: [Device] { InstructionSet.supported.map { Device(threads: 1, instructionSet: $0) } }

  /// Every `stride`-th float between two magnitudes, with both signs.
  private func grid(from low: Float, to high: Float, stride step: UInt32 = 307) -> [Float] {
    stride(from: low.bitPattern, through: high.bitPattern, by: Int(step)).flatMap {
      [Float(bitPattern: $0), -Float(bitPattern: $0)]
    }
  }

  /// In units of the last place of the exact results.
  private func largestError(of actual: [Float], _ exact: [Double]) -> Double {
    guard actual.count == exact.count else { return .infinity }
    return zip(actual, exact).reduce(0) { largest, pair in
      let error = abs(Double(pair.0) - pair.1) / Double(Float(pair.1).ulp)
      return error > largest || error.isNaN ? error : largest
    }
  }
}

extension Array {
  fileprivate func indices(where isIncluded: (Element) -> Bool) -> [Int] { indices.filter { isIncluded(self[$0]) } }
}

import OpCases
import Tensors
import Testing
import _Differentiation

/// Denormal numbers count as zero within kernels, and nowhere else.
@Suite("Denormals")
struct DenormalTests {
  @Test(arguments: InstructionSet.supported)
  func kernelsFlushThemToZero(instructionSet: InstructionSet) {
    let device = Device(threads: 1, instructionSet: instructionSet)
    let denormal = Tensor(repeating: Float.leastNormalMagnitude / 4, shape: [1, 21], on: device)
    let one = Tensor(repeating: 1, shape: [1, 21], on: device)
    let results = [
      "+": denormal + denormal, "-": one - one + denormal, "*": denormal * one, "scaled": denormal.scaled(by: 2),
      "matmul": matmul(denormal, one.transposed()), "tanh": tanh(denormal), "sum": denormal.sum(),
      "tanh's gradient": pullback(at: one.scaled(by: 0), of: { tanh($0) })(denormal),
      "sigmoid's gradient": pullback(at: one, of: { sigmoid($0) })(denormal),
    ]
    for (op, result) in results { #expect(result.floats.allSatisfy { $0 == 0 }, "\(op)") }
  }

  @Test(arguments: InstructionSet.supported)
  func callersKeepThem(instructionSet: InstructionSet) {
    let device = Device(threads: 1, instructionSet: instructionSet)
    let call = LSTMCall(on: device, scale: 0.1, biasScale: 0.1)
    let smallest = Operand("smallest", [1], values: [.leastNormalMagnitude]).values[0]
    call.run()
    #expect(smallest * 0.5 > 0)
    #expect((smallest * 0.5).isSubnormal)
  }

  /// Without flushing, Intel's processors take ten times and more as long where products are denormal. AMD's newer ones
  /// hardly notice; on those only `kernelsFlushThemToZero` can fail.
  @Test(arguments: InstructionSet.supported)
  func theyTakeNoMoreTimeThanOthers(instructionSet: InstructionSet) {
    let device = Device(threads: 1, instructionSet: instructionSet)
    let normal = LSTMCall(on: device, scale: 0.1, biasScale: 0.1)
    // Products of 1e-40, and states and gradients of that magnitude.
    let denormal = LSTMCall(on: device, scale: 1e-20, biasScale: 1e-30 * 1e-10)
    func shortest(_ call: LSTMCall) -> Duration? { (0..<7).map { _ in ContinuousClock().measure(call.run) }.min() }
    guard let usual = shortest(normal), let time = shortest(denormal) else { return }
    #expect(time < usual * 3, "\(time) against \(usual)")
  }
}

/// An LSTM, forward and back, with operands of given magnitudes.
private struct LSTMCall {
  private let operands: [Tensor]

  init(on device: Device, scale: Float, biasScale: Float) {
    let (batch, steps, inputs, hidden) = (8, 20, 16, 64)
    let shapes = [[batch, steps, inputs], [4 * hidden, inputs], [4 * hidden, hidden], [4 * hidden]]
    operands = zip(shapes, [scale, scale, scale, biasScale]).map {
      Operand("operand", $0, scale: $1).tensor(on: device)
    }
  }

  func run() {
    let (output, pullback) = valueWithPullback(at: operands) { operands in
      lstm(operands[0], weightIH: operands[1], weightHH: operands[2], bias: operands[3]).hiddenStates
    }
    _ = pullback(output)
  }
}

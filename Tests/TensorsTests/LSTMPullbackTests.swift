import OpCases
import Tensors
import Testing
import _Differentiation

/// What a pullback of a fused LSTM, also one with peepholes or layer normalization, may be asked for.
@Suite("LSTM pullback")
struct LSTMPullbackTests {
  @Test(arguments: Variant.all)
  fileprivate func aSecondCallGivesTheSameBits(variant: Variant) {
    let call = variant.call(on: Device(threads: 2))
    let first = call.pullback(call.cotangent), second = call.pullback(call.cotangent)
    #expect(first.allSatisfy { !$0.floats.isEmpty })
    #expect(bits(first) == bits(second))
  }

  @Test(arguments: Variant.all)
  fileprivate func callsWithDifferentCotangentsDoNotDisturbEachOther(variant: Variant) {
    let device = Device(threads: 2)
    let call = variant.call(on: device), fresh = variant.call(on: device)
    let doubled = call.cotangent.map { $0.scaled(by: 2) }
    _ = call.pullback(call.cotangent)
    #expect(bits(call.pullback(doubled)) == bits(fresh.pullback(doubled)))
  }

  @Test func aPullbackOfNothingIsNothingAndSpendsNothing() {
    let device = Device(threads: 1)
    let call = Variant.all[0].call(on: device)
    let before = device.systemAllocations
    #expect(call.pullback([.zero, .zero, .zero]).allSatisfy { $0.isSymbolicZero })
    #expect(device.systemAllocations == before)
    // What it has saved is still there for the next call.
    #expect(bits(call.pullback(call.cotangent)) == bits(Variant.all[0].call(on: device).pullback(call.cotangent)))
  }

  @Test(arguments: Variant.all)
  fileprivate func anUnusedResultCountsAsOneWhoseCotangentIsZero(variant: Variant) {
    let device = Device(threads: 2)
    let call = variant.call(on: device), other = variant.call(on: device)
    let last = call.cotangent[1]
    let zeros = call.cotangent.map { Tensor.zeros($0.shape, on: device) }
    #expect(bits(call.pullback([.zero, last, .zero])) == bits(other.pullback([zeros[0], last, zeros[2]])))
  }

  /// A budget too small for the sequence: it is run in segments, and all but the last are computed again.
  @Test(arguments: Variant.all)
  fileprivate func segmentsChangeNothingButTheOrderOfSums(variant: Variant) {
    for instructionSet in InstructionSet.supported {
      let whole = variant.call(on: Device(threads: 2, instructionSet: instructionSet))
      let cut = variant.call(on: Device(threads: 2, instructionSet: instructionSet, sequenceMemoryBudget: 1))
      #expect(bits(whole.values) == bits(cut.values))
      for (a, b) in zip(whole.pullback(whole.cotangent), cut.pullback(cut.cotangent)) {
        #expect(relativeError(of: a.floats, to: b.floats.map(Double.init)) < 5e-7)
      }
    }
  }

  @Test func segmentsTakeLessMemory() {
    func bytes(budget: Int) -> Int {
      let device = Device(threads: 1, sequenceMemoryBudget: budget)
      let call = Variant(steps: 400).call(on: device)
      _ = call.pullback(call.cotangent)
      return device.systemBytes
    }
    let whole = bytes(budget: 1 << 30), cut = bytes(budget: 1)
    #expect(cut * 2 < whole, "\(cut) bytes in segments, \(whole) as a whole")
  }

  private func bits(_ tensors: [Tensor]) -> [[UInt32]] { tensors.map { $0.floats.map(\.bitPattern) } }
}

/// A way to call an LSTM.
private struct Variant: Sendable, CustomTestStringConvertible {
  var lengths: [Int]?
  var isReversed = false
  var steps = 11

  var kind = CellKind.lstm

  static let all = [CellKind.lstm, .peepholeLSTM, .layerNormLSTM].flatMap { kind in
    [
      Variant(kind: kind), Variant(isReversed: true, kind: kind), Variant(lengths: [11, 1, 4, 7, 10], kind: kind),
      Variant(lengths: [11, 1, 4, 7, 10], isReversed: true, kind: kind),
    ]
  }

  var testDescription: String {
    "\(kind), \(isReversed ? "reversed" : "forward")\(lengths.map { ", lengths \($0)" } ?? "")"
  }

  struct Call {
    let values: [Tensor]
    let pullback: ([Tensor]) -> [Tensor]
    /// A cotangent for each of the values.
    let cotangent: [Tensor]
  }

  /// The op at random operands, the same every time.
  func call(on device: Device) -> Call {
    let (batch, inputs, hidden) = (5, 6, 19)
    let shapes = [
      [batch, steps, inputs], [batch, hidden], [batch, hidden], [4 * hidden, inputs], [4 * hidden, hidden],
      [kind.biases * hidden], [kind.scales * hidden],
    ]
    let operands = shapes.filter { $0 != [0] }.map { Operand("operand", $0, scale: 0.3).tensor(on: device) }
    let (kind, lengths, isReversed) = (kind, lengths, isReversed)
    let op: @differentiable(reverse) ([Tensor]) -> [Tensor] = { operands in
      let output = recurrent(
        kind, operands[0], initialState: LSTMState(hidden: operands[1], cell: operands[2]), weightIH: operands[3],
        weightHH: operands[4], bias: operands[5], scales: kind.scales > 0 ? operands[6] : .zero, lengths: lengths,
        reversed: isReversed, precision: .fp32)
      return [output.hiddenStates, output.finalState.hidden, output.finalState.cell]
    }
    let (values, pullback) = valueWithPullback(at: operands, of: op)
    return Call(
      values: values, pullback: { pullback(.init($0)).base },
      cotangent: values.map { Operand("cotangent", $0.shape).tensor(on: device) })
  }
}

import Foundation
import Recurrent
import Tensors
import Testing

@Suite("Gates that remember from the start")
struct ChronoBiasTests {
  private func layers(_ kind: CellKind, steps: Int, seed: UInt64 = 1) -> (usual: SequenceLayer, chrono: SequenceLayer) {
    var random = RandomGenerator(seed: seed)
    let usual = SequenceLayer(kind, inputSize: 3, hiddenSize: 200, using: &random)
    return (usual, usual.rememberingFromTheStart(over: steps, using: &random))
  }

  /// The biases of a gate.
  private func gate(_ index: Int, _ layer: SequenceLayer) -> [Float] {
    Array(layer.bias.floats[index * layer.hiddenSize..<(index + 1) * layer.hiddenSize])
  }

  @Test(arguments: [3, 100])
  func forgetGatesCoverAllTimes(steps: Int) {
    let kinds: [(CellKind, keeping: Int, admitting: Int?)] = [
      (.lstm, 1, 0), (.peepholeLSTM, 1, 0), (.layerNormLSTM, 1, 0), (.coupledLSTM, 0, nil), (.gru, 1, nil),
    ]
    for (kind, keeping, admitting) in kinds {
      let (usual, chrono) = layers(kind, steps: steps)
      let times = gate(keeping, chrono).map(exp)
      #expect(times.allSatisfy { (0.999...Float(steps - 1)).contains($0) })
      // Uniform: the mean, within four deviations of the mean of 200.
      let width = Float(steps - 2), mean = times.reduce(0, +) / 200
      #expect(abs(mean - (1 + width / 2)) < 4 * width / Float(12 * 200).squareRoot(), "\(kind): \(mean)")
      #expect(Set(times).count > (steps > 3 ? 190 : 150))
      for other in 0..<kind.biases where other != keeping && other != admitting {
        #expect(gate(other, chrono).allSatisfy { $0 == 0 }, "\(kind), gate \(other)")
      }
      #expect(chrono.scales == usual.scales)
      #expect(chrono.weightIH == usual.weightIH && chrono.weightHH == usual.weightHH && chrono.kind == kind)
    }
  }

  @Test func anLSTMAdmitsAsMuchAsItForgets() {
    let layer = layers(.lstm, steps: 50).chrono
    #expect(gate(0, layer) == gate(1, layer).map { -$0 })
  }

  @Test(arguments: [CellKind.rnn, .irnn]) func aPlainNetworkStaysAsItIs(kind: CellKind) {
    let (usual, chrono) = layers(kind, steps: 50)
    #expect(chrono.bias == usual.bias && chrono.weightHH == usual.weightHH)
  }
}

import Foundation
import Tensors

extension SequenceLayer {
  /// A layer whose gates remember from the start: the forget gate's biases become log u with u uniform in [1, steps − 1),
  /// the input gate's −log u, so that units keep what they hold over 1 to `steps` steps (Tallec & Ollivier 2018, "Can
  /// recurrent neural networks warp time?", section 2.1). For a GRU, in PyTorch's form, it is the update gate that keeps. A
  /// cell without gates stays as it is.
  ///
  /// - Parameters:
  ///   - steps: Over how many steps something is to be remembered, at least 3.
  ///   - random: Where the values come from.
  /// - Returns: The layer with these biases.
  public func rememberingFromTheStart(
    over steps: Int, using random: inout RandomGenerator
  ) -> SequenceLayer {
    precondition(steps >= 3, "remembering over \(steps) steps: at least 3")
    guard let gates = kind.rememberingGates else { return self }
    var biases = bias.floats
    for unit in 0..<hiddenSize {
      let keeping = logf(random.uniform(in: 1..<Float(steps - 1)))
      biases[gates.keeping * hiddenSize + unit] = keeping
      if let admitting = gates.admitting { biases[admitting * hiddenSize + unit] = -keeping }
    }
    return SequenceLayer(
      kind, weightIH: weightIH, weightHH: weightHH, bias: Tensor(biases, on: bias.device), scales: scales,
      precision: precision)
  }
}

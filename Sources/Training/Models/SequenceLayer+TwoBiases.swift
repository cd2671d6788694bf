import Recurrent
import Tensors

/// PyTorch has two biases of a recurrent layer where one is enough, but for a GRU's new gate.
extension SequenceLayer {
  /// The bias as PyTorch has it, [gates·hidden] each; what is not needed of the second one is zero. A bias of the cell
  /// state, which PyTorch has not, is in neither.
  package var twoBiases: (ih: [Float], hh: [Float]) {
    let rows = kind.gates * hiddenSize
    let bias = self.bias.floats.dropLast(kind.cellBiases * hiddenSize), ofHidden = bias[rows...]
    return (Array(bias[..<rows]), [Float](repeating: 0, count: rows - ofHidden.count) + ofHidden)
  }

  /// A layer with PyTorch's two biases, which are added where they are one here.
  ///
  /// - Parameters:
  ///   - kind: The cell.
  ///   - weightIH: Weights of the input, [gates·hidden, inputs].
  ///   - weightHH: Weights of the hidden state, [gates·hidden, hidden].
  ///   - biasIH: [gates·hidden]
  ///   - biasHH: [gates·hidden]
  ///   - biasCell: [cellBiases·hidden]
  ///   - scales: [scales·hidden], or the symbolic zero.
  ///   - precision: What products are computed in.
  package init(
    _ kind: CellKind, weightIH: Tensor, weightHH: Tensor, biasIH: [Float], biasHH: [Float], biasCell: [Float] = [],
    scales: Tensor = .zero, precision: Precision = .fp32
  ) {
    // The last biases of a GRU stay apart.
    let shared = (2 * kind.gates - kind.biases + kind.cellBiases) * weightHH.shape[1]
    let ofGates = zip(biasIH, biasHH).prefix(shared).map { $0 + $1 } + biasIH[shared...] + biasHH[shared...]
    self.init(
      kind, weightIH: weightIH, weightHH: weightHH, bias: Tensor(ofGates + biasCell, on: weightHH.device),
      scales: scales, precision: precision)
  }
}

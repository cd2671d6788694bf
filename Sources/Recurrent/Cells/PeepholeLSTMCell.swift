import Tensors
import _Differentiation

/// One step of a long short-term memory with peepholes (Gers, Schraudolph & Schmidhuber 2002; Graves 2013, equations 7 to
/// 11): input and forget gate see the cell state before the step, and the output gate that after it.
///
///     i = σ(W_i·[h, x] + p_i·c + b_i)     f = σ(W_f·[h, x] + p_f·c + b_f)     g = tanh(W_g·[h, x] + b_g)
///     c ← f·c + i·g
///     o = σ(W_o·[h, x] + p_o·c + b_o)     h ← o·tanh(c)
///
/// Each unit sees its own cell state alone. Weights hold the gates in the order i f g o, as those of `LSTMCell`.
public struct PeepholeLSTMCell: RecurrentCell, Sendable {
  /// Weights of the input, [4·hidden, inputs].
  public var weightIH: Tensor
  /// Weights of the hidden state, [4·hidden, hidden].
  public var weightHH: Tensor
  /// [4·hidden]
  public var bias: Tensor
  /// [3·hidden]: p_i, p_f and p_o.
  public var peepholes: Tensor

  /// A cell with the given parameters.
  @differentiable(reverse)
  public init(weightIH: Tensor, weightHH: Tensor, bias: Tensor, peepholes: Tensor) {
    self.weightIH = weightIH
    self.weightHH = weightHH
    self.bias = bias
    self.peepholes = peepholes
  }

  /// The size of the hidden state and of the cell state.
  public var hiddenSize: Int { weightHH.shape[1] }

  /// One step: `input` [batch, inputs] and the state before it give the state after it.
  @differentiable(reverse)
  @differentiable(reverse,wrt: (self, state))
  public func callAsFunction(_ input: Tensor, state: LSTMState) -> LSTMState {
    let gates = gates(input, state: state)
    let cell = gates.updated(state.cell)
    return LSTMState(hidden: gates.output * tanh(cell), cell: cell)
  }

  /// What the gates of one step let through: `input` [batch, inputs] and the state before the step give [batch, hidden]
  /// each.
  @differentiable(reverse)
  @differentiable(reverse,wrt: (self, state))
  public func gates(_ input: Tensor, state: LSTMState) -> LSTMGates {
    let size = withoutDerivative(at: hiddenSize)
    let z = linear(input, weight: weightIH, bias: bias) + matmul(state.hidden, weightHH.transposed())
    var gates = LSTMGates(
      input: sigmoid(z.gate(0, of: size) + seen(0, of: state.cell)),
      forget: sigmoid(z.gate(1, of: size) + seen(1, of: state.cell)), candidate: tanh(z.gate(2, of: size)),
      output: z.gate(3, of: size))
    // The output gate sees the cell state that the others have made.
    gates.output = sigmoid(gates.output + seen(2, of: gates.updated(state.cell)))
    return gates
  }

  /// What one of the gates i f o sees of a cell state.
  @differentiable(reverse,wrt: (self, cell))
  private func seen(_ index: Int, of cell: Tensor) -> Tensor {
    let size = withoutDerivative(at: hiddenSize)
    return cell * peepholes.sliced(alongAxis: 0, index * size..<(index + 1) * size)
  }

  /// The hidden state.
  @differentiable(reverse)
  public static func output(of state: LSTMState) -> Tensor { state.hidden }
}

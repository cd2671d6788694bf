import Tensors
import _Differentiation

/// One step of a long short-term memory, as its equations read (Hochreiter & Schmidhuber 1997; forget gate by Gers et
/// al. 2000):
///
///     i = σ(W_i·[h, x] + b_i)     f = σ(W_f·[h, x] + b_f)     g = tanh(W_g·[h, x] + b_g)     o = σ(W_o·[h, x] + b_o)
///     c ← f·c + i·g               h ← o·tanh(c)
///
/// Weights hold the gates one below the other in the order i f g o, as in PyTorch. There is one bias, the sum of
/// PyTorch's two.
public struct LSTMCell: RecurrentCell, Sendable {
  /// Weights of the input, [4·hidden, inputs].
  public var weightIH: Tensor
  /// Weights of the hidden state, [4·hidden, hidden].
  public var weightHH: Tensor
  /// [4·hidden]
  public var bias: Tensor

  /// A cell with the given parameters.
  @differentiable(reverse)
  public init(weightIH: Tensor, weightHH: Tensor, bias: Tensor) {
    self.weightIH = weightIH
    self.weightHH = weightHH
    self.bias = bias
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
    return LSTMGates(
      input: sigmoid(z.gate(0, of: size)), forget: sigmoid(z.gate(1, of: size)), candidate: tanh(z.gate(2, of: size)),
      output: sigmoid(z.gate(3, of: size)))
  }

  /// The hidden state.
  @differentiable(reverse)
  public static func output(of state: LSTMState) -> Tensor { state.hidden }
}

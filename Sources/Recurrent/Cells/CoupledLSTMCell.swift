import Tensors
import _Differentiation

/// One step of a long short-term memory with coupled input and forget gates (Greff et al. 2017, section 3, where it is
/// called CIFG): as much is taken in as is forgotten.
///
///     f = σ(W_f·[h, x] + b_f)     g = tanh(W_g·[h, x] + b_g)     o = σ(W_o·[h, x] + b_o)
///     c ← f·c + (1 − f)·g         h ← o·tanh(c)
///
/// Weights hold the gates one below the other in the order f g o.
public struct CoupledLSTMCell: RecurrentCell, Sendable {
  /// Weights of the input, [3·hidden, inputs].
  public var weightIH: Tensor
  /// Weights of the hidden state, [3·hidden, hidden].
  public var weightHH: Tensor
  /// [3·hidden]
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
  /// each. The input gate is 1 − f = σ(−z) where f = σ(z).
  @differentiable(reverse)
  @differentiable(reverse,wrt: (self, state))
  public func gates(_ input: Tensor, state: LSTMState) -> LSTMGates {
    let size = withoutDerivative(at: hiddenSize)
    let z = linear(input, weight: weightIH, bias: bias) + matmul(state.hidden, weightHH.transposed())
    let ofForgetGate = z.gate(0, of: size)
    return LSTMGates(
      input: sigmoid(ofForgetGate.scaled(by: -1)), forget: sigmoid(ofForgetGate), candidate: tanh(z.gate(1, of: size)),
      output: sigmoid(z.gate(2, of: size)))
  }

  /// The hidden state.
  @differentiable(reverse)
  public static func output(of state: LSTMState) -> Tensor { state.hidden }
}

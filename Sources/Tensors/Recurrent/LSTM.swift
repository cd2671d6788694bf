import _Differentiation

/// What an LSTM remembers between two steps: hidden state and cell state, each [batch, hidden].
///
/// `LSTMState.zero`, the symbolic zero, is the zero state for any number of rows, and costs nothing.
public struct LSTMState: Differentiable, AdditiveArithmetic, Sendable {
  /// A gradient with respect to a state is a state.
  public typealias TangentVector = LSTMState

  /// The hidden state h, which is also the output: [batch, hidden].
  public var hidden: Tensor
  /// The cell state c: [batch, hidden].
  public var cell: Tensor

  /// A state from its two parts.
  @differentiable(reverse)
  public init(hidden: Tensor, cell: Tensor) {
    self.hidden = hidden
    self.cell = cell
  }
}

/// What an LSTM gives for a batch of sequences.
public struct LSTMOutput: Differentiable, Sendable {
  /// The hidden state after every step, [batch, steps, hidden]; zero beyond a row's length.
  public var hiddenStates: Tensor
  /// The state after the last step that was read; with `lengths`, after each row's own last step.
  public var finalState: LSTMState

  /// An output from its two parts.
  @differentiable(reverse)
  public init(hiddenStates: Tensor, finalState: LSTMState) {
    self.hiddenStates = hiddenStates
    self.finalState = finalState
  }
}

/// A long short-term memory over a whole sequence, as one op (Hochreiter & Schmidhuber 1997; forget gate by Gers et al.
/// 2000):
///
///     i = σ(W_i·[h, x] + b_i)     f = σ(W_f·[h, x] + b_f)     g = tanh(W_g·[h, x] + b_g)     o = σ(W_o·[h, x] + b_o)
///     c ← f·c + i·g               h ← o·tanh(c)
///
/// The time loop runs inside the kernels, each thread with its own rows of the batch. A sequence whose saved values
/// would exceed the device's `sequenceMemoryBudget` keeps the state every √steps steps and computes the rest again on
/// the way back. A pullback may be called more than once; from the second time on it repeats the forward pass.
///
/// - Parameters:
///   - input: [batch, steps, inputs], at least one of each. It is read in place if it lies time-major.
///   - initialState: The state before the first step; the symbolic zero by default.
///   - weightIH: Weights of the input, [4·hidden, inputs]; gates in the order i f g o, as in PyTorch.
///   - weightHH: Weights of the hidden state, [4·hidden, hidden].
///   - bias: [4·hidden], the sum of PyTorch's two biases.
///   - lengths: The true length of each row, from 1 to steps; all steps by default.
///   - reversed: Whether each row is read from its last step to its first. Outputs stay at their step's place.
///   - precision: What products are computed in; single precision by default.
/// - Returns: The hidden state after every step, and the final state.
/// - Precondition: The shapes agree, and the device supports the precision.
@differentiable(reverse,wrt: (input, initialState, weightIH, weightHH, bias))
@differentiable(reverse,wrt: (initialState, weightIH, weightHH, bias))
@differentiable(reverse,wrt: (weightIH, weightHH, bias))
public func lstm(
  _ input: Tensor, initialState: LSTMState = .zero, weightIH: Tensor, weightHH: Tensor, bias: Tensor,
  lengths: [Int]? = nil, reversed: Bool = false, precision: Precision = .fp32
) -> LSTMOutput {
  recurrent(
    .lstm, input, initialState: initialState, weightIH: weightIH, weightHH: weightHH, bias: bias, lengths: lengths,
    reversed: reversed, precision: precision)
}

import _Differentiation

/// A gated recurrent unit over a whole sequence (Cho et al. 2014), in the form that PyTorch and cuDNN have: the reset gate
/// acts on the product and not on the state.
///
///     r = σ(W_r·x + U_r·h + b_r)     z = σ(W_z·x + U_z·h + b_z)
///     n = tanh(W_n·x + b_n + r·(U_n·h + b_hn))
///     h ← (1 − z)·n + z·h
///
/// It runs as `lstm` does, in one op.
///
/// - Parameters:
///   - input: [batch, steps, inputs], at least one of each. It is read in place if it lies time-major.
///   - initialState: The hidden state before the first step, [batch, hidden]; the symbolic zero by default.
///   - weightIH: Weights of the input, [3·hidden, inputs]; gates in the order r z n, as in PyTorch.
///   - weightHH: Weights of the hidden state, [3·hidden, hidden].
///   - bias: [4·hidden]: b_r, b_z (each the sum of PyTorch's two), b_n and b_hn.
///   - lengths: The true length of each row, from 1 to steps; all steps by default.
///   - reversed: Whether each row is read from its last step to its first. Outputs stay at their step's place.
///   - precision: What products are computed in; single precision by default.
/// - Returns: The hidden state after every step, and the final one.
/// - Precondition: The shapes agree, and the device supports the precision.
@differentiable(reverse,wrt: (input, initialState, weightIH, weightHH, bias))
@differentiable(reverse,wrt: (initialState, weightIH, weightHH, bias))
@differentiable(reverse,wrt: (weightIH, weightHH, bias))
public func gru(
  _ input: Tensor, initialState: Tensor = .zero, weightIH: Tensor, weightHH: Tensor, bias: Tensor,
  lengths: [Int]? = nil, reversed: Bool = false, precision: Precision = .fp32
) -> RecurrentOutput {
  let state = LSTMState(hidden: initialState, cell: .zero)
  let output = recurrent(
    .gru, input, initialState: state, weightIH: weightIH, weightHH: weightHH, bias: bias, lengths: lengths,
    reversed: reversed, precision: precision)
  return RecurrentOutput(hiddenStates: output.hiddenStates, finalState: output.finalState.hidden)
}

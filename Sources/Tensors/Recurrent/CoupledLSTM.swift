import _Differentiation

/// A long short-term memory with coupled input and forget gates over a whole sequence (Greff et al. 2017, section 3, where
/// it is called CIFG): as much is taken in as is forgotten. A quarter of the weights is saved, at little or no loss.
///
///     f = σ(W_f·[h, x] + b_f)     g = tanh(W_g·[h, x] + b_g)     o = σ(W_o·[h, x] + b_o)
///     c ← f·c + (1 − f)·g         h ← o·tanh(c)
///
/// It runs as `lstm` does, in one op.
///
/// - Parameters:
///   - input: [batch, steps, inputs], at least one of each. It is read in place if it lies time-major.
///   - initialState: The state before the first step; the symbolic zero by default.
///   - weightIH: Weights of the input, [3·hidden, inputs]; gates in the order f g o.
///   - weightHH: Weights of the hidden state, [3·hidden, hidden].
///   - bias: [3·hidden].
///   - lengths: The true length of each row, from 1 to steps; all steps by default.
///   - reversed: Whether each row is read from its last step to its first. Outputs stay at their step's place.
///   - precision: What products are computed in; single precision by default.
/// - Returns: The hidden state after every step, and the final state.
/// - Precondition: The shapes agree, and the device supports the precision.
@differentiable(reverse,wrt: (input, initialState, weightIH, weightHH, bias))
@differentiable(reverse,wrt: (initialState, weightIH, weightHH, bias))
@differentiable(reverse,wrt: (weightIH, weightHH, bias))
public func coupledLSTM(
  _ input: Tensor, initialState: LSTMState = .zero, weightIH: Tensor, weightHH: Tensor, bias: Tensor,
  lengths: [Int]? = nil, reversed: Bool = false, precision: Precision = .fp32
) -> LSTMOutput {
  recurrent(
    .coupledLSTM, input, initialState: initialState, weightIH: weightIH, weightHH: weightHH, bias: bias,
    lengths: lengths, reversed: reversed, precision: precision)
}

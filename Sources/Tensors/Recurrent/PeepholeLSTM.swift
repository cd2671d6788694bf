import _Differentiation

/// A long short-term memory with peepholes over a whole sequence (Gers, Schraudolph & Schmidhuber 2002; Graves 2013,
/// equations 7 to 11): input and forget gate see the cell state before the step, and the output gate that after it.
///
///     i = σ(W_i·[h, x] + p_i·c + b_i)     f = σ(W_f·[h, x] + p_f·c + b_f)     g = tanh(W_g·[h, x] + b_g)
///     c ← f·c + i·g
///     o = σ(W_o·[h, x] + p_o·c + b_o)     h ← o·tanh(c)
///
/// Each unit sees its own cell state alone. It runs as `lstm` does, in one op.
///
/// - Parameters:
///   - input: [batch, steps, inputs], at least one of each. It is read in place if it lies time-major.
///   - initialState: The state before the first step; the symbolic zero by default.
///   - weightIH: Weights of the input, [4·hidden, inputs]; gates in the order i f g o.
///   - weightHH: Weights of the hidden state, [4·hidden, hidden].
///   - bias: [4·hidden].
///   - peepholes: [3·hidden]: p_i, p_f and p_o.
///   - lengths: The true length of each row, from 1 to steps; all steps by default.
///   - reversed: Whether each row is read from its last step to its first. Outputs stay at their step's place.
///   - precision: What products are computed in; single precision by default.
/// - Returns: The hidden state after every step, and the final state.
/// - Precondition: The shapes agree, and the device supports the precision.
@differentiable(reverse,wrt: (input, initialState, weightIH, weightHH, bias, peepholes))
@differentiable(reverse,wrt: (initialState, weightIH, weightHH, bias, peepholes))
@differentiable(reverse,wrt: (weightIH, weightHH, bias, peepholes))
public func peepholeLSTM(
  _ input: Tensor, initialState: LSTMState = .zero, weightIH: Tensor, weightHH: Tensor, bias: Tensor,
  peepholes: Tensor, lengths: [Int]? = nil, reversed: Bool = false, precision: Precision = .fp32
) -> LSTMOutput {
  recurrent(
    .peepholeLSTM, input, initialState: initialState, weightIH: weightIH, weightHH: weightHH, bias: bias,
    scales: peepholes, lengths: lengths, reversed: reversed, precision: precision)
}

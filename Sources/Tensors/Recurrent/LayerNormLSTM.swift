import _Differentiation

/// An LSTM with layer normalization over a whole sequence, as one op (Ba, Kiros & Hinton 2016, equations 20 to 22 of the
/// supplement):
///
///     (i f g o) = LN(W·x) + LN(U·h) + b
///     c ← σ(f)·c + σ(i)·tanh(g)     h ← σ(o)·tanh(LN(c) + b_c)
///
/// with LN(z) = gain · (z − mean(z)) / √(variance(z) + ε) and ε = 1e-5, as in PyTorch. The four gates are normalized
/// together, 4·hidden products at a time.
///
/// It runs as `lstm` does, in one op.
///
/// - Parameters:
///   - input: [batch, steps, inputs], at least one of each. It is read in place if it lies time-major.
///   - initialState: The state before the first step; the symbolic zero by default.
///   - weightIH: Weights of the input, [4·hidden, inputs]; gates in the order i f g o.
///   - weightHH: Weights of the hidden state, [4·hidden, hidden].
///   - bias: [5·hidden]: b, the sum of the biases of both normalizations, and b_c. Or [9·hidden]: after these, a bias that
///     is added to W·x before that is normalized, as a linear layer in front leaves it.
///   - gains: [9·hidden]: those of W·x, of U·h and of c.
///   - lengths: The true length of each row, from 1 to steps; all steps by default.
///   - reversed: Whether each row is read from its last step to its first. Outputs stay at their step's place.
///   - precision: What products are computed in; single precision by default.
/// - Returns: The hidden state after every step, and the final state.
/// - Precondition: The shapes agree, and the device supports the precision.
@differentiable(reverse,wrt: (input, initialState, weightIH, weightHH, bias, gains))
@differentiable(reverse,wrt: (initialState, weightIH, weightHH, bias, gains))
@differentiable(reverse,wrt: (weightIH, weightHH, bias, gains))
public func layerNormLSTM(
  _ input: Tensor, initialState: LSTMState = .zero, weightIH: Tensor, weightHH: Tensor, bias: Tensor, gains: Tensor,
  lengths: [Int]? = nil, reversed: Bool = false, precision: Precision = .fp32
) -> LSTMOutput {
  recurrent(
    .layerNormLSTM, input, initialState: initialState, weightIH: weightIH, weightHH: weightHH, bias: bias,
    scales: gains, lengths: lengths, reversed: reversed, precision: precision)
}

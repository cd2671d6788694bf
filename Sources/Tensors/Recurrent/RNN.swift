import _Differentiation

/// What a plain recurrent network does to its sums.
public enum Nonlinearity: String, Sendable, CaseIterable, Codable {
  /// The hyperbolic tangent.
  case tanh
  /// max(0, x)
  case relu

  /// The cell that has it.
  package var cell: CellKind {
    switch self {
    case .tanh: .rnn
    case .relu: .irnn
    }
  }
}

/// A plain recurrent network over a whole sequence (Elman 1990).
///
///     h ← tanh(W·x + U·h + b)
///
/// With rectified linear units, max(0, x) in place of tanh, it learns if U starts at the identity (Le, Jaitly & Hinton
/// 2015): a state is then kept as it is until the network has learned otherwise.
///
/// It runs as `lstm` does, in one op.
///
/// - Parameters:
///   - input: [batch, steps, inputs], at least one of each. It is read in place if it lies time-major.
///   - initialState: The hidden state before the first step, [batch, hidden]; the symbolic zero by default.
///   - weightIH: Weights of the input, [hidden, inputs].
///   - weightHH: Weights of the hidden state, [hidden, hidden].
///   - bias: [hidden], the sum of PyTorch's two biases.
///   - nonlinearity: What is done to the sums; tanh by default.
///   - lengths: The true length of each row, from 1 to steps; all steps by default.
///   - reversed: Whether each row is read from its last step to its first. Outputs stay at their step's place.
///   - precision: What products are computed in; single precision by default.
/// - Returns: The hidden state after every step, and the final one.
/// - Precondition: The shapes agree, and the device supports the precision.
@differentiable(reverse,wrt: (input, initialState, weightIH, weightHH, bias))
@differentiable(reverse,wrt: (initialState, weightIH, weightHH, bias))
@differentiable(reverse,wrt: (weightIH, weightHH, bias))
public func rnn(
  _ input: Tensor, initialState: Tensor = .zero, weightIH: Tensor, weightHH: Tensor, bias: Tensor,
  nonlinearity: Nonlinearity = .tanh, lengths: [Int]? = nil, reversed: Bool = false, precision: Precision = .fp32
) -> RecurrentOutput {
  let state = LSTMState(hidden: initialState, cell: .zero)
  let output = recurrent(
    nonlinearity.cell, input, initialState: state, weightIH: weightIH, weightHH: weightHH, bias: bias,
    lengths: lengths, reversed: reversed, precision: precision)
  return RecurrentOutput(hiddenStates: output.hiddenStates, finalState: output.finalState.hidden)
}

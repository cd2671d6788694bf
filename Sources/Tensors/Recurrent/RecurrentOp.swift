import _Differentiation

/// A recurrent layer of any kind over a whole sequence, as one op: `lstm`, `gru`, `rnn` and the others are
/// names for it.
///
/// The time loop runs inside the kernels, each thread with its own rows of the batch. A sequence whose saved values
/// would exceed the device's `sequenceMemoryBudget` keeps the state every √steps steps and computes the rest again on
/// the way back. A pullback may be called more than once; from the second time on it repeats the forward pass.
///
/// - Parameters:
///   - kind: The cell; it decides how many gates, biases and scales there are.
///   - input: [batch, steps, inputs], at least one of each. It is read in place if it lies time-major.
///   - initialState: The state before the first step. The cell state is the symbolic zero where the kind has none.
///   - weightIH: [gates·hidden, inputs].
///   - weightHH: [gates·hidden, hidden].
///   - bias: [biases·hidden].
///   - scales: [scales·hidden]: factors that act unit by unit. The symbolic zero where the kind has none.
///   - lengths: The true length of each row, from 1 to steps; all steps by default.
///   - reversed: Whether each row is read from its last step to its first. Outputs stay at their step's place.
///   - precision: What products are computed in.
/// - Returns: The hidden state after every step, and the final state.
/// - Precondition: The shapes agree, and the device supports the precision.
@differentiable(reverse,wrt: (input, initialState, weightIH, weightHH, bias, scales))
@differentiable(reverse,wrt: (initialState, weightIH, weightHH, bias, scales))
@differentiable(reverse,wrt: (weightIH, weightHH, bias, scales))
package func recurrent(
  _ kind: CellKind, _ input: Tensor, initialState: LSTMState, weightIH: Tensor, weightHH: Tensor, bias: Tensor,
  scales: Tensor = .zero, lengths: [Int]?, reversed: Bool, precision: Precision
) -> LSTMOutput {
  SequencePass(
    kind, input, initialState, weightIH, weightHH, bias, scales, lengths: lengths, reversed: reversed,
    precision: precision
  ).run()
}

@derivative(of: recurrent, wrt: (input, initialState, weightIH, weightHH, bias, scales))
package func _vjpRecurrent(
  _ kind: CellKind, _ input: Tensor, initialState: LSTMState, weightIH: Tensor, weightHH: Tensor, bias: Tensor,
  scales: Tensor, lengths: [Int]?, reversed: Bool, precision: Precision
) -> (value: LSTMOutput, pullback: (LSTMOutput.TangentVector) -> (Tensor, LSTMState, Tensor, Tensor, Tensor, Tensor)) {
  let pass = SequencePass(
    kind, input, initialState, weightIH, weightHH, bias, scales, lengths: lengths, reversed: reversed,
    precision: precision)
  let (output, tape) = pass.runSaving()
  return (
    output,
    { d in
      let gradient = pass.gradient(of: d, tape: tape, wantsInput: true, wantsInitialState: true)
      return (
        gradient.input, gradient.initialState, gradient.weightIH, gradient.weightHH, gradient.bias, gradient.scales
      )
    }
  )
}

// A first layer: nobody wants the gradient of its input.
@derivative(of: recurrent, wrt: (initialState, weightIH, weightHH, bias, scales))
package func _vjpRecurrentStateAndWeights(
  _ kind: CellKind, _ input: Tensor, initialState: LSTMState, weightIH: Tensor, weightHH: Tensor, bias: Tensor,
  scales: Tensor, lengths: [Int]?, reversed: Bool, precision: Precision
) -> (value: LSTMOutput, pullback: (LSTMOutput.TangentVector) -> (LSTMState, Tensor, Tensor, Tensor, Tensor)) {
  let pass = SequencePass(
    kind, input, initialState, weightIH, weightHH, bias, scales, lengths: lengths, reversed: reversed,
    precision: precision)
  let (output, tape) = pass.runSaving()
  return (
    output,
    { d in
      let gradient = pass.gradient(of: d, tape: tape, wantsInput: false, wantsInitialState: true)
      return (gradient.initialState, gradient.weightIH, gradient.weightHH, gradient.bias, gradient.scales)
    }
  )
}

// A first layer that starts from a constant state.
@derivative(of: recurrent, wrt: (weightIH, weightHH, bias, scales))
package func _vjpRecurrentWeights(
  _ kind: CellKind, _ input: Tensor, initialState: LSTMState, weightIH: Tensor, weightHH: Tensor, bias: Tensor,
  scales: Tensor, lengths: [Int]?, reversed: Bool, precision: Precision
) -> (value: LSTMOutput, pullback: (LSTMOutput.TangentVector) -> (Tensor, Tensor, Tensor, Tensor)) {
  let pass = SequencePass(
    kind, input, initialState, weightIH, weightHH, bias, scales, lengths: lengths, reversed: reversed,
    precision: precision)
  let (output, tape) = pass.runSaving()
  return (
    output,
    { d in
      let gradient = pass.gradient(of: d, tape: tape, wantsInput: false, wantsInitialState: false)
      return (gradient.weightIH, gradient.weightHH, gradient.bias, gradient.scales)
    }
  )
}

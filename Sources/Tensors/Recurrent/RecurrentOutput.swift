import _Differentiation

/// What a recurrent layer without a cell state gives for a batch of sequences.
public struct RecurrentOutput: Differentiable, Sendable {
  /// The hidden state after every step, [batch, steps, hidden]; zero beyond a row's length.
  public var hiddenStates: Tensor
  /// The hidden state after the last step that was read, [batch, hidden]; with `lengths`, after each row's own last step.
  public var finalState: Tensor

  /// An output from its two parts.
  @differentiable(reverse)
  public init(hiddenStates: Tensor, finalState: Tensor) {
    self.hiddenStates = hiddenStates
    self.finalState = finalState
  }
}

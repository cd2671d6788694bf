import Tensors
import _Differentiation

/// What a network computes in one step of a sequence: a new state from the old one and an input.
///
/// A new kind of cell is a struct with its parameters and this one method; `RecurrentLayer` runs it over a sequence, and
/// the compiler differentiates both.
public protocol RecurrentCell: Differentiable {
  /// What is remembered between steps.
  associatedtype State: Differentiable, AdditiveArithmetic

  /// One step.
  ///
  /// - Parameters:
  ///   - input: [batch, inputs].
  ///   - state: The state before the step; `State.zero` before the first one.
  /// - Returns: The state after it.
  @differentiable(reverse)
  @differentiable(reverse,wrt: (self, state))
  func callAsFunction(_ input: Tensor, state: State) -> State

  /// What the step shows to the layer above: [batch, hidden].
  @differentiable(reverse)
  static func output(of state: State) -> Tensor
}

/// A cell run over a sequence, step by step in Swift.
///
/// This is the readable way, for any cell. `LSTM` does the same for `LSTMCell` in one fused op.
public struct RecurrentLayer<Cell: RecurrentCell>: Differentiable {
  /// What each step computes.
  public var cell: Cell

  /// A layer that runs `cell`.
  @differentiable(reverse)
  public init(_ cell: Cell) { self.cell = cell }

  /// Runs the cell over all steps.
  ///
  /// - Parameters:
  ///   - input: [batch, steps, inputs], at least one step.
  ///   - initialState: The state before the first step.
  /// - Returns: The output after every step, [batch, steps, hidden].
  @differentiable(reverse)
  public func callAsFunction(_ input: Tensor, initialState: Cell.State) -> Tensor {
    var state = initialState
    var outputs: [Tensor] = []
    for step in 0..<withoutDerivative(at: input.shape[1]) {
      state = cell(input.selected(step, alongAxis: 1), state: state)
      outputs = outputs + [Cell.output(of: state)]
    }
    return Tensor.stack(outputs, alongAxis: 1)
  }
}

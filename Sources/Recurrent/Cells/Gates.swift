import Tensors
import _Differentiation

extension Tensor {
  /// One gate of several side by side, as a view: columns `index`·size ..< (`index` + 1)·size of [batch, gates·size].
  @differentiable(reverse,wrt: self)
  func gate(_ index: Int, of size: Int) -> Tensor { sliced(alongAxis: 1, index * size..<(index + 1) * size) }
}

/// What the gates of an LSTM say in one step, [batch, hidden] each.
public struct LSTMGates: Differentiable, Sendable {
  /// i: how much of the candidate is written, 0 to 1.
  public var input: Tensor
  /// f: how much of the cell state is kept, 0 to 1.
  public var forget: Tensor
  /// g: what would be written, −1 to 1.
  public var candidate: Tensor
  /// o: how much of the cell state is shown, 0 to 1.
  public var output: Tensor

  /// Gates from their four parts.
  @differentiable(reverse)
  public init(input: Tensor, forget: Tensor, candidate: Tensor, output: Tensor) {
    self.input = input
    self.forget = forget
    self.candidate = candidate
    self.output = output
  }

  /// The cell state after the step, c ← f·c + i·g, from that before it; [batch, hidden] both.
  @differentiable(reverse)
  func updated(_ cell: Tensor) -> Tensor { forget * cell + input * candidate }
}

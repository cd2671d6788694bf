import Tensors
import _Differentiation

/// One step of a plain recurrent network (Elman 1990):
///
///     h ← tanh(W·x + U·h + b)
public struct RNNCell: RecurrentCell, Sendable {
  /// Weights of the input, [hidden, inputs].
  public var weightIH: Tensor
  /// Weights of the hidden state, [hidden, hidden].
  public var weightHH: Tensor
  /// [hidden], the sum of PyTorch's two biases.
  public var bias: Tensor

  /// A cell with the given parameters.
  @differentiable(reverse)
  public init(weightIH: Tensor, weightHH: Tensor, bias: Tensor) {
    self.weightIH = weightIH
    self.weightHH = weightHH
    self.bias = bias
  }

  /// One step: `input` [batch, inputs] and the state before it, [batch, hidden], give the state after it.
  @differentiable(reverse)
  @differentiable(reverse,wrt: (self, state))
  public func callAsFunction(_ input: Tensor, state: Tensor) -> Tensor {
    tanh(linear(input, weight: weightIH, bias: bias) + matmul(state, weightHH.transposed()))
  }

  /// The hidden state.
  @differentiable(reverse)
  public static func output(of state: Tensor) -> Tensor { state }
}

import Tensors
import _Differentiation

/// One step of a plain recurrent network (Elman 1990):
///
///     h ← tanh(W·x + U·h + b)
///
/// or with max(0, x) in place of tanh (Le, Jaitly & Hinton 2015).
public struct RNNCell: RecurrentCell, Sendable {
  /// Weights of the input, [hidden, inputs].
  public var weightIH: Tensor
  /// Weights of the hidden state, [hidden, hidden].
  public var weightHH: Tensor
  /// [hidden], the sum of PyTorch's two biases.
  public var bias: Tensor
  /// What is done to the sums.
  @noDerivative public let nonlinearity: Nonlinearity

  /// A cell with the given parameters.
  @differentiable(reverse)
  public init(weightIH: Tensor, weightHH: Tensor, bias: Tensor, nonlinearity: Nonlinearity = .tanh) {
    self.weightIH = weightIH
    self.weightHH = weightHH
    self.bias = bias
    self.nonlinearity = nonlinearity
  }

  /// One step: `input` [batch, inputs] and the state before it, [batch, hidden], give the state after it.
  @differentiable(reverse)
  @differentiable(reverse,wrt: (self, state))
  public func callAsFunction(_ input: Tensor, state: Tensor) -> Tensor {
    let z = linear(input, weight: weightIH, bias: bias) + matmul(state, weightHH.transposed())
    switch nonlinearity {
    case .tanh: return tanh(z)
    case .relu: return relu(z)
    }
  }

  /// The hidden state.
  @differentiable(reverse)
  public static func output(of state: Tensor) -> Tensor { state }
}

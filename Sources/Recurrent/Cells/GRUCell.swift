import Tensors
import _Differentiation

/// One step of a gated recurrent unit, as its equations read (Cho et al. 2014, in the form that PyTorch and cuDNN have):
///
///     r = σ(W_r·x + U_r·h + b_r)     z = σ(W_z·x + U_z·h + b_z)
///     n = tanh(W_n·x + b_n + r·(U_n·h + b_hn))
///     h ← (1 − z)·n + z·h
///
/// Weights hold the gates one below the other in the order r z n, as in PyTorch.
public struct GRUCell: RecurrentCell, Sendable {
  /// Weights of the input, [3·hidden, inputs].
  public var weightIH: Tensor
  /// Weights of the hidden state, [3·hidden, hidden].
  public var weightHH: Tensor
  /// [4·hidden]: b_r, b_z, b_n and b_hn.
  public var bias: Tensor

  /// A cell with the given parameters.
  @differentiable(reverse)
  public init(weightIH: Tensor, weightHH: Tensor, bias: Tensor) {
    self.weightIH = weightIH
    self.weightHH = weightHH
    self.bias = bias
  }

  /// The size of the hidden state.
  public var hiddenSize: Int { weightHH.shape[1] }

  /// One step: `input` [batch, inputs] and the state before it, [batch, hidden], give the state after it.
  @differentiable(reverse)
  @differentiable(reverse,wrt: (self, state))
  public func callAsFunction(_ input: Tensor, state: Tensor) -> Tensor {
    let size = withoutDerivative(at: hiddenSize)
    let x = linear(input, weight: weightIH, bias: bias.sliced(alongAxis: 0, 0..<3 * size))
    let h = matmul(state, weightHH.transposed())
    let r = sigmoid(part(0, of: x) + part(0, of: h))
    let z = sigmoid(part(1, of: x) + part(1, of: h))
    let n = tanh(part(2, of: x) + r * (part(2, of: h) + bias.sliced(alongAxis: 0, 3 * size..<4 * size)))
    return n - z * n + z * state
  }

  @differentiable(reverse,wrt: z)
  private func part(_ index: Int, of z: Tensor) -> Tensor {
    if z.isSymbolicZero { return z }
    let size = withoutDerivative(at: hiddenSize)
    return z.sliced(alongAxis: 1, index * size..<(index + 1) * size)
  }

  /// The hidden state.
  @differentiable(reverse)
  public static func output(of state: Tensor) -> Tensor { state }
}

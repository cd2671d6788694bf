import Tensors
import _Differentiation

/// Layer normalization with a gain and a bias for each feature (Ba, Kiros & Hinton 2016); see `layerNorm`.
public struct LayerNorm: Differentiable, Sendable {
  /// The gain, [features].
  public var weight: Tensor
  /// [features]
  public var bias: Tensor

  /// A layer with the given parameters.
  @differentiable(reverse)
  public init(weight: Tensor, bias: Tensor) {
    self.weight = weight
    self.bias = bias
  }

  /// A layer that adds nothing to the normalization yet: gains of 1, biases of 0.
  public init(size: Int, on device: Device = .cpu) {
    self.init(weight: Tensor(repeating: 1, shape: [size], on: device), bias: .zeros([size], on: device))
  }

  /// Normalizes each row of `input` [rows, features]. Of the symbolic zero just the bias is left, [features].
  @differentiable(reverse)
  @differentiable(reverse,wrt: self)
  public func callAsFunction(_ input: Tensor) -> Tensor {
    layerNorm(input, weight: weight, bias: bias)
  }
}

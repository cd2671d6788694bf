import Tensors
import _Differentiation

/// A fully connected layer: y = x·Wᵀ + b.
///
///     var random = RandomGenerator(seed: 1)
///     let layer = Linear(inputSize: 28, outputSize: 128, using: &random)
///     let y = layer(x)  // [batch, 28] → [batch, 128], or [batch, steps, 28] → [batch, steps, 128]
public struct Linear: Differentiable, Sendable {
  /// [outputs, inputs]
  public var weight: Tensor
  /// [outputs]
  public var bias: Tensor

  /// A layer with the given parameters.
  @differentiable(reverse)
  public init(weight: Tensor, bias: Tensor) {
    precondition(
      weight.rank == 2 && bias.shape == [weight.shape[0]], "a linear layer of \(weight.shape) and \(bias.shape)")
    self.weight = weight
    self.bias = bias
  }

  /// A layer with random weights.
  ///
  /// - Parameters:
  ///   - inputSize: Features that go in.
  ///   - outputSize: Features that come out.
  ///   - weightInitializer: Glorot's uniform distribution by default.
  ///   - biasInitializer: Zeros by default.
  ///   - random: Where the values come from.
  ///   - device: Where the parameters are put.
  public init(
    inputSize: Int, outputSize: Int, weightInitializer: Initializer = .glorotUniform,
    biasInitializer: Initializer = .zeros, using random: inout RandomGenerator, on device: Device = .cpu
  ) {
    self.init(
      weight: weightInitializer.tensor([outputSize, inputSize], using: &random, on: device),
      bias: biasInitializer.tensor([outputSize], using: &random, on: device))
  }

  /// The number of features that go in.
  public var inputSize: Int { weight.shape[1] }
  /// The number of features that come out.
  public var outputSize: Int { weight.shape[0] }

  /// Applies the layer to the last dimension of `input`, which has rank 2 or 3.
  @differentiable(reverse)
  @differentiable(reverse,wrt: self)
  public func callAsFunction(_ input: Tensor) -> Tensor {
    linear(input, weight: weight, bias: bias)
  }
}

import Tensors
import _Differentiation

/// A plain recurrent network over whole sequences, in one fused op; see `RNNCell` for its equations.
///
///     var random = RandomGenerator(seed: 1)
///     let layer = RNN(inputSize: 28, hiddenSize: 128, using: &random)
///     let output = layer(x)  // x: [batch, steps, 28]
///     output.hiddenStates    // [batch, steps, 128]
///     output.finalState      // [batch, 128]
///
/// `RNN(inputSize: 28, hiddenSize: 128, nonlinearity: .relu, using: &random)` has rectified linear units and starts at the
/// identity: an IRNN (Le, Jaitly & Hinton 2015).
public struct RNN: Differentiable, Sendable {
  /// Weights of the input, [hidden, inputs].
  public var weightIH: Tensor
  /// Weights of the hidden state, [hidden, hidden].
  public var weightHH: Tensor
  /// [hidden], the sum of PyTorch's two biases.
  public var bias: Tensor
  /// What is done to the sums.
  @noDerivative public let nonlinearity: Nonlinearity

  /// A layer with the given parameters.
  @differentiable(reverse)
  public init(weightIH: Tensor, weightHH: Tensor, bias: Tensor, nonlinearity: Nonlinearity = .tanh) {
    self.weightIH = weightIH
    self.weightHH = weightHH
    self.bias = bias
    self.nonlinearity = nonlinearity
  }

  /// A layer with random weights and biases of 0.
  ///
  /// - Parameters:
  ///   - inputSize: Features of a step.
  ///   - hiddenSize: The size of the hidden state.
  ///   - nonlinearity: What is done to the sums; tanh by default.
  ///   - inputInitializer: For the weights of the input; by default Glorot's uniform distribution, and N(0, 0.001) for
  ///     rectified linear units.
  ///   - recurrentInitializer: For the weights of the hidden state; by default an orthogonal matrix, and the identity for
  ///     rectified linear units.
  ///   - random: Where the values come from.
  ///   - device: Where the parameters are put.
  public init(
    inputSize: Int, hiddenSize: Int, nonlinearity: Nonlinearity = .tanh, inputInitializer: Initializer? = nil,
    recurrentInitializer: Initializer? = nil, using random: inout RandomGenerator, on device: Device = .cpu
  ) {
    let start = RecurrentParameters(
      nonlinearity.cell, inputSize: inputSize, hiddenSize: hiddenSize, inputInitializer: inputInitializer,
      recurrentInitializer: recurrentInitializer, using: &random, on: device)
    self.init(weightIH: start.weightIH, weightHH: start.weightHH, bias: start.bias, nonlinearity: nonlinearity)
  }

  /// The number of features that go in at each step.
  public var inputSize: Int { weightIH.shape[1] }
  /// The size of the hidden state.
  public var hiddenSize: Int { weightHH.shape[1] }
  /// The same network as a cell that does one step.
  public var cell: RNNCell { RNNCell(weightIH: weightIH, weightHH: weightHH, bias: bias, nonlinearity: nonlinearity) }

  /// Runs the layer over a batch of sequences.
  ///
  /// - Parameters:
  ///   - input: [batch, steps, inputs].
  ///   - initialState: The hidden state before the first step, [batch, hidden]; zero by default.
  ///   - lengths: The true length of each row, from 1 to steps; all steps by default.
  ///   - reversed: Whether rows are read from their last step to their first.
  ///   - precision: What products are computed in; single precision by default.
  /// - Returns: The hidden state after every step, and the final one.
  @differentiable(reverse,wrt: (self, input, initialState))
  @differentiable(reverse,wrt: (self, initialState))
  @differentiable(reverse,wrt: self)
  public func callAsFunction(
    _ input: Tensor, initialState: Tensor = .zero, lengths: [Int]? = nil, reversed: Bool = false,
    precision: Precision = .fp32
  ) -> RecurrentOutput {
    rnn(
      input, initialState: initialState, weightIH: weightIH, weightHH: weightHH, bias: bias,
      nonlinearity: nonlinearity, lengths: lengths, reversed: reversed, precision: precision)
  }
}

import Tensors
import _Differentiation

/// A long short-term memory over whole sequences, in one fused op; see `LSTMCell` for its equations.
///
///     var random = RandomGenerator(seed: 1)
///     let layer = LSTM(inputSize: 28, hiddenSize: 128, using: &random)
///     let output = layer(x)  // x: [batch, steps, 28]
///     output.hiddenStates    // [batch, steps, 128]
///     output.finalState      // hidden and cell state, each [batch, 128]
public struct LSTM: Differentiable, Sendable {
  /// Weights of the input, [4·hidden, inputs]; gates in the order i f g o.
  public var weightIH: Tensor
  /// Weights of the hidden state, [4·hidden, hidden].
  public var weightHH: Tensor
  /// [4·hidden], the sum of PyTorch's two biases.
  public var bias: Tensor

  /// A layer with the given parameters.
  @differentiable(reverse)
  public init(weightIH: Tensor, weightHH: Tensor, bias: Tensor) {
    self.weightIH = weightIH
    self.weightHH = weightHH
    self.bias = bias
  }

  /// A layer with random weights.
  ///
  /// - Parameters:
  ///   - inputSize: Features of a step.
  ///   - hiddenSize: The size of the hidden state and of the cell state.
  ///   - forgetBias: The bias of the forget gate at the start, 1 by default, so that a new network remembers
  ///     (Jozefowicz et al. 2015). The other biases start at 0. TensorFlow's `BasicLSTMCell` adds its `forget_bias`
  ///     to a bias that starts at 0: the same function, and the same training.
  ///   - inputInitializer: For the weights of the input; Glorot's uniform distribution by default.
  ///   - recurrentInitializer: For the weights of the hidden state, gate by gate; orthogonal by default.
  ///   - random: Where the values come from.
  ///   - device: Where the parameters are put.
  public init(
    inputSize: Int, hiddenSize: Int, forgetBias: Float = 1, inputInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal, using random: inout RandomGenerator, on device: Device = .cpu
  ) {
    let start = RecurrentParameters(
      .lstm, inputSize: inputSize, hiddenSize: hiddenSize, forgetBias: forgetBias, inputInitializer: inputInitializer,
      recurrentInitializer: recurrentInitializer, using: &random, on: device)
    self.init(weightIH: start.weightIH, weightHH: start.weightHH, bias: start.bias)
  }

  /// The number of features that go in at each step.
  public var inputSize: Int { weightIH.shape[1] }
  /// The size of the hidden state and of the cell state.
  public var hiddenSize: Int { weightHH.shape[1] }
  /// The same network as a cell that does one step.
  public var cell: LSTMCell { LSTMCell(weightIH: weightIH, weightHH: weightHH, bias: bias) }

  /// Runs the layer over a batch of sequences.
  ///
  /// - Parameters:
  ///   - input: [batch, steps, inputs].
  ///   - initialState: The state before the first step; zero by default.
  ///   - lengths: The true length of each row, from 1 to steps; all steps by default.
  ///   - reversed: Whether rows are read from their last step to their first.
  ///   - precision: What products are computed in; single precision by default.
  /// - Returns: The hidden state after every step, and the final state.
  @differentiable(reverse,wrt: (self, input, initialState))
  @differentiable(reverse,wrt: (self, initialState))
  @differentiable(reverse,wrt: self)
  public func callAsFunction(
    _ input: Tensor, initialState: LSTMState = .zero, lengths: [Int]? = nil, reversed: Bool = false,
    precision: Precision = .fp32
  ) -> LSTMOutput {
    lstm(
      input, initialState: initialState, weightIH: weightIH, weightHH: weightHH, bias: bias, lengths: lengths,
      reversed: reversed, precision: precision)
  }
}

import Tensors
import _Differentiation

/// An LSTM with layer normalization over whole sequences, in one fused op; see `LayerNormLSTMCell` for its equations.
///
///     var random = RandomGenerator(seed: 1)
///     let layer = LayerNormLSTM(inputSize: 28, hiddenSize: 128, using: &random)
///     let output = layer(x)  // x: [batch, steps, 28]
///     output.hiddenStates    // [batch, steps, 128]
///     output.finalState      // hidden and cell state, each [batch, 128]
///
/// Steps whose features are all zero have no direction to normalize: see `LayerNormLSTMCell`.
public struct LayerNormLSTM: Differentiable, Sendable {
  /// Weights of the input, [4·hidden, inputs]; gates in the order i f g o.
  public var weightIH: Tensor
  /// Weights of the hidden state, [4·hidden, hidden].
  public var weightHH: Tensor
  /// [5·hidden]: of the gates, the sum of both normalizations' biases; then of the cell state as it is shown.
  public var bias: Tensor
  /// [9·hidden]: 4·hidden for what comes of the input, as many for what comes of the hidden state, then for the cell state.
  public var gains: Tensor

  /// A layer with the given parameters.
  @differentiable(reverse)
  public init(weightIH: Tensor, weightHH: Tensor, bias: Tensor, gains: Tensor) {
    self.weightIH = weightIH
    self.weightHH = weightHH
    self.bias = bias
    self.gains = gains
  }

  /// A layer with random weights, gains of 1, and biases of 0 but for the forget gate.
  ///
  /// - Parameters:
  ///   - inputSize: Features of a step.
  ///   - hiddenSize: The size of the hidden state and of the cell state.
  ///   - forgetBias: The bias of the forget gate at the start.
  ///   - inputInitializer: For the weights of the input; Glorot's uniform distribution by default.
  ///   - recurrentInitializer: For the weights of the hidden state, gate by gate; orthogonal by default.
  ///   - random: Where the values come from.
  ///   - device: Where the parameters are put.
  public init(
    inputSize: Int, hiddenSize: Int, forgetBias: Float = 1, inputInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal, using random: inout RandomGenerator, on device: Device = .cpu
  ) {
    let start = RecurrentParameters(
      .layerNormLSTM, inputSize: inputSize, hiddenSize: hiddenSize, forgetBias: forgetBias,
      inputInitializer: inputInitializer, recurrentInitializer: recurrentInitializer, using: &random, on: device)
    self.init(weightIH: start.weightIH, weightHH: start.weightHH, bias: start.bias, gains: start.scales)
  }

  /// The number of features that go in at each step.
  public var inputSize: Int { weightIH.shape[1] }
  /// The size of the hidden state and of the cell state.
  public var hiddenSize: Int { weightHH.shape[1] }
  /// The same network as a cell that does one step; the gates' bias goes with what comes of the input.
  @differentiable(reverse)
  public var cell: LayerNormLSTMCell {
    let size = withoutDerivative(at: hiddenSize)
    let noBias = withoutDerivative(at: Tensor.zeros([4 * size], on: bias.device))
    return LayerNormLSTMCell(
      weightIH: weightIH, weightHH: weightHH,
      normIH: LayerNorm(
        weight: gains.sliced(alongAxis: 0, 0..<4 * size), bias: bias.sliced(alongAxis: 0, 0..<4 * size)),
      normHH: LayerNorm(weight: gains.sliced(alongAxis: 0, 4 * size..<8 * size), bias: noBias),
      normCell: LayerNorm(
        weight: gains.sliced(alongAxis: 0, 8 * size..<9 * size), bias: bias.sliced(alongAxis: 0, 4 * size..<5 * size)))
  }

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
    layerNormLSTM(
      input, initialState: initialState, weightIH: weightIH, weightHH: weightHH, bias: bias, gains: gains,
      lengths: lengths, reversed: reversed, precision: precision)
  }
}

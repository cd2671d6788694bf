import Tensors
import _Differentiation

/// The assignment's network: an input layer, an LSTM and an output layer that turns a hidden state into class logits.
///
///     var random = RandomGenerator(seed: 1)
///     let model = SequenceClassifier(inputSize: 28, hiddenSize: 128, classes: 10, using: &random)
///     let logits = model(images)                 // [batch, 28, 28] → [batch, 10], after the last step
///     let every = model.logitsAtEveryStep(images) // [batch, 28, 10]
///
/// The input layer is linear and feeds the LSTM directly, so the two can be *folded* into one:
/// (x·Wᵢₙᵀ + bᵢₙ)·W_xᵀ + b = x·(W_x·Wᵢₙ)ᵀ + (W_x·bᵢₙ + b). That is exact, the compiler's gradient still reaches the
/// original parameters, and it is done wherever it takes fewer multiply-adds.
public struct SequenceClassifier: Differentiable, Sendable {
  /// From the features of a step to what the LSTM reads.
  public var input: Linear
  /// What reads the sequence.
  public var lstm: LSTM
  /// From the hidden state to a logit per class.
  public var head: Linear
  /// Whether the input layer is folded into the LSTM's input weights.
  @noDerivative public let foldsInput: Bool

  /// A network from its layers.
  ///
  /// - Parameters:
  ///   - input: From the features of a step to what the LSTM reads.
  ///   - lstm: What reads the sequence.
  ///   - head: From the hidden state to a logit per class.
  ///   - foldsInput: By default whatever takes fewer multiply-adds in training.
  /// - Precondition: The layers' sizes fit.
  public init(input: Linear, lstm: LSTM, head: Linear, foldsInput: Bool? = nil) {
    precondition(
      input.outputSize == lstm.inputSize && lstm.hiddenSize == head.inputSize,
      """
      a network of layers \(input.inputSize)→\(input.outputSize), \(lstm.inputSize)→\(lstm.hiddenSize), \
      \(head.inputSize)→\(head.outputSize)
      """)
    self.input = input
    self.lstm = lstm
    self.head = head
    self.foldsInput = foldsInput ?? Self.foldingPays(input: input, lstm: lstm, training: true)
  }

  /// A network with random weights.
  ///
  /// - Parameters:
  ///   - inputSize: Features of a step.
  ///   - hiddenSize: Width of the input layer and size of the LSTM's state.
  ///   - classes: The number of classes.
  ///   - layerInitializer: For weights and biases of the two linear layers where they are not drawn as usual; `nil`
  ///     stands for Glorot's uniform distribution with zero biases. The assignment uses `.normal()`.
  ///   - recurrentInitializer: For the LSTM's recurrent weights.
  ///   - random: Where the values come from.
  ///   - device: Where the parameters are put.
  public init(
    inputSize: Int, hiddenSize: Int, classes: Int, layerInitializer: Initializer? = nil,
    recurrentInitializer: Initializer = .orthogonal, using random: inout RandomGenerator, on device: Device = .cpu
  ) {
    let weights = layerInitializer ?? .glorotUniform, biases = layerInitializer ?? .zeros
    let input = Linear(
      inputSize: inputSize, outputSize: hiddenSize, weightInitializer: weights, biasInitializer: biases,
      using: &random, on: device)
    let lstm = LSTM(
      inputSize: hiddenSize, hiddenSize: hiddenSize, recurrentInitializer: recurrentInitializer, using: &random,
      on: device)
    let head = Linear(
      inputSize: hiddenSize, outputSize: classes, weightInitializer: weights, biasInitializer: biases, using: &random,
      on: device)
    self.init(input: input, lstm: lstm, head: head)
  }

  /// Features of a step.
  public var inputSize: Int { input.inputSize }
  /// The size of the LSTM's state.
  public var hiddenSize: Int { lstm.hiddenSize }
  /// The number of classes.
  public var classes: Int { head.outputSize }
  /// Where the parameters are.
  public var device: Device { head.weight.device }

  /// Class logits after the last step, [batch, classes].
  ///
  /// - Parameters:
  ///   - sequences: [batch, steps, inputs].
  ///   - lengths: The true length of each row; all steps by default.
  /// - Returns: [batch, classes]
  @differentiable(reverse)
  @differentiable(reverse,wrt: self)
  public func callAsFunction(_ sequences: Tensor, lengths: [Int]? = nil) -> Tensor {
    head(read(sequences, lengths: lengths).finalState.hidden)
  }

  /// Class logits after every step, [batch, steps, classes].
  ///
  /// - Parameters:
  ///   - sequences: [batch, steps, inputs].
  ///   - initialState: The state before the first step; zero by default.
  /// - Returns: [batch, steps, classes]
  @differentiable(reverse,wrt: (self, sequences))
  @differentiable(reverse,wrt: self)
  public func logitsAtEveryStep(_ sequences: Tensor, initialState: LSTMState = .zero) -> Tensor {
    head(read(sequences, initialState: initialState).hiddenStates)
  }

  /// The LSTM's hidden states and final state for a batch of sequences [batch, steps, inputs].
  @differentiable(reverse,wrt: (self, sequences))
  @differentiable(reverse,wrt: self)
  public func read(_ sequences: Tensor, initialState: LSTMState = .zero, lengths: [Int]? = nil) -> LSTMOutput {
    if foldsInput {
      return folded()(sequences, initialState: initialState, lengths: lengths)
    }
    return lstm(input(sequences), initialState: initialState, lengths: lengths)
  }

  /// The input layer and the LSTM as one LSTM that reads the features themselves.
  @differentiable(reverse)
  func folded() -> LSTM {
    let column = withoutDerivative(at: [input.outputSize, 1])
    let bias = matmul(lstm.weightIH, input.bias.reshaped(to: column))
    return LSTM(
      weightIH: matmul(lstm.weightIH, input.weight), weightHH: lstm.weightHH,
      bias: lstm.bias + bias.reshaped(to: withoutDerivative(at: lstm.bias.shape)))
  }

  /// Whether folding takes fewer multiply-adds, counted per step and row: D features, width M of the input layer, H
  /// hidden units.
  ///
  /// Forward, 4H·D against M·D + 4H·M. In training the gradients of the weights cost the same again, and an unfolded
  /// layer needs the gradient of what the LSTM reads besides, 4H·M.
  static func foldingPays(input: Linear, lstm: LSTM, training: Bool) -> Bool {
    let (d, m, gates) = (input.inputSize, input.outputSize, 4 * lstm.hiddenSize)
    return training ? 2 * gates * d < 2 * m * d + 3 * gates * m : gates * d < m * d + gates * m
  }
}

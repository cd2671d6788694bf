import Tensors
import _Differentiation

/// A recurrent layer whose kind is chosen at run time; `LSTM`, `GRU` and `RNN` are those whose kind is their type.
public struct SequenceLayer: Differentiable, Sendable {
  /// Weights of the input, [gates·hidden, inputs].
  public var weightIH: Tensor
  /// Weights of the hidden state, [gates·hidden, hidden].
  public var weightHH: Tensor
  /// [biases·hidden]
  public var bias: Tensor
  /// [scales·hidden]: factors that act unit by unit. The symbolic zero where the kind has none.
  public var scales: Tensor
  /// The cell.
  @noDerivative public let kind: CellKind
  /// What products are computed in.
  @noDerivative public let precision: Precision

  /// A layer with the given parameters, shaped as its kind has them.
  @differentiable(reverse)
  public init(
    _ kind: CellKind, weightIH: Tensor, weightHH: Tensor, bias: Tensor, scales: Tensor = .zero,
    precision: Precision = .fp32
  ) {
    self.kind = kind
    self.weightIH = weightIH
    self.weightHH = weightHH
    self.bias = bias
    self.scales = scales
    self.precision = precision
  }

  /// A layer with random weights as its kind usually starts, biases of 0, and of 1 for an LSTM's forget gate.
  ///
  /// - Parameters:
  ///   - kind: The cell.
  ///   - inputSize: Features of a step.
  ///   - hiddenSize: The size of the hidden state.
  ///   - recurrentInitializer: For the weights of the hidden state, gate by gate; by default those of the kind.
  ///   - precision: What products are computed in; single precision by default.
  ///   - random: Where the values come from.
  ///   - device: Where the parameters are put.
  public init(
    _ kind: CellKind, inputSize: Int, hiddenSize: Int, recurrentInitializer: Initializer? = nil,
    precision: Precision = .fp32, using random: inout RandomGenerator, on device: Device = .cpu
  ) {
    let start = RecurrentParameters(
      kind, inputSize: inputSize, hiddenSize: hiddenSize, inputInitializer: nil,
      recurrentInitializer: recurrentInitializer, using: &random, on: device)
    self.init(
      kind, weightIH: start.weightIH, weightHH: start.weightHH, bias: start.bias, scales: start.scales,
      precision: precision)
  }

  /// The number of features that go in at each step.
  public var inputSize: Int { weightIH.shape[1] }
  /// The size of the hidden state.
  public var hiddenSize: Int { weightHH.shape[1] }

  /// Runs the layer over a batch of sequences.
  ///
  /// - Parameters:
  ///   - input: [batch, steps, inputs].
  ///   - initialState: The state before the first step; zero by default. Its cell state counts for an LSTM alone.
  ///   - lengths: The true length of each row, from 1 to steps; all steps by default.
  ///   - reversed: Whether rows are read from their last step to their first.
  /// - Returns: The hidden state after every step, and the final state.
  @differentiable(reverse,wrt: (self, input))
  @differentiable(reverse,wrt: self)
  public func callAsFunction(
    _ input: Tensor, initialState: LSTMState = .zero, lengths: [Int]? = nil, reversed: Bool = false
  ) -> LSTMOutput {
    recurrent(
      kind, input, initialState: initialState, weightIH: weightIH, weightHH: weightHH, bias: bias, scales: scales,
      lengths: lengths, reversed: reversed, precision: precision)
  }

  /// The layer without those recurrent weights for which `mask` is 0; itself without a mask.
  @differentiable(reverse,wrt: self)
  func dropping(_ mask: Tensor?) -> SequenceLayer {
    guard let mask else { return self }
    return SequenceLayer(
      withoutDerivative(at: kind), weightIH: weightIH, weightHH: weightHH.dropping(mask), bias: bias,
      scales: scales, precision: withoutDerivative(at: precision))
  }

  /// The layer that reads what `input` reads, with `input` folded into it; see `SequenceClassifier`.
  @differentiable(reverse)
  package func folding(_ input: Linear) -> SequenceLayer {
    if withoutDerivative(at: kind == .layerNormLSTM) {
      // What is normalized is W·(V·x + v), so that W·v stays apart from the bias of the gates.
      let folded = foldedLinear(
        weight: input.weight, bias: input.bias, outerWeight: weightIH,
        outerBias: withoutDerivative(at: .zeros([weightIH.shape[0]], on: weightIH.device)))
      return SequenceLayer(
        withoutDerivative(at: kind), weightIH: folded.weight, weightHH: weightHH, bias: joined(bias, folded.bias),
        scales: scales, precision: withoutDerivative(at: precision))
    }
    let folded = foldedLinear(
      weight: input.weight, bias: input.bias, outerWeight: weightIH, outerBias: bias)
    return SequenceLayer(
      withoutDerivative(at: kind), weightIH: folded.weight, weightHH: weightHH, bias: folded.bias,
      scales: scales, precision: withoutDerivative(at: precision))
  }
}

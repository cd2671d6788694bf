import Tensors
import _Differentiation

/// One step of an LSTM with layer normalization (Ba, Kiros & Hinton 2016, equations 20 to 22 of the supplement):
///
///     (i f g o) = LN(W·x) + LN(U·h)
///     c ← σ(f)·c + σ(i)·tanh(g)     h ← σ(o)·tanh(LN(c))
///
/// Each LN has gains and biases of its own, and normalizes all four gates together. The paper's bias b beside the two
/// biases of the gates is left out: the three would only be added. Gates stand in the order i f g o.
///
/// Inputs that are all zero make a new cell's states zero too, and each LN of zeros has a slope of 1/√ε = 316: a few such
/// steps at the start of a sequence, and gradients overflow. Give the cell's input a bias where there are blank steps.
public struct LayerNormLSTMCell: RecurrentCell, Sendable {
  /// Weights of the input, [4·hidden, inputs].
  public var weightIH: Tensor
  /// Weights of the hidden state, [4·hidden, hidden].
  public var weightHH: Tensor
  /// Of what comes from the input, and of what comes from the hidden state: 4·hidden features each.
  public var normIH, normHH: LayerNorm
  /// Of the cell state, before it is shown: hidden features.
  public var normCell: LayerNorm

  /// A cell with the given parameters.
  @differentiable(reverse)
  public init(weightIH: Tensor, weightHH: Tensor, normIH: LayerNorm, normHH: LayerNorm, normCell: LayerNorm) {
    self.weightIH = weightIH
    self.weightHH = weightHH
    self.normIH = normIH
    self.normHH = normHH
    self.normCell = normCell
  }

  /// A cell with random weights as `LSTM` draws them, gains of 1, and biases of 0 but for the forget gate.
  ///
  /// - Parameters:
  ///   - inputSize: Features of a step.
  ///   - hiddenSize: The size of the hidden state and of the cell state.
  ///   - forgetBias: The bias of the forget gate at the start.
  ///   - random: Where the values come from.
  ///   - device: Where the parameters are put.
  public init(
    inputSize: Int, hiddenSize: Int, forgetBias: Float = 1, using random: inout RandomGenerator,
    on device: Device = .cpu
  ) {
    let start = LSTM(
      inputSize: inputSize, hiddenSize: hiddenSize, forgetBias: forgetBias, using: &random, on: device)
    var normIH = LayerNorm(size: 4 * hiddenSize, on: device)
    normIH.bias = start.bias
    self.init(
      weightIH: start.weightIH, weightHH: start.weightHH, normIH: normIH,
      normHH: LayerNorm(size: 4 * hiddenSize, on: device), normCell: LayerNorm(size: hiddenSize, on: device))
  }

  /// The size of the hidden state and of the cell state.
  public var hiddenSize: Int { weightHH.shape[1] }

  /// One step: `input` [batch, inputs] and the state before it give the state after it.
  @differentiable(reverse)
  @differentiable(reverse,wrt: (self, state))
  public func callAsFunction(_ input: Tensor, state: LSTMState) -> LSTMState {
    let gates = gates(input, state: state)
    let cell = gates.updated(state.cell)
    return LSTMState(hidden: gates.output * tanh(normCell(cell)), cell: cell)
  }

  /// What the gates of one step let through: `input` [batch, inputs] and the state before the step give [batch, hidden]
  /// each.
  @differentiable(reverse)
  @differentiable(reverse,wrt: (self, state))
  public func gates(_ input: Tensor, state: LSTMState) -> LSTMGates {
    let size = withoutDerivative(at: hiddenSize)
    let z = normIH(matmul(input, weightIH.transposed())) + normHH(matmul(state.hidden, weightHH.transposed()))
    return LSTMGates(
      input: sigmoid(z.gate(0, of: size)), forget: sigmoid(z.gate(1, of: size)), candidate: tanh(z.gate(2, of: size)),
      output: sigmoid(z.gate(3, of: size)))
  }

  /// The hidden state.
  @differentiable(reverse)
  public static func output(of state: LSTMState) -> Tensor { state.hidden }
}

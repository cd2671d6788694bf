import Tensors

/// The first parameters of a recurrent layer of any kind.
struct RecurrentParameters {
  let weightIH, weightHH, bias, scales: Tensor

  /// - Parameters:
  ///   - kind: The cell.
  ///   - inputSize: Features of a step.
  ///   - hiddenSize: The size of the hidden state.
  ///   - forgetBias: The bias of an LSTM's forget gate, of whatever kind it is; all other biases are 0.
  ///   - inputInitializer: For the weights of the input.
  ///   - recurrentInitializer: For the weights of the hidden state, gate by gate.
  ///   - random: Where the values come from.
  ///   - device: Where the parameters are put.
  init(
    _ kind: CellKind, inputSize: Int, hiddenSize: Int, forgetBias: Float = 1, inputInitializer: Initializer,
    recurrentInitializer: Initializer, using random: inout RandomGenerator, on device: Device
  ) {
    weightIH = inputInitializer.tensor([kind.gates * hiddenSize, inputSize], using: &random, on: device)
    weightHH = recurrentInitializer.tensor(
      blocks: kind.gates, of: [hiddenSize, hiddenSize], using: &random, on: device)
    var bias = [Float](repeating: 0, count: kind.biases * hiddenSize)
    if let gate = kind.forgetGate {
      for unit in gate * hiddenSize..<(gate + 1) * hiddenSize { bias[unit] = forgetBias }
    }
    self.bias = Tensor(bias, on: device)
    switch kind {
    case .lstm, .gru, .rnn: scales = .zero
    case .layerNormLSTM: scales = Tensor(repeating: 1, shape: [kind.scales * hiddenSize], on: device)
    }
  }
}

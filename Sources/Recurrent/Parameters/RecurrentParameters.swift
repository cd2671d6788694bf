import Tensors

/// The first parameters of a recurrent layer of any kind.
struct RecurrentParameters {
  let weightIH, weightHH, bias, scales: Tensor

  /// - Parameters:
  ///   - kind: The cell.
  ///   - inputSize: Features of a step.
  ///   - hiddenSize: The size of the hidden state.
  ///   - forgetBias: The bias of an LSTM's forget gate, of whatever kind it is; all other biases are 0. Peepholes start at
  ///     0, gains at 1.
  ///   - inputInitializer: For the weights of the input; `nil` stands for what the kind usually starts from.
  ///   - recurrentInitializer: For the weights of the hidden state, gate by gate; `nil` as well.
  ///   - random: Where the values come from.
  ///   - device: Where the parameters are put.
  init(
    _ kind: CellKind, inputSize: Int, hiddenSize: Int, forgetBias: Float = 1, inputInitializer: Initializer?,
    recurrentInitializer: Initializer?, using random: inout RandomGenerator, on device: Device
  ) {
    weightIH = (inputInitializer ?? kind.inputInitializer).tensor(
      [kind.gates * hiddenSize, inputSize], using: &random, on: device)
    weightHH = (recurrentInitializer ?? kind.recurrentInitializer).tensor(
      blocks: kind.gates, of: [hiddenSize, hiddenSize], using: &random, on: device)
    var bias = [Float](repeating: 0, count: kind.biases * hiddenSize)
    if let gate = kind.forgetGate {
      for unit in gate * hiddenSize..<(gate + 1) * hiddenSize { bias[unit] = forgetBias }
    }
    self.bias = Tensor(bias, on: device)
    switch kind {
    case .lstm, .coupledLSTM, .gru, .rnn, .irnn: scales = .zero
    case .peepholeLSTM: scales = .zeros([kind.scales * hiddenSize], on: device)
    case .layerNormLSTM: scales = Tensor(repeating: 1, shape: [kind.scales * hiddenSize], on: device)
    }
  }
}

extension CellKind {
  /// What the weights of the input usually start from: Glorot's uniform distribution; for rectified linear units, which have
  /// nothing to keep them small, the N(0, 0.001) of Le, Jaitly & Hinton (2015, section 4).
  fileprivate var inputInitializer: Initializer { self == .irnn ? .normal(deviation: 0.001) : .glorotUniform }

  /// What the weights of the hidden state usually start from: orthogonal matrices; for rectified linear units the identity.
  fileprivate var recurrentInitializer: Initializer { self == .irnn ? .identity : .orthogonal }
}

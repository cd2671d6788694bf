import CKernels

/// The cells whose whole sequence is one op.
public enum CellKind: String, Sendable, CaseIterable, Codable {
  /// Long short-term memory; see `lstm(_:initialState:weightIH:weightHH:bias:lengths:reversed:precision:)`.
  case lstm
  /// Long short-term memory whose gates see the cell state; see
  /// `peepholeLSTM(_:initialState:weightIH:weightHH:bias:peepholes:lengths:reversed:precision:)`.
  case peepholeLSTM = "peephole-lstm"
  /// Long short-term memory without an input gate of its own; see
  /// `coupledLSTM(_:initialState:weightIH:weightHH:bias:lengths:reversed:precision:)`.
  case coupledLSTM = "coupled-lstm"
  /// An LSTM with layer normalization; see
  /// `layerNormLSTM(_:initialState:weightIH:weightHH:bias:gains:lengths:reversed:precision:)`.
  case layerNormLSTM = "layer-norm-lstm"
  /// Gated recurrent unit; see `gru(_:initialState:weightIH:weightHH:bias:lengths:reversed:precision:)`.
  case gru
  /// Plain recurrent network; see
  /// `rnn(_:initialState:weightIH:weightHH:bias:nonlinearity:lengths:reversed:precision:)`.
  case rnn
  /// Plain recurrent network of rectified linear units, which starts at the identity; see `rnn` as well.
  case irnn

  /// Gates, in units of hidden rows of the two weight matrices.
  public var gates: Int {
    switch self {
    case .lstm, .peepholeLSTM, .layerNormLSTM: 4
    case .coupledLSTM, .gru: 3
    case .rnn, .irnn: 1
    }
  }

  /// Values of the bias for each hidden unit: a GRU has one for either part of its new gate, a layer-norm LSTM one for the
  /// cell state that it shows.
  public var biases: Int {
    switch self {
    case .gru: 4
    case .layerNormLSTM: 5
    case .lstm, .peepholeLSTM, .coupledLSTM, .rnn, .irnn: gates
    }
  }

  /// Of these, the last ones, which belong to no gate.
  public var cellBiases: Int { self == .layerNormLSTM ? 1 : 0 }

  /// Values for each hidden unit that may follow the bias, for a linear layer in front to be folded into the weights of the
  /// input: its bias belongs to what is normalized, and no other bias does.
  package var foldedBiases: Int { self == .layerNormLSTM ? 4 : 0 }

  /// Factors for each hidden unit that act on it alone: the peepholes of an LSTM, those of i f o; the gains of a
  /// layer-norm LSTM, 4 for what comes of the input, 4 for what comes of the hidden state, 1 for the cell state.
  public var scales: Int {
    switch self {
    case .peepholeLSTM: 3
    case .layerNormLSTM: 9
    case .lstm, .coupledLSTM, .gru, .rnn, .irnn: 0
    }
  }

  /// Which gate of an LSTM decides what is forgotten; `nil` for other cells.
  public var forgetGate: Int? {
    switch self {
    case .lstm, .peepholeLSTM, .layerNormLSTM: 1
    case .coupledLSTM: 0
    case .gru, .rnn, .irnn: nil
    }
  }

  /// The name as an identifier, with which parameters in files begin.
  public var identifier: String { rawValue.replacing("-", with: "_") }

  /// The places among the gates of the one that keeps what is remembered, and of the one that admits what is new where that
  /// is another. `nil`: the cell has no gates that let a share of something through.
  package var rememberingGates: (keeping: Int, admitting: Int?)? {
    switch self {
    case .lstm, .peepholeLSTM, .layerNormLSTM: (keeping: 1, admitting: 0)
    case .coupledLSTM: (keeping: 0, admitting: nil)
    case .gru: (keeping: 1, admitting: nil)
    case .rnn, .irnn: nil
    }
  }

  /// Whether gates decide what is remembered; a plain network has none.
  public var hasGates: Bool { rememberingGates != nil }

  /// Whether there is a cell state besides the hidden state.
  public var hasCellState: Bool {
    switch self {
    case .lstm, .peepholeLSTM, .coupledLSTM, .layerNormLSTM: true
    case .gru, .rnn, .irnn: false
    }
  }
}

extension UnrollProducts {
  /// The kernels of a kind of cell.
  func cell(_ kind: CellKind) -> UnrollCell {
    switch kind {
    case .lstm: lstm
    case .peepholeLSTM: peephole_lstm
    case .coupledLSTM: coupled_lstm
    case .layerNormLSTM: layer_norm_lstm
    case .gru: gru
    case .rnn: rnn
    case .irnn: irnn
    }
  }
}

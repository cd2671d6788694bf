import CKernels

/// The cells whose whole sequence is one op.
public enum CellKind: String, Sendable, CaseIterable, Codable {
  /// Long short-term memory; see `lstm(_:initialState:weightIH:weightHH:bias:lengths:reversed:precision:)`.
  case lstm
  /// Gated recurrent unit; see `gru(_:initialState:weightIH:weightHH:bias:lengths:reversed:precision:)`.
  case gru
  /// Plain recurrent network; see `rnn(_:initialState:weightIH:weightHH:bias:lengths:reversed:precision:)`.
  case rnn
  /// An LSTM with layer normalization; see
  /// `layerNormLSTM(_:initialState:weightIH:weightHH:bias:gains:lengths:reversed:precision:)`.
  case layerNormLSTM = "layer-norm-lstm"

  /// Gates, in units of hidden rows of the two weight matrices.
  public var gates: Int {
    switch self {
    case .lstm, .layerNormLSTM: 4
    case .gru: 3
    case .rnn: 1
    }
  }

  /// Values of the bias for each hidden unit: a GRU has one for either part of its new gate, a layer-norm LSTM one for the
  /// cell state that it shows.
  public var biases: Int {
    switch self {
    case .gru: 4
    case .layerNormLSTM: 5
    case .lstm, .rnn: gates
    }
  }

  /// Of these, the last ones, which belong to no gate.
  public var cellBiases: Int { self == .layerNormLSTM ? 1 : 0 }

  /// Values for each hidden unit that may follow the bias, for a linear layer in front to be folded into the weights of the
  /// input: its bias belongs to what is normalized, and no other bias does.
  package var foldedBiases: Int { self == .layerNormLSTM ? 4 : 0 }

  /// Factors for each hidden unit that act on it alone.
  public var scales: Int {
    switch self {
    case .lstm, .gru, .rnn: 0
    case .layerNormLSTM: 9
    }
  }

  /// Which gate of an LSTM decides what is forgotten; `nil` for other cells.
  public var forgetGate: Int? {
    switch self {
    case .lstm, .layerNormLSTM: 1
    case .gru, .rnn: nil
    }
  }

  /// The name as an identifier, with which parameters in files begin.
  public var identifier: String { rawValue.replacing("-", with: "_") }

  /// Whether there is a cell state besides the hidden state.
  public var hasCellState: Bool { self == .lstm || self == .layerNormLSTM }
}

extension UnrollProducts {
  /// The kernels of a kind of cell.
  func cell(_ kind: CellKind) -> UnrollCell {
    switch kind {
    case .lstm: lstm
    case .gru: gru
    case .rnn: rnn
    case .layerNormLSTM: layer_norm_lstm
    }
  }
}

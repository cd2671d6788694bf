import CKernels

/// The cells whose whole sequence is one op.
public enum CellKind: String, Sendable, CaseIterable, Codable {
  /// Long short-term memory; see `lstm(_:initialState:weightIH:weightHH:bias:lengths:reversed:precision:)`.
  case lstm
  /// Gated recurrent unit; see `gru(_:initialState:weightIH:weightHH:bias:lengths:reversed:precision:)`.
  case gru
  /// Plain recurrent network; see `rnn(_:initialState:weightIH:weightHH:bias:lengths:reversed:precision:)`.
  case rnn

  /// Gates, in units of hidden rows of the two weight matrices.
  public var gates: Int {
    switch self {
    case .lstm: 4
    case .gru: 3
    case .rnn: 1
    }
  }

  /// Values of the bias for each hidden unit: a GRU has one for either part of its new gate.
  public var biases: Int { self == .gru ? 4 : gates }

  /// Factors for each hidden unit that act on it alone.
  public var scales: Int {
    switch self {
    case .lstm, .gru, .rnn: 0
    }
  }

  /// Which gate of an LSTM decides what is forgotten; `nil` for other cells.
  public var forgetGate: Int? {
    switch self {
    case .lstm: 1
    case .gru, .rnn: nil
    }
  }

  /// The name as an identifier, with which parameters in files begin.
  public var identifier: String { rawValue.replacing("-", with: "_") }

  /// Whether there is a cell state besides the hidden state.
  public var hasCellState: Bool { self == .lstm }
}

extension UnrollProducts {
  /// The kernels of a kind of cell.
  func cell(_ kind: CellKind) -> UnrollCell {
    switch kind {
    case .lstm: lstm
    case .gru: gru
    case .rnn: rnn
    }
  }
}

import Tensors

/// A tool whose weights can be read and written, as safetensors files.
///
/// A file holds arrays by name and nothing of what is done between the layers. What is read is taken to be an input
/// layer without an activation, or none; recurrent layers of one kind and size; and a head that reads the last layer's
/// last hidden state, of both directions where there are two.
public enum WeightFormat: String, Sendable, CaseIterable, Codable {
  /// A `state_dict` with `nn.LSTM`, `nn.GRU` or `nn.RNN`, by `safetensors.torch.save_file`.
  case pytorch
  /// A Keras model's weights by their paths, with `LSTM`, `GRU` or `SimpleRNN`, by `safetensors.numpy.save_file`.
  case keras
  /// The weights of an MLX module with `nn.LSTM`, `nn.GRU` or `nn.RNN`, by its `save_weights`.
  case mlx

  /// What the tool calls its layers' arrays, and how it lays them out.
  var layout: any WeightLayout {
    switch self {
    case .pytorch: PyTorchLayout()
    case .keras: KerasLayout()
    case .mlx: MLXLayout()
    }
  }

  /// The cells that the tools have too.
  package static let cells: [CellKind] = [.lstm, .gru, .rnn, .irnn]
}

/// What the layers are called in another tool's file. Within a longer name the end is enough: `fc` for `model.fc`.
public struct WeightNames: Sendable, Hashable {
  /// The linear layer in front of the recurrent ones.
  public var input: String?
  /// The recurrent layers, from the first to the last; PyTorch's are one module. Empty: not said.
  public var recurrent: [String]
  /// The linear layer behind them.
  public var head: String?

  /// Names, or `nil` and nothing where they are to be found in a file, or are the usual ones when a file is written:
  /// `input`, `recurrent` and `head`.
  public init(input: String? = nil, recurrent: [String] = [], head: String? = nil) {
    self.input = input
    self.recurrent = recurrent
    self.head = head
  }
}

import Tensors

/// The operator of ONNX for a kind of cell, and where Unroll's gates stand in its arrays.
///
/// ONNX stacks the gates of an LSTM as i o f c and those of a GRU as z r h, has two biases per gate, and holds both
/// directions of a layer in one array. A GRU's `linear_before_reset` = 1 makes it PyTorch's, and Unroll's.
///
/// An LSTM with coupled gates goes as a plain one, whose input gate has the weights of the forget gate with their signs
/// turned: σ(−z) = 1 − σ(z). ONNX has an attribute `input_forget` for such cells too, but does not say which of the two
/// gates is made of the other, and not all runtimes have it.
///
/// Source: https://onnx.ai/onnx/operators, LSTM, GRU and RNN.
struct StandardOperator {
  /// A gate of ONNX's: which of Unroll's it is, and whether with its signs turned.
  struct Gate {
    let index: Int
    var isNegative = false
  }

  /// The operator's name.
  let name: String
  /// ONNX's gates in its order.
  let gates: [Gate]
  /// The gates that see the cell state in ONNX's order, as numbers in Unroll's.
  var peepholes: [Int] = []
  /// The activations of one direction, in the order of ONNX.
  let activations: [String]
}

extension CellKind {
  /// The operator of ONNX for this cell; `nil` if there is none.
  var standardOperator: StandardOperator? {
    let lstm = ["Sigmoid", "Tanh", "Tanh"]
    switch self {
    case .lstm, .peepholeLSTM:
      return StandardOperator(
        name: "LSTM", gates: [0, 3, 1, 2].map { .init(index: $0) }, peepholes: self == .lstm ? [] : [0, 2, 1],
        activations: lstm)
    case .coupledLSTM:
      return StandardOperator(
        name: "LSTM", gates: [.init(index: 0, isNegative: true)] + [2, 0, 1].map { .init(index: $0) },
        activations: lstm)
    case .gru:
      return StandardOperator(
        name: "GRU", gates: [1, 0, 2].map { .init(index: $0) }, activations: ["Sigmoid", "Tanh"])
    case .rnn: return StandardOperator(name: "RNN", gates: [.init(index: 0)], activations: ["Tanh"])
    case .irnn: return StandardOperator(name: "RNN", gates: [.init(index: 0)], activations: ["Relu"])
    case .layerNormLSTM: return nil
    }
  }
}

extension StandardOperator {
  /// Blocks of values that belong to Unroll's gates, put in ONNX's order.
  ///
  /// - Parameter values: As many equal blocks as Unroll's cell has gates.
  /// - Returns: As many as the operator has.
  func fromUnroll(_ values: [Float]) -> [Float] {
    let size = values.count / unrollGates
    return gates.flatMap { gate in
      let block = values[gate.index * size..<(gate.index + 1) * size]
      return gate.isNegative ? block.map(-) : Array(block)
    }
  }

  /// The way back: blocks that belong to ONNX's gates, put in Unroll's order.
  ///
  /// - Parameter values: As many equal blocks as there are gates.
  /// - Returns: As many as Unroll's cell has.
  func toUnroll(_ values: [Float]) -> [Float] {
    let size = values.count / gates.count
    return (0..<unrollGates).flatMap { index in
      let place = gates.firstIndex { $0.index == index && !$0.isNegative } ?? 0
      return values[place * size..<(place + 1) * size]
    }
  }

  /// Whether what belongs to ONNX's negative gates is what belongs to the others, with turned signs.
  func isCoupled(_ values: [Float]) -> Bool {
    fromUnroll(toUnroll(values)) == values
  }

  private var unrollGates: Int { (gates.map(\.index).max() ?? 0) + 1 }

  /// Peepholes put in ONNX's order, i o f from i f o, or back: it is the same swap.
  func reorderedPeepholes(_ values: [Float]) -> [Float] {
    let size = values.count / peepholes.count
    return peepholes.flatMap { values[$0 * size..<($0 + 1) * size] }
  }
}

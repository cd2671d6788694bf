import Tensors

/// An MLX module's parameters: each recurrent layer is a module, and reads in one direction.
struct MLXLayout: WeightLayout {
  let tool = "MLX"
  let separator: Character = "."
  let linearWeight = "weight"
  let isTransposed = false
  let hiddenWeights = ["Wh", "Whh"]

  func recurrentPlaces(among arrays: ArrayNames, named: [String]) throws(WeightProblem) -> [[LayerPlace]] {
    let layers = hiddenWeights.flatMap { arrays.places(of: $0) }
    guard !layers.isEmpty else {
      throw WeightProblem(
        text: "no recurrent layers: expected the weights of a module with nn.LSTM, nn.GRU or nn.RNN, whose arrays are "
          + "called …Wx and …Wh, or …Wxh and …Whh")
    }
    if !named.isEmpty {
      return try named.map { name throws(WeightProblem) in
        [LayerPlace(before: try arrays.only(name, of: layers, flag: "--recurrent"))]
      }
    }
    guard let ordered = orderedByNumbers(layers) else {
      throw WeightProblem(
        text: "\(layers.count) recurrent layers whose order cannot be seen, \(arrays.list(layers)): name them in order "
          + "with --recurrent")
    }
    return ordered.map { [LayerPlace(before: $0)] }
  }

  func places(count: Int, directions: Int, cell: CellKind, named: [String]) throws(WeightProblem) -> [[LayerPlace]] {
    guard directions == 1 else {
      throw WeightProblem(text: "a bidirectional network: MLX's recurrent layers read in one direction")
    }
    return try layerNames(count: count, named: named, separator: ".").map { [LayerPlace(before: "\($0).")] }
  }

  func parts(_ cell: CellKind, inputs: Int, hidden: Int) -> [LayerPart] {
    let rows = cell.gates * hidden
    switch cell {
    case .gru:
      return [
        LayerPart("Wx", [rows, inputs]), LayerPart("Wh", [rows, hidden]), LayerPart("b", [rows], isBias: true),
        LayerPart("bhn", [hidden], isBias: true),
      ]
    case .rnn, .irnn:
      return [
        LayerPart("Wxh", [rows, inputs]), LayerPart("Whh", [rows, hidden]), LayerPart("bias", [rows], isBias: true),
      ]
    default:
      return [
        LayerPart("Wx", [rows, inputs]), LayerPart("Wh", [rows, hidden]), LayerPart("bias", [rows], isBias: true),
      ]
    }
  }

  func read(_ cell: CellKind, inputs: Int, hidden: Int, _ arrays: [String: [Float]]) -> LayerArrays {
    let rows = cell.gates * hidden, zeros = [Float](repeating: 0, count: rows)
    return LayerArrays(
      weightIH: arrays["Wx"] ?? arrays["Wxh"] ?? [], weightHH: arrays["Wh"] ?? arrays["Whh"] ?? [],
      biasIH: arrays["b"] ?? arrays["bias"] ?? zeros,
      biasHH: arrays["bhn"].map { zeros.dropLast(hidden) + $0 } ?? zeros)
  }

  func write(_ cell: CellKind, inputs: Int, hidden: Int, _ layer: LayerArrays) -> [String: [Float]] {
    let both = zip(layer.biasIH, layer.biasHH).map { $0 + $1 }
    switch cell {
    case .gru:
      // The new gate's second bias stands within what the reset gate lets through.
      let shared = 2 * hidden
      return [
        "Wx": layer.weightIH, "Wh": layer.weightHH, "b": Array(both[..<shared]) + layer.biasIH[shared...],
        "bhn": Array(layer.biasHH[shared...]),
      ]
    case .rnn, .irnn: return ["Wxh": layer.weightIH, "Whh": layer.weightHH, "bias": both]
    default: return ["Wx": layer.weightIH, "Wh": layer.weightHH, "bias": both]
    }
  }

  func objection(to place: LayerPlace, _ arrays: ArrayNames) -> String? { nil }
}

import Tensors

/// A Keras model's weights by their paths: `…/<layer>/<cell>/recurrent_kernel`. Matrices are [inputs, outputs]; a layer
/// within `Bidirectional` is two, called `forward_…` and `backward_…`.
///
/// An LSTM has its gates in Unroll's order, called i f c o; a GRU, which must be one with `reset_after`, as `LSTM` and
/// `GRU` are by default, has z r h in place of r z n, and a bias [2, 3·hidden] for the input and for the hidden state.
struct KerasLayout: WeightLayout {
  let tool = "Keras"
  let separator: Character = "/"
  let linearWeight = "kernel"
  let isTransposed = true
  let hiddenWeights = ["recurrent_kernel"]

  private static let directions = ["forward_", "backward_"]

  func recurrentPlaces(among arrays: ArrayNames, named: [String]) throws(WeightProblem) -> [[LayerPlace]] {
    let cells = arrays.places(of: hiddenWeights[0])
    guard !cells.isEmpty else {
      throw WeightProblem(
        text:
          "no recurrent layers: expected the weights of a model with LSTM, GRU or SimpleRNN by their paths, such as "
          + "lstm/lstm_cell/recurrent_kernel")
    }
    // The places of each layer by its name, forward before backward.
    var layers: [String: [String]] = [:]
    for direction in [""] + Self.directions {
      for cell in cells {
        let name = layerName(of: cell)
        let prefix = Self.directions.first { name.hasPrefix($0) } ?? ""
        if prefix == direction { layers[String(name.dropFirst(prefix.count)), default: []].append(cell) }
      }
    }
    let names = layers.keys.sorted()
    let order: [String]
    if named.isEmpty {
      guard let ordered = orderedByNumbers(names) else {
        throw WeightProblem(
          text: "\(names.count) recurrent layers whose order cannot be seen, \(arrays.list(names)): name them in order "
            + "with --recurrent")
      }
      order = ordered
    } else {
      order = try named.map { name throws(WeightProblem) in try arrays.only(name, of: names, flag: "--recurrent") }
    }
    return try order.map { name throws(WeightProblem) in
      let places = layers[name] ?? []
      let found = places.map { layerName(of: $0) }
      guard found == [name] || found == Self.directions.map({ $0 + name }) else {
        throw WeightProblem(
          text: "\(arrays.list(places)): expected one layer called \(name), or one forward_\(name) and one "
            + "backward_\(name)")
      }
      return places.map { LayerPlace(before: $0) }
    }
  }

  /// The layer within the path of its cell: `lstm_1` in `sequential/lstm_1/lstm_cell/`.
  private func layerName(of cell: String) -> String {
    String(cell.split(separator: separator).dropLast().last ?? "")
  }

  func places(count: Int, directions: Int, cell: CellKind, named: [String]) throws(WeightProblem) -> [[LayerPlace]] {
    let cellName =
      switch cell {
      case .gru: "gru_cell"
      case .rnn, .irnn: "simple_rnn_cell"
      default: "lstm_cell"
      }
    let prefixes = directions == 1 ? [""] : Self.directions
    return try layerNames(count: count, named: named, separator: "_").map { name in
      prefixes.map { LayerPlace(before: "\($0)\(name)/\(cellName)/") }
    }
  }

  func parts(_ cell: CellKind, inputs: Int, hidden: Int) -> [LayerPart] {
    let columns = cell.gates * hidden
    return [
      LayerPart("kernel", [inputs, columns]), LayerPart("recurrent_kernel", [hidden, columns]),
      // Without a bias, a GRU does not show whether it is one with `reset_after`.
      LayerPart("bias", cell == .gru ? [2, columns] : [columns], isBias: cell != .gru),
    ]
  }

  func read(_ cell: CellKind, inputs: Int, hidden: Int, _ arrays: [String: [Float]]) -> LayerArrays {
    let rows = cell.gates * hidden, zeros = [Float](repeating: 0, count: rows)
    func gates(_ values: [Float], width: Int) -> [Float] { reordered(cell, values, gateSize: hidden * width) }
    let bias = arrays["bias"] ?? zeros
    return LayerArrays(
      weightIH: gates(transposed(arrays["kernel"] ?? [], rows: inputs, columns: rows), width: inputs),
      weightHH: gates(transposed(arrays["recurrent_kernel"] ?? [], rows: hidden, columns: rows), width: hidden),
      biasIH: gates(Array(bias[..<rows]), width: 1),
      biasHH: cell == .gru ? gates(Array(bias[rows...]), width: 1) : zeros)
  }

  func write(_ cell: CellKind, inputs: Int, hidden: Int, _ layer: LayerArrays) -> [String: [Float]] {
    let rows = cell.gates * hidden
    func gates(_ values: [Float], width: Int) -> [Float] { reordered(cell, values, gateSize: hidden * width) }
    let bias =
      cell == .gru
      ? gates(layer.biasIH, width: 1) + gates(layer.biasHH, width: 1) : zip(layer.biasIH, layer.biasHH).map { $0 + $1 }
    return [
      "kernel": transposed(gates(layer.weightIH, width: inputs), rows: rows, columns: inputs),
      "recurrent_kernel": transposed(gates(layer.weightHH, width: hidden), rows: rows, columns: hidden),
      "bias": bias,
    ]
  }

  /// Exchanges a GRU's first two gates, to and fro.
  private func reordered(_ cell: CellKind, _ values: [Float], gateSize: Int) -> [Float] {
    guard cell == .gru else { return values }
    return Array(values[gateSize..<2 * gateSize] + values[..<gateSize] + values[(2 * gateSize)...])
  }

  func objection(to place: LayerPlace, _ arrays: ArrayNames) -> String? {
    guard place.before.hasSuffix("gru_cell/"), let shape = arrays.shapes[place.name("bias")], shape.count == 1 else {
      return nil
    }
    return """
      \(place.name("bias")) has shape \(shape), as a GRU with reset_after=False has it, which is another function; expected \
      shape [2, \(shape[0])]
      """
  }
}

import Tensors

/// PyTorch's `state_dict`: the recurrent layers are one module, whose arrays are numbered by layer and direction.
struct PyTorchLayout: WeightLayout {
  let tool = "PyTorch"
  let separator: Character = "."
  let linearWeight = "weight"
  let isTransposed = false
  let hiddenWeights = ["weight_hh"]

  func recurrentPlaces(among arrays: ArrayNames, named: [String]) throws(WeightProblem) -> [[LayerPlace]] {
    let modules = arrays.places(of: "weight_hh_l0")
    guard !modules.isEmpty else {
      throw WeightProblem(
        text:
          "no recurrent layers: expected the state_dict of a module with nn.LSTM, nn.GRU or nn.RNN, whose arrays are "
          + "called …weight_hh_l0 and so on")
    }
    guard named.count <= 1 else {
      throw WeightProblem(text: "--recurrent names \(named.count) modules: PyTorch's layers are one")
    }
    guard modules.count == 1 || !named.isEmpty else {
      throw WeightProblem(
        text: "\(modules.count) recurrent modules, \(arrays.list(modules)): name one with --recurrent")
    }
    let module = try named.first.map { name throws(WeightProblem) in
      try arrays.only(name, of: modules, flag: "--recurrent")
    }
    let before = module ?? modules[0]
    let count = (0...).first { !arrays.contains("\(before)weight_hh_l\($0)") } ?? 0
    let isBidirectional = (0..<count).contains { arrays.contains("\(before)weight_hh_l\($0)_reverse") }
    return places(before: before, count: count, directions: isBidirectional ? 2 : 1)
  }

  func places(count: Int, directions: Int, cell: CellKind, named: [String]) throws(WeightProblem) -> [[LayerPlace]] {
    guard named.count <= 1 else {
      throw WeightProblem(text: "--recurrent names \(named.count) modules: PyTorch's layers are one")
    }
    return places(before: "\(named.first ?? "recurrent").", count: count, directions: directions)
  }

  private func places(before: String, count: Int, directions: Int) -> [[LayerPlace]] {
    (0..<count).map { index in
      ["", "_reverse"].prefix(directions).map { LayerPlace(before: before, after: "_l\(index)\($0)") }
    }
  }

  func parts(_ cell: CellKind, inputs: Int, hidden: Int) -> [LayerPart] {
    let rows = cell.gates * hidden
    return [
      LayerPart("weight_ih", [rows, inputs]), LayerPart("weight_hh", [rows, hidden]),
      LayerPart("bias_ih", [rows], isBias: true), LayerPart("bias_hh", [rows], isBias: true),
    ]
  }

  func read(_ cell: CellKind, inputs: Int, hidden: Int, _ arrays: [String: [Float]]) -> LayerArrays {
    let zeros = [Float](repeating: 0, count: cell.gates * hidden)
    return LayerArrays(
      weightIH: arrays["weight_ih"] ?? [], weightHH: arrays["weight_hh"] ?? [], biasIH: arrays["bias_ih"] ?? zeros,
      biasHH: arrays["bias_hh"] ?? zeros)
  }

  func write(_ cell: CellKind, inputs: Int, hidden: Int, _ layer: LayerArrays) -> [String: [Float]] {
    ["weight_ih": layer.weightIH, "weight_hh": layer.weightHH, "bias_ih": layer.biasIH, "bias_hh": layer.biasHH]
  }

  func objection(to place: LayerPlace, _ arrays: ArrayNames) -> String? {
    arrays.contains(place.name("weight_hr"))
      ? "\(place.name("weight_hr")) projects the hidden state (proj_size), which Unroll's cells do not" : nil
  }
}

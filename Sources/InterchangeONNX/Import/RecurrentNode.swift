import Recurrent
import Tensors

/// An operator LSTM, GRU or RNN of a graph: which cell it is, its sizes, and where its parameters are.
struct RecurrentNode {
  /// The names of W and R, and of B and P where there are any.
  let w, r: String
  let b, p: String?
  /// Features of a step, and the size of the state.
  let inputs, hidden: Int
  /// 1, or 2 if as many units read in the other direction.
  let directions: Int
  /// The cell, but for whether the gates of an LSTM are coupled: that is in the numbers.
  let kind: CellKind
  /// Whether the forget gate is what the input gate leaves, whatever weights there are for it. That is how ONNX Runtime
  /// takes `input_forget`; the specification leaves open which of both is made of the other.
  let couplesForgetGate: Bool

  /// - Throws: `ONNXRefusal` if it does what no layer of Unroll does, or its arrays are not shaped for it.
  init(_ node: ONNXGraph.Node, _ constants: [String: ONNXConstant]) throws(ONNXRefusal) {
    func floats(_ index: Int) throws(ONNXRefusal) -> (name: String, shape: [Int])? {
      guard node.inputs.indices.contains(index), !node.inputs[index].isEmpty else { return nil }
      let name = node.inputs[index]
      guard let constant = constants[name], constant.elementType == .float else {
        throw ONNXRefusal(found: "weights \(name.quoted) that are computed in the graph", expected: "constant floats")
      }
      return (name, constant.shape)
    }
    guard let w = try floats(1), let r = try floats(2), w.shape.count == 3, r.shape.count == 3 else {
      throw ONNXRefusal(found: "an operator \(node.operation) without weights", expected: "W and R")
    }
    let b = try floats(3), p = try floats(7)
    kind = try Self.kind(of: node, hasPeepholes: p != nil, directions: r.shape[0])
    couplesForgetGate = node.integer("input_forget") == 1
    let gates = node.operation == "RNN" ? 1 : node.operation == "GRU" ? 3 : 4
    (self.w, self.r, self.b, self.p) = (w.name, r.name, b?.name, p?.name)
    (inputs, hidden, directions) = (w.shape[2], r.shape[2], r.shape[0])
    guard [inputs, hidden].allSatisfy({ (1...65_536).contains($0) }), w.shape == [directions, gates * hidden, inputs],
      r.shape == [directions, gates * hidden, hidden], b.map({ $0.shape == [directions, 2 * gates * hidden] }) ?? true,
      p.map({ $0.shape == [directions, 3 * hidden] }) ?? true, node.integer("hidden_size") ?? hidden == hidden
    else {
      throw ONNXRefusal(
        found:
          "an operator \(node.operation) with weights \(w.shape), \(r.shape), \(b?.shape ?? []), \(p?.shape ?? [])",
        expected: "[directions, \(gates)·hidden, inputs], [directions, \(gates)·hidden, hidden], and biases to match")
    }
  }

  /// Which cell the settings make it.
  private static func kind(
    of node: ONNXGraph.Node, hasPeepholes: Bool, directions: Int
  ) throws(ONNXRefusal) -> CellKind {
    func refusal(_ found: String, _ expected: String) -> ONNXRefusal {
      ONNXRefusal(found: "an operator \(node.operation) with \(found)", expected: expected)
    }
    let direction = node.text("direction") ?? "forward"
    guard direction == (directions == 2 ? "bidirectional" : "forward"), (1...2).contains(directions) else {
      throw refusal("direction \(direction.quoted) and weights of \(directions)", "forward or bidirectional")
    }
    guard (node.integer("layout") ?? 0) == 0 else { throw refusal("layout 1", "layout 0: steps before the batch") }
    guard node.attributes["clip"] == nil else { throw refusal("clip", "none") }
    guard node.operation != "GRU" || node.integer("linear_before_reset") == 1 else {
      throw refusal("linear_before_reset 0", "1, as PyTorch's GRU has it")
    }
    guard !(hasPeepholes && node.integer("input_forget") == 1) else {
      throw refusal("peepholes and coupled gates", "one of them")
    }
    let candidates: [CellKind] =
      switch node.operation {
      case "LSTM": [hasPeepholes ? .peepholeLSTM : .lstm]
      case "GRU": [.gru]
      default: [.rnn, .irnn]
      }
    let usual = (candidates[0].standardOperator?.activations ?? []).repeated(directions)
    var activations = usual
    if case .texts(let given) = node.attributes["activations"] { activations = given }
    for kind in candidates where kind.standardOperator?.activations.repeated(directions) == activations { return kind }
    throw refusal("activations \(activations.prefix(6).map(\.quoted).joined(separator: ", "))", "the usual ones")
  }

  /// The layer of one direction.
  ///
  /// - Parameters:
  ///   - direction: 0 or 1.
  ///   - kind: The cell: this node's, or one with coupled gates if `isCoupled`.
  ///   - constants: Those of the graph.
  /// - Returns: The layer.
  func layer(_ direction: Int, _ kind: CellKind, _ constants: [String: ONNXConstant]) -> SequenceLayer {
    let arrays = arrays(direction, constants)
    guard let standard = kind.standardOperator else { preconditionFailure("\(kind) has no operator in ONNX") }
    let size = kind.gates * hidden
    return SequenceLayer(
      kind, weightIH: Tensor(standard.toUnroll(arrays.w), shape: [size, inputs]),
      weightHH: Tensor(standard.toUnroll(arrays.r), shape: [size, hidden]), biasIH: standard.toUnroll(arrays.ofInput),
      biasHH: standard.toUnroll(arrays.ofHidden),
      scales: arrays.p.isEmpty ? .zero : Tensor(standard.reorderedPeepholes(arrays.p)))
  }

  /// Whether the input gates of all directions are what the forget gates leave.
  func isCoupled(_ constants: [String: ONNXConstant]) -> Bool {
    guard kind == .lstm, let coupled = CellKind.coupledLSTM.standardOperator else { return false }
    return (0..<directions).allSatisfy { direction in
      let arrays = arrays(direction, constants)
      return [arrays.w, arrays.r, zip(arrays.ofInput, arrays.ofHidden).map { $0 + $1 }].allSatisfy(coupled.isCoupled)
    }
  }

  /// One direction's part of each array; of B the biases beside W and those beside R.
  private func arrays(
    _ direction: Int, _ constants: [String: ONNXConstant]
  ) -> (w: [Float], r: [Float], ofInput: [Float], ofHidden: [Float], p: [Float]) {
    func part(_ name: String?) -> [Float] {
      guard let floats = name.flatMap({ constants[$0]?.floats }) else { return [] }
      let size = floats.count / directions
      return Array(floats[direction * size..<(direction + 1) * size])
    }
    let w = part(self.w), r = part(self.r), rows = r.count / hidden
    let b = b == nil ? [Float](repeating: 0, count: 2 * rows) : part(b)
    let biases = (Array(b[..<rows]), Array(b[rows...]))
    guard couplesForgetGate else { return (w, r, biases.0, biases.1, part(p)) }
    return (w.coupled, r.coupled, biases.0.coupled, biases.1.coupled, [])
  }
}

extension [Float] {
  /// An LSTM's four blocks i o f c, with the forget gate's block made of the input gate's.
  fileprivate var coupled: [Float] {
    let size = count / 4
    return Array(self[..<(2 * size)]) + self[..<size].map(-) + self[(3 * size)...]
  }
}

extension [String] {
  fileprivate func repeated(_ count: Int) -> [String] { (0..<count).flatMap { _ in self } }
}

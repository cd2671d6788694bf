/// Reads what a graph computes, node by node, without computing it.
///
/// Files are not trusted. Every value takes little memory whatever the graph does; numbers are looked at when the network
/// is made of one path through the graph.
struct GraphReader {
  /// What a graph may have at most: more than any network of 64 layers needs.
  private enum Most {
    static let nodes = 10_000, stages = 256, wholeNumbers = 16, zeros = 1 << 20
  }

  let graph: ONNXGraph
  /// Constants by name: those of the graph, and those that nodes hold.
  private(set) var constants: [String: ONNXConstant] = [:]
  /// The nodes of recurrent layers, as stages number them.
  private(set) var layers: [RecurrentNode] = []
  private var values: [String: Result<GraphValue, ONNXRefusal>] = [:]

  /// Reads all of a graph. What nobody asks for may be anything.
  ///
  /// - Throws: `ONNXRefusal` if it has no sequences for an input, or makes a tensor twice.
  init(_ graph: ONNXGraph) throws(ONNXRefusal) {
    self.graph = graph
    guard graph.nodes.count <= Most.nodes else {
      throw ONNXRefusal(found: "\(graph.nodes.count) operators", expected: "at most \(Most.nodes)")
    }
    for (name, value) in graph.constants { define(name, value) }
    try readInputs()
    for node in graph.nodes {
      // Layers go by the names of their constants, which must stay what they were when their shapes were looked at.
      if let output = node.outputs.first(where: { !$0.isEmpty && values[$0] != nil }) {
        throw ONNXRefusal(found: "a tensor \(output.quoted) that is made twice", expected: "each name once")
      }
      let results: [GraphValue]
      do throws(ONNXRefusal) {
        results = try evaluate(node)
      } catch {
        for output in node.outputs { values[output] = .failure(error) }
        continue
      }
      for (output, value) in zip(node.outputs, results) { values[output] = .success(value) }
    }
  }

  /// What a tensor is.
  ///
  /// - Throws: `ONNXRefusal` if it is not there, or nothing that is understood.
  func value(_ name: String) throws(ONNXRefusal) -> GraphValue {
    guard let value = values[name] else {
      throw ONNXRefusal(found: "no tensor \(name.quoted)", expected: "one that a node before has made")
    }
    return try value.get()
  }

  private mutating func define(_ name: String, _ constant: ONNXConstant) {
    constants[name] = constant
    if case .float = constant.elements {
      values[name] = .success(.floats(name))
    } else if let integers = constant.integers, constant.shape.count <= 1, integers.count <= Most.wholeNumbers {
      values[name] = .success(.whole(integers.map { .number($0) }, isScalar: constant.shape.isEmpty))
    } else {
      values[name] = .failure(
        ONNXRefusal(found: "the constant \(name.quoted)", expected: "floats, or a few whole numbers"))
    }
  }

  /// The input of floats is the sequences; one of whole numbers, which may have a constant in its place, the lengths.
  private mutating func readInputs() throws(ONNXRefusal) {
    for input in graph.inputs where input.type != .float { values[input.name] = .success(.lengths) }
    let sequences = graph.inputs.filter { $0.type == .float && constants[$0.name] == nil }
    guard sequences.count == 1, sequences[0].shape.count == 3, case .size(let features) = sequences[0].shape[2],
      (1...65_536).contains(features)
    else {
      let found = sequences.map { "\($0.name.quoted) of \($0.shape.count) dimensions" }.prefix(8).joined(
        separator: ", ")
      throw ONNXRefusal(
        found: "the inputs [\(found)]", expected: "one input [batch, steps, features] with a fixed number of features")
    }
    values[sequences[0].name] = .success(.signal(Signal(axes: [.batch, .step, .feature], features: features)))
  }
}

// MARK: - Operators

extension GraphReader {
  private mutating func evaluate(_ node: ONNXGraph.Node) throws(ONNXRefusal) -> [GraphValue] {
    switch node.operation {
    case "Constant":
      guard let name = node.outputs.first, !name.isEmpty,
        let constant = node.attributes.values.compactMap(\.constant).first
      else {
        throw unknown(node)
      }
      define(name, constant)
      return [try value(name)]
    case "LSTM", "GRU", "RNN": return try recurrent(node)
    default: break
    }
    var inputs: [GraphValue] = []
    for input in node.inputs { inputs.append(try value(input)) }
    guard let first = inputs.first else { throw unknown(node) }
    let result: GraphValue? =
      switch node.operation {
      case "Identity": first
      case "Add", "Sub", "Mul", "Div": arithmetic(node, inputs)
      case "MatMul", "Gemm": product(node, inputs)
      case "Softmax", "LogSoftmax": softmax(node, first)
      case "Transpose": transposed(node, first)
      case "Reshape": reshaped(inputs)
      case "Squeeze", "Unsqueeze": squeezed(node, inputs)
      case "Gather": gathered(node, inputs)
      case "Concat": concatenated(node, inputs)
      default: ofShapes(node, inputs)
      }
    guard let result else { throw unknown(node) }
    if case .signal(let signal) = result, signal.stages.count > Most.stages {
      throw ONNXRefusal(found: "a chain of more than \(Most.stages) operators", expected: "a recurrent classifier")
    }
    return [result]
  }

  private func unknown(_ node: ONNXGraph.Node) -> ONNXRefusal {
    let output = node.outputs.first ?? ""
    return ONNXRefusal(
      found: "an operator \(node.operation.quoted) for \(output.quoted) that is not understood there",
      expected: "a linear layer, recurrent layers (LSTM, GRU, RNN) and a linear head")
  }

  /// Features by a vector of constants, or one number.
  private func arithmetic(_ node: ONNXGraph.Node, _ inputs: [GraphValue]) -> GraphValue? {
    switch (node.operation, inputs.count == 2 ? (inputs[0], inputs[1]) : (inputs[0], inputs[0])) {
    case ("Mul", (.whole(let a, let isScalar), .whole(let b, _))):
      guard a.count == 1, b.count == 1, case .number(let x) = a[0], case .number(let y) = b[0] else { return nil }
      let (product, overflow) = x.multipliedReportingOverflow(by: y)
      return overflow ? nil : .whole([.number(product)], isScalar: isScalar)
    case (let operation, (.signal(let signal), .floats(let name))):
      guard isVector(name, for: signal) else { return nil }
      switch operation {
      case "Add", "Sub": return .signal(signal.then(.shift(name, isNegative: operation == "Sub")))
      default: return .signal(signal.then(.factor(name, isDivisor: operation == "Div")))
      }
    case (let operation, (.floats(let name), .signal(let signal))):
      guard isVector(name, for: signal) else { return nil }
      switch operation {
      case "Add": return .signal(signal.then(.shift(name, isNegative: false)))
      case "Mul": return .signal(signal.then(.factor(name, isDivisor: false)))
      default: return nil
      }
    default: return nil
    }
  }

  private func isVector(_ name: String, for signal: Signal) -> Bool {
    guard let shape = constants[name]?.shape, signal.axes.last == .feature, signal.part == nil else { return false }
    guard shape.count <= signal.axes.count, shape.dropLast().allSatisfy({ $0 == 1 }) else { return false }
    return [1, signal.features].contains(shape.last ?? 1)
  }

  private func product(_ node: ONNXGraph.Node, _ inputs: [GraphValue]) -> GraphValue? {
    guard inputs.count >= 2, case .signal(let signal) = inputs[0], case .floats(let name) = inputs[1],
      let shape = constants[name]?.shape, shape.count == 2, signal.axes.last == .feature,
      !signal.axes.contains(.direction), signal.part == nil
    else { return nil }
    let isGemm = node.operation == "Gemm", isTransposed = isGemm && node.integer("transB") == 1
    guard shape[isTransposed ? 1 : 0] == signal.features else { return nil }
    var result = signal.then(.matrix(name, isTransposed: isTransposed))
    result.features = shape[isTransposed ? 0 : 1]
    guard isGemm else { return inputs.count == 2 ? .signal(result) : nil }
    guard signal.axes.count == 2, (node.integer("transA") ?? 0) == 0, node.float("alpha") ?? 1 == 1,
      node.float("beta") ?? 1 == 1
    else { return nil }
    guard inputs.count == 3 else { return .signal(result) }
    guard case .floats(let bias) = inputs[2], isVector(bias, for: result) else { return nil }
    return .signal(result.then(.shift(bias, isNegative: false)))
  }

  private func softmax(_ node: ONNXGraph.Node, _ value: GraphValue) -> GraphValue? {
    guard case .signal(let signal) = value, signal.part == nil, signal.axes.last == .feature else { return nil }
    let axis = node.integer("axis") ?? (graph.operatorSet < 13 ? 1 : -1)
    return [-1, signal.axes.count - 1].contains(axis) ? .signal(signal.then(.softmax)) : nil
  }

  private func transposed(_ node: ONNXGraph.Node, _ value: GraphValue) -> GraphValue? {
    guard case .integers(let order) = node.attributes["perm"] else { return nil }
    var signal: Signal
    switch value {
    case .signal(let given): signal = given
    case .finals(let finals):
      guard let whole = Signal(directions: finals) else { return nil }
      signal = whole
    default: return nil
    }
    guard signal.part == nil, order.sorted() == Array(signal.axes.indices) else { return nil }
    signal.axes = order.map { signal.axes[$0] }
    return .signal(signal)
  }

  /// Directions and features made one dimension, or nothing done.
  private func reshaped(_ inputs: [GraphValue]) -> GraphValue? {
    guard inputs.count == 2, case .whole(let target, false) = inputs[1] else { return nil }
    switch inputs[0] {
    case .whole(let numbers, _): return numbers.count == 1 && target.count == 1 ? .whole(numbers, isScalar: false) : nil
    case .signal(let signal):
      guard signal.part == nil else { return nil }
      for candidate in [signal, signal.merged].compactMap({ $0 }) where candidate.axes.count == target.count {
        // 0 stands for what was there; −1 for what is left over.
        let isSame = zip(candidate.extents, target).enumerated().allSatisfy { place, pair in
          let isKept = candidate.axes[place] == signal.axes[place] && pair.1 == .number(0)
          return pair.0 == pair.1 || isKept || pair.1 == .number(-1)
        }
        if isSame && target.count(where: { $0 == .number(-1) }) <= 1 { return .signal(candidate) }
      }
      return nil
    default: return nil
    }
  }

  private func squeezed(_ node: ONNXGraph.Node, _ inputs: [GraphValue]) -> GraphValue? {
    var axes: [Int]?
    if case .integers(let given) = node.attributes["axes"] { axes = given }
    if inputs.count == 2, case .whole(let given, _) = inputs[1] { axes = given.compactMap(\.number) }
    switch (node.operation, inputs[0]) {
    case (_, .uniform): return inputs[0]
    case ("Unsqueeze", .whole(let numbers, isScalar: true)): return .whole(numbers, isScalar: false)
    case ("Squeeze", .whole(let numbers, isScalar: false)) where numbers.count == 1:
      return .whole(numbers, isScalar: true)
    case ("Squeeze", .signal(var signal)):
      guard let axes, axes.count == 1 else { return nil }
      let place = axes[0] < 0 ? axes[0] &+ signal.axes.count : axes[0]
      guard signal.axes.indices.contains(place), signal.axes[place] == .direction, signal.directions == 1 else {
        return nil
      }
      signal.axes.remove(at: place)
      return .signal(signal)
    case ("Squeeze", .finals(let finals)): return finals.count == 1 && axes == [0] ? .signal(finals[0]) : nil
    default: return nil
    }
  }

  /// One of a list: a size, the last step, a direction's final state.
  private func gathered(_ node: ONNXGraph.Node, _ inputs: [GraphValue]) -> GraphValue? {
    guard inputs.count == 2, case .whole(let indices, let isScalar) = inputs[1], indices.count == 1,
      case .number(let index) = indices[0]
    else { return nil }
    let axis = node.integer("axis") ?? 0
    func place(in count: Int) -> Int? {
      let place = index < 0 ? index &+ count : index
      return (0..<count).contains(place) ? place : nil
    }
    switch inputs[0] {
    case .whole(let numbers, false):
      return axis == 0 ? place(in: numbers.count).map { .whole([numbers[$0]], isScalar: isScalar) } : nil
    case .finals(let finals):
      return axis == 0 && isScalar ? place(in: finals.count).map { .signal(finals[$0]) } : nil
    case .signal(var signal):
      // The state at the last step is the final state only of those who read towards it.
      guard isScalar, signal.axes.indices.contains(axis), signal.axes[axis] == .step, index == -1, signal.part == nil,
        signal.directions == 1
      else { return nil }
      signal.axes.remove(at: axis)
      return .signal(signal)
    default: return nil
    }
  }

  private func concatenated(_ node: ONNXGraph.Node, _ inputs: [GraphValue]) -> GraphValue? {
    let axis = node.integer("axis")
    var numbers: [Extent] = [], finals: [Signal] = [], parts: [Signal] = []
    for input in inputs {
      switch input {
      case .whole(let more, false): numbers += more
      case .finals(let more): finals += more
      case .signal(let part): parts.append(part)
      default: return nil
      }
      guard numbers.count <= Most.wholeNumbers, finals.count <= Most.stages else { return nil }
    }
    switch (numbers.isEmpty, finals.isEmpty, parts.isEmpty) {
    case (false, true, true): return axis == 0 ? .whole(numbers, isScalar: false) : nil
    case (true, false, true): return axis == 0 ? .finals(finals) : nil
    case (true, true, false):
      guard axis == 1 || axis == -1, parts.count == 2, var whole = Signal(directions: parts) else { return nil }
      whole.axes = [.batch, .direction, .feature]
      return whole.merged.map { .signal($0) }
    default: return nil
    }
  }

  /// What else exporters do to find out shapes, cut lengths and make zeros.
  private func ofShapes(_ node: ONNXGraph.Node, _ inputs: [GraphValue]) -> GraphValue? {
    switch (node.operation, inputs[0]) {
    case ("Shape", .signal(let signal)) where signal.part == nil:
      let count = signal.axes.count
      let start = node.integer("start") ?? 0, end = min(node.integer("end") ?? count, count)
      return 0 <= start && start <= end ? .whole(Array(signal.extents[start..<end]), isScalar: false) : nil
    case ("Slice", .whole(let numbers, false)):
      let bounds = inputs.dropFirst().prefix(2).compactMap { $0.number }
      guard bounds.count == 2, inputs.count <= 4 else { return nil }
      let start = bounds[0] < 0 ? bounds[0] &+ numbers.count : bounds[0]
      let end = min(bounds[1] < 0 ? bounds[1] &+ numbers.count : bounds[1], numbers.count)
      return 0 <= start && start <= end ? .whole(Array(numbers[start..<end]), isScalar: false) : nil
    case ("Slice", .uniform): return inputs[0]
    case ("Cast", .whole), ("Cast", .lengths): return inputs[0]
    case ("Min", _):
      return inputs.contains { if case .lengths = $0 { true } else { false } }
        && inputs.allSatisfy {
          switch $0 {
          case .lengths: true
          case .whole(let numbers, _): numbers == [.steps]
          default: false
          }
        } ? .lengths : nil
    case ("Expand", .lengths): return .lengths
    case ("Expand", .uniform): return inputs[0]
    case ("Expand", .floats(let name)):
      guard let constant = constants[name], constant.shape.reduce(1, *) == 1 else { return nil }
      return constant.floats.map { .uniform($0[0]) }
    case ("ConstantOfShape", .whole):
      guard case .tensor(let constant) = node.attributes["value"] else {
        return node.attributes.isEmpty ? .uniform(0) : nil
      }
      return constant.floats.flatMap { $0.count == 1 ? .uniform($0[0]) : nil }
    default: return nil
    }
  }

  private mutating func recurrent(_ node: ONNXGraph.Node) throws(ONNXRefusal) -> [GraphValue] {
    func given(_ index: Int) throws(ONNXRefusal) -> GraphValue? {
      guard node.inputs.indices.contains(index), !node.inputs[index].isEmpty else { return nil }
      return try value(node.inputs[index])
    }
    let layer = try RecurrentNode(node, constants)
    guard case .signal(let signal) = try given(0), signal.axes == [.step, .batch, .feature], signal.part == nil,
      signal.features == layer.inputs
    else { throw unknown(node) }
    if let lengths = try given(4) {
      guard case .lengths = lengths else { throw unknown(node) }
    }
    for index in 5..<(node.operation == "LSTM" ? 7 : 6) {
      guard let state = try given(index) else { continue }
      guard isZero(state) else {
        throw ONNXRefusal(found: "an initial state that is not zero", expected: "none, or zeros")
      }
    }
    layers.append(layer)
    return outputs(of: layer, reading: signal)
  }

  private func isZero(_ state: GraphValue) -> Bool {
    switch state {
    case .uniform(let value): return value == 0
    case .floats(let name):
      let floats = constants[name]?.floats ?? []
      return floats.count <= Most.zeros && floats.allSatisfy { $0 == 0 }
    default: return false
    }
  }

  /// The states after every step, [step, direction, batch, feature], and the final ones.
  private func outputs(of layer: RecurrentNode, reading signal: Signal) -> [GraphValue] {
    var states = signal.then(.layer(layers.count - 1))
    states.axes = [.step, .direction, .batch, .feature]
    states.features = layer.hidden
    states.directions = layer.directions
    let finals = (0..<layer.directions).map { direction in
      var final = states
      final.axes = [.batch, .feature]
      final.part = layer.directions == 1 ? nil : direction
      return final
    }
    return [.signal(states), .finals(finals)]
  }
}

extension ONNXGraph.Attribute {
  /// What a node `Constant` holds, in whichever form.
  fileprivate var constant: ONNXConstant? {
    switch self {
    case .tensor(let constant): constant
    case .integer(let value): ONNXConstant(shape: [], .int64([Int64(value)]))
    case .integers(let values): ONNXConstant(shape: [values.count], .int64(values.map(Int64.init)))
    case .float(let value): ONNXConstant(shape: [], .float([value]))
    case .floats(let values): ONNXConstant(shape: [values.count], .float(values))
    case .text, .texts, .other: nil
    }
  }
}

extension Signal {
  /// The final states of all directions of one layer, [direction, batch, feature]; `nil` if they are not that.
  fileprivate init?(directions parts: [Signal]) {
    guard let first = parts.first, parts.count == first.directions, first.axes == [.batch, .feature] else { return nil }
    for (index, part) in parts.enumerated() {
      var expected = first
      expected.part = parts.count == 1 ? nil : index
      guard part == expected else { return nil }
    }
    self = first
    axes = [.direction, .batch, .feature]
    part = nil
  }
}

extension Extent {
  /// The number, if it is one.
  fileprivate var number: Int? { if case .number(let number) = self { number } else { nil } }
}

extension GraphValue {
  /// The number, if it is just one.
  fileprivate var number: Int? {
    if case .whole(let numbers, _) = self, numbers.count == 1 { numbers[0].number } else { nil }
  }
}

extension ONNXGraph.Node {
  /// A setting that is a whole number; `nil` if it is not set.
  func integer(_ name: String) -> Int? { if case .integer(let value) = attributes[name] { value } else { nil } }
  /// A setting that is a float; `nil` if it is not set.
  func float(_ name: String) -> Float? { if case .float(let value) = attributes[name] { value } else { nil } }
  /// A setting that is a text; `nil` if it is not set.
  func text(_ name: String) -> String? { if case .text(let value) = attributes[name] { value } else { nil } }
}

/// A graph in the making, node by node.
struct GraphBuilder {
  private(set) var graph = ONNXGraph(operatorSet: ONNX.operatorSet)

  /// Adds an input of the graph.
  mutating func input(_ name: String, _ type: ONNXConstant.ElementType, _ shape: [ONNXGraph.Dimension]) {
    graph.inputs.append(.init(name: name, type: type, shape: shape))
  }

  /// Makes a value an output of the graph.
  mutating func output(_ name: String, _ shape: [ONNXGraph.Dimension]) {
    graph.outputs.append(.init(name: name, type: .float, shape: shape))
  }

  /// Adds floats of a shape, and returns their name.
  mutating func floats(_ name: String, _ shape: [Int], _ values: [Float]) -> String {
    constant(name, ONNXConstant(shape: shape, .float(values)))
  }

  /// Adds a list of whole numbers, and returns its name. Equal ones are there once.
  mutating func integers(_ values: [Int]) -> String {
    let name = "integers_" + values.map { $0 < 0 ? "minus_\(-$0)" : "\($0)" }.joined(separator: "_")
    if graph.constants.contains(where: { $0.name == name }) { return name }
    return constant(name, ONNXConstant(shape: [values.count], .int64(values.map(Int64.init))))
  }

  /// Adds a constant, and returns its name.
  mutating func constant(_ name: String, _ value: ONNXConstant) -> String {
    graph.constants.append((name, value))
    return name
  }

  /// Adds an operator, and returns the name of its only output.
  mutating func apply(
    _ operation: String, _ inputs: String..., to output: String, _ attributes: [String: ONNXGraph.Attribute] = [:]
  ) -> String {
    apply(operation, inputs, to: [output], attributes)
    return output
  }

  /// Adds an operator with any number of outputs.
  mutating func apply(
    _ operation: String, _ inputs: [String], to outputs: [String], _ attributes: [String: ONNXGraph.Attribute]
  ) {
    graph.nodes.append(.init(operation: operation, inputs: inputs, outputs: outputs, attributes: attributes))
  }

  /// Whether a node has made a value of this name.
  func has(_ output: String) -> Bool { graph.nodes.contains { $0.outputs.contains(output) } }

  /// Sets the texts that travel with the graph.
  mutating func describe(_ metadata: [String: String]) { graph.metadata = metadata }
}

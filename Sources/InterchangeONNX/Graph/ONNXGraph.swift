/// A graph of ONNX as far as recurrent classifiers need one: what a file says, free of how it says it.
package struct ONNXGraph: Equatable, Sendable {
  /// The version of the standard operators.
  package var operatorSet: Int
  /// What is computed, each node after those whose outputs it takes.
  package var nodes: [Node] = []
  /// Constant tensors by name, in the order of the file.
  package var constants: [(name: String, value: ONNXConstant)] = []
  package var inputs: [Port] = []
  package var outputs: [Port] = []
  /// Texts that travel with the graph.
  package var metadata: [String: String] = [:]

  package init(operatorSet: Int) { self.operatorSet = operatorSet }

  /// An operator with the names of what it takes and gives. An empty name stands for an input that is left out, or an
  /// output that nobody wants.
  package struct Node: Equatable, Sendable {
    package var operation: String
    package var inputs, outputs: [String]
    package var attributes: [String: Attribute]

    package init(
      operation: String, inputs: [String], outputs: [String], attributes: [String: Attribute] = [:]
    ) {
      self.operation = operation
      self.inputs = inputs
      self.outputs = outputs
      self.attributes = attributes
    }
  }

  /// A setting of an operator.
  package enum Attribute: Equatable, Sendable {
    case integer(Int)
    case integers([Int])
    case float(Float)
    case floats([Float])
    case text(String)
    case texts([String])
    case tensor(ONNXConstant)
    /// Graphs within the graph and the like, which nothing here uses.
    case other
  }

  /// An input or an output of the whole graph.
  package struct Port: Equatable, Sendable {
    package var name: String
    package var type: ONNXConstant.ElementType
    package var shape: [Dimension]

    package init(name: String, type: ONNXConstant.ElementType, shape: [Dimension]) {
      self.name = name
      self.type = type
      self.shape = shape
    }
  }

  /// The extent of a dimension: a number, or a name where it may be any.
  package enum Dimension: Equatable, Sendable {
    case size(Int)
    case named(String)
  }

  package static func == (a: Self, b: Self) -> Bool {
    a.operatorSet == b.operatorSet && a.nodes == b.nodes && a.inputs == b.inputs && a.outputs == b.outputs
      && a.metadata == b.metadata
      && a.constants.elementsEqual(b.constants) { $0.name == $1.name && $0.value == $1.value }
  }
}

/// A constant tensor of a graph.
package struct ONNXConstant: Equatable, Sendable {
  /// The extent of each dimension; `[]` for a scalar.
  package let shape: [Int]
  /// The elements in row-major order.
  package let elements: Elements

  package enum Elements: Equatable, Sendable {
    case float([Float])
    case int32([Int32])
    case int64([Int64])
    /// Of a type that nothing here uses.
    case other
  }

  /// What a tensor is made of.
  package enum ElementType: Equatable, Sendable {
    case float, int32, int64, other
  }

  /// - Precondition: There are as many elements as the shape says.
  package init(shape: [Int], _ elements: Elements) {
    let count: Int? =
      switch elements {
      case .float(let values): values.count
      case .int32(let values): values.count
      case .int64(let values): values.count
      case .other: nil
      }
    precondition(count.map { $0 == shape.reduce(1, *) } ?? true, "\(count ?? 0) elements for shape \(shape)")
    self.shape = shape
    self.elements = elements
  }

  /// What the elements are.
  package var elementType: ElementType {
    switch elements {
    case .float: .float
    case .int32: .int32
    case .int64: .int64
    case .other: .other
    }
  }

  /// The elements, if they are floats.
  package var floats: [Float]? { if case .float(let values) = elements { values } else { nil } }

  /// The elements, if they are whole numbers.
  package var integers: [Int]? {
    switch elements {
    case .int32(let values): values.map { Int($0) }
    case .int64(let values): values.map { Int($0) }
    case .float, .other: nil
    }
  }
}

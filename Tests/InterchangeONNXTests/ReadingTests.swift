import Foundation
import InterchangeONNX
import Recurrent
import Tensors
import Testing
import Training

/// Graphs that others might have written: the same network in other words, and what is none.
@Suite("Reading ONNX graphs")
struct ReadingTests {
  private func changed(
    _ cell: CellKind = .lstm, layers: Int = 1, bidirectional: Bool = false, _ change: (inout ONNXGraph) throws -> Void
  ) throws -> (network: ONNXNetwork, model: TrainedModel) {
    let model = randomModel(cell, layers: layers, bidirectional: bidirectional)
    var graph = try ONNXGraph(model)
    try change(&graph)
    return (try graph.network(), model)
  }

  /// Makes one operator of an LSTM's head, with a transposed matrix.
  private func makeGemm(_ graph: inout ONNXGraph, _ settings: [String: ONNXGraph.Attribute]) throws {
    let place = try #require(graph.nodes.firstIndex { $0.outputs == ["logits_unbiased"] })
    graph.setConstant(
      "head.weight", ONNXConstant(shape: [3, 5], .float(randomModel(.lstm).classifier.head.weight.floats)))
    graph.nodes[place] = .init(
      operation: "Gemm", inputs: [graph.nodes[place].inputs[0], "head.weight", "head.bias"], outputs: ["logits"],
      attributes: settings.merging(["transB": .integer(1)]) { $1 })
    graph.nodes.remove(at: place + 1)
  }

  @Test func aGemmIsALinearLayer() throws {
    let (network, model) = try changed { try makeGemm(&$0, ["alpha": .float(1)]) }
    #expect(network.classifier.bits == model.classifier.bits)
  }

  @Test(
    arguments: [("alpha", .float(2)), ("beta", .float(0.5)), ("transA", .integer(1))] as [(String, ONNXGraph.Attribute)]
  )
  func aGemmThatDoesMoreIsRefused(setting: String, value: ONNXGraph.Attribute) throws {
    let error = #expect(throws: ONNXRefusal.self) { _ = try changed { try makeGemm(&$0, [setting: value]) } }
    #expect(error?.found.contains("'Gemm'") == true, "\(String(describing: error))")
  }

  @Test func aBiasMayBeTakenAway() throws {
    let (network, model) = try changed { graph in
      let place = try #require(graph.nodes.firstIndex { $0.outputs == ["logits"] })
      graph.nodes[place].operation = "Sub"
    }
    #expect(network.classifier.head.bias.floats == model.classifier.head.bias.floats.map { -$0 })
    #expect(network.classifier.head.weight == model.classifier.head.weight)
  }

  @Test func aBiasMayStandInFront() throws {
    let (network, model) = try changed { graph in
      let place = try #require(graph.nodes.firstIndex { $0.outputs == ["logits"] })
      graph.nodes[place].inputs.reverse()
    }
    #expect(network.classifier.bits == model.classifier.bits)
  }

  /// The answer at the last step, or at every step, or its softmax, is the same network's.
  @Test(arguments: ["logits_every_step", "probabilities_every_step", "last"])
  func theAnswerMayBeAnother(name: String) throws {
    let (network, model) = try changed { graph in
      graph.nodes.append(
        .init(operation: "Softmax", inputs: ["logits_every_step"], outputs: ["probabilities_every_step"]))
      graph.nodes.append(
        .init(operation: "Constant", inputs: [], outputs: ["minus_one"], attributes: ["value_int": .integer(-1)]))
      graph.nodes.append(
        .init(
          operation: "Gather", inputs: ["logits_every_step", "minus_one"], outputs: ["last"],
          attributes: ["axis": .integer(1)]))
      graph.outputs = [.init(name: name, type: .float, shape: [])]
    }
    #expect(network.classifier.bits == model.classifier.bits)
  }

  /// The first step's answer is no answer to the sequence.
  @Test func anAnswerBeforeTheEndIsRefused() throws {
    let error = #expect(throws: ONNXRefusal.self) {
      _ = try changed { graph in
        graph.setConstant("first", ONNXConstant(shape: [], .int64([0])))
        graph.nodes.append(
          .init(
            operation: "Gather", inputs: ["logits_every_step", "first"], outputs: ["early"],
            attributes: ["axis": .integer(1)]))
        graph.outputs = [.init(name: "early", type: .float, shape: [])]
      }
    }
    #expect(error?.found.contains("'Gather'") == true, "\(String(describing: error))")
  }

  @Test func layersOfSeveralSizesAreRefused() throws {
    func numbers(_ shape: Int...) -> ONNXConstant {
      ONNXConstant(shape: shape, .float([Float](repeating: 0.5, count: shape.reduce(1, *))))
    }
    let error = #expect(throws: ONNXRefusal.self) {
      _ = try changed(.rnn, layers: 2) { graph in
        let place = try #require(graph.nodes.lastIndex { $0.operation == "RNN" })
        graph.nodes[place].attributes["hidden_size"] = .integer(6)
        graph.setConstant("rnn_l1.W", numbers(1, 6, 5))
        graph.setConstant("rnn_l1.R", numbers(1, 6, 6))
        graph.setConstant("rnn_l1.B", numbers(1, 12))
        graph.setConstant("integers_0_5", ONNXConstant(shape: [2], .int64([0, 6])))
        graph.setConstant("head.weight_transposed", numbers(6, 3))
      }
    }
    #expect(error?.found == "recurrent layers of several sizes", "\(String(describing: error))")
  }

  /// A small file could make work without end.
  @Test func graphsHaveBounds() throws {
    func refusal(_ change: (inout ONNXGraph) throws -> Void) -> ONNXRefusal? {
      #expect(throws: ONNXRefusal.self) { _ = try changed { try change(&$0) } }
    }
    let idle = refusal { graph in
      graph.nodes += (0..<10_000).map { index in
        ONNXGraph.Node(operation: "Identity", inputs: ["logits"], outputs: ["idle \(index)"], attributes: [:])
      }
    }
    #expect(idle?.expected == "at most 10000")
    // Between what made the logits and the logits.
    let busy = refusal { graph in
      let place = try #require(graph.nodes.firstIndex { $0.outputs == ["logits"] })
      graph.nodes[place].outputs = ["busy 0"]
      graph.nodes += (0..<300).map { index in
        ONNXGraph.Node(
          operation: "Add", inputs: ["busy \(index)", "head.bias"],
          outputs: [index == 299 ? "logits" : "busy \(index + 1)"], attributes: [:])
      }
    }
    #expect(busy?.found == "a chain of more than 256 operators")
  }

  /// ONNX Runtime makes the forget gate of the input gate.
  @Test func inputForgetCouplesTheGates() throws {
    let (network, model) = try changed(.coupledLSTM) { graph in
      let place = try #require(graph.nodes.firstIndex { $0.operation == "LSTM" })
      graph.nodes[place].attributes["input_forget"] = .integer(1)
      for letter in ["W", "R", "B"] {
        let constant = try #require(graph.constants.first { $0.name == "coupled_lstm_l0.\(letter)" }?.value)
        var floats = try #require(constant.floats)
        let gate = letter == "B" ? 5 : floats.count / 4
        for index in 2 * gate..<3 * gate { floats[index] = 7 }
        graph.setConstant("coupled_lstm_l0.\(letter)", ONNXConstant(shape: constant.shape, .float(floats)))
      }
    }
    #expect(network.classifier.cell == .coupledLSTM)
    #expect(network.classifier.bits == model.classifier.bits)
  }

  @Test func bothBiasesAreAdded() throws {
    let (network, model) = try changed(.gru) { graph in
      // z r h: those beside R for z and r are added; that for h stays apart.
      var floats = try #require(graph.constants.first { $0.name == "gru_l0.B" }?.value.floats)
      for index in 15..<25 { floats[index] = 2 }
      graph.setConstant("gru_l0.B", ONNXConstant(shape: [1, 30], .float(floats)))
    }
    let bias = model.classifier.layers[0].bias.floats
    #expect(network.classifier.layers[0].bias.floats == bias[..<10].map { $0 + 2 } + bias[10...])
  }

  @Test func whatIsLeftOutIsZeroOrNothing() throws {
    let (network, model) = try changed { graph in
      // No biases, no input layer, no scaling.
      let lstm = try #require(graph.nodes.firstIndex { $0.operation == "LSTM" })
      graph.nodes[lstm].inputs[3] = ""
      graph.nodes[lstm].inputs[0] = "features_by_step"
      let turn = try #require(graph.nodes.firstIndex { $0.outputs == ["features_by_step"] })
      graph.nodes[turn].inputs = ["sequences"]
      graph.inputs[0].shape[2] = .size(5)
    }
    let classifier = network.classifier
    #expect(classifier.layers[0].bias.floats == [Float](repeating: 0, count: 20))
    #expect(classifier.layers[0].weightIH == model.classifier.layers[0].weightIH)
    let ramp = Tensor((1...5).map(Float.init), shape: [1, 5])
    #expect(classifier.input(ramp) == ramp)
    #expect(network.featureScaling.mean == [0, 0, 0, 0, 0] && network.featureScaling.scale == [1, 1, 1, 1, 1])
  }

  @Test func scalingMayBeInOtherWords() throws {
    let (network, _) = try changed { graph in
      graph.constants.append(("two", ONNXConstant(shape: [], .float([2]))))
      graph.constants.append(("ramp", ONNXConstant(shape: [1, 8], .float((1...8).map(Float.init)))))
      let first = try #require(graph.nodes.firstIndex { $0.operation == "Sub" })
      graph.nodes.remove(at: first)
      let next = try #require(graph.nodes.firstIndex { $0.operation == "Mul" })
      graph.nodes[next] = .init(operation: "Div", inputs: ["sequences", "two"], outputs: ["halves"])
      graph.nodes.insert(
        .init(operation: "Add", inputs: ["ramp", "halves"], outputs: ["features_scaled"]), at: next + 1)
    }
    // x/2 + a = (x + 2a)/2
    #expect(network.featureScaling.mean == (1...8).map { -2 * Float($0) })
    #expect(network.featureScaling.scale == [Float](repeating: 0.5, count: 8))
    #expect(throws: ModelFileError.self) { _ = try network.model(path: "file") }
    // The same as one network.
    let values: [Float] = (0..<16).map { Float($0) - 5 }
    let scaledValues: [Float] = values.enumerated().map { index, value in value / 2 + Float(index % 8 + 1) }
    let raw = Tensor(values, shape: [1, 2, 8]), scaled = Tensor(scaledValues, shape: [1, 2, 8])
    let expected = network.classifier(scaled).floats, found = network.classifierWithScaling(raw).floats
    #expect(zip(expected, found).allSatisfy { abs($0 - $1) < 1e-5 }, "\(expected) \(found)")
  }

  static let refusals: [(name: String, cell: CellKind, change: @Sendable (inout ONNXGraph) -> Void, message: String)] =
    [
      ("no output", .lstm, { $0.outputs = [] }, "without outputs"),
      ("no input", .lstm, { $0.inputs = [] }, "one input [batch, steps, features]"),
      ("features of any number", .lstm, { $0.inputs[0].shape[2] = .named("features") }, "a fixed number of features"),
      ("an unknown operator", .lstm, { $0.change("MatMul") { $0.operation = "Einsum" } }, "'Einsum'"),
      ("a missing tensor", .lstm, { $0.change("MatMul") { $0.inputs[0] = "none" } }, "no tensor 'none'"),
      ("layout 1", .lstm, { $0.change("LSTM") { $0.attributes["layout"] = .integer(1) } }, "layout 1"),
      ("clip", .lstm, { $0.change("LSTM") { $0.attributes["clip"] = .float(3) } }, "clip"),
      ("reverse", .lstm, { $0.change("LSTM") { $0.attributes["direction"] = .text("reverse") } }, "'reverse'"),
      (
        "another size", .lstm, { $0.change("LSTM") { $0.attributes["hidden_size"] = .integer(6) } },
        "weights [1, 20, 5]"
      ),
      (
        "activations", .gru, { $0.change("GRU") { $0.attributes["activations"] = .texts(["Sigmoid", "Relu"]) } },
        "activations 'Sigmoid', 'Relu'"
      ),
      (
        "the other GRU", .gru, { $0.change("GRU") { $0.attributes["linear_before_reset"] = nil } },
        "linear_before_reset 0"
      ),
      (
        "peepholes and coupled", .peepholeLSTM, { $0.change("LSTM") { $0.attributes["input_forget"] = .integer(1) } },
        "peepholes and coupled gates"
      ),
      ("weights computed", .rnn, { $0.change("RNN") { $0.inputs[1] = "inputs_by_step" } }, "computed in the graph"),
      ("lengths of something else", .rnn, { $0.change("RNN") { $0.inputs[4] = "steps" } }, "operator 'RNN'"),
      (
        "a state", .rnn,
        {
          $0.setConstant("state", ONNXConstant(shape: [1, 1, 5], .float([0, 0, 1, 0, 0])))
          $0.change("RNN") { $0.inputs += ["state"] }
        }, "an initial state that is not zero"
      ),
      ("batch first", .rnn, { $0.change("RNN") { $0.inputs[0] = "features_scaled" } }, "operator 'RNN'"),
      (
        "not finite", .rnn, { $0.setConstant("head.bias", ONNXConstant(shape: [3], .float([0, .nan, 0]))) },
        "'head.bias'"
      ),
      (
        "a bias of another size", .rnn, { $0.setConstant("head.bias", ONNXConstant(shape: [2], .float([0, 0]))) },
        "'logits'"
      ),
      (
        "scaled by nothing", .rnn,
        {
          $0.change("Mul") { $0.operation = "Div" }
          $0.setConstant("features.scale", ONNXConstant(shape: [1], .float([0])))
        }, "scaled by zero"
      ),
      (
        "a softmax inside", .rnn,
        { $0.change("Mul") { $0 = .init(operation: "Softmax", inputs: [$0.inputs[0]], outputs: $0.outputs) } },
        "a softmax before the head"
      ),
      ("classes' names", .rnn, { $0.metadata["unroll.classes"] = #"["a","b"]"# }, "3 classes' names"),
      (
        "no recurrent layer", .rnn, { $0.outputs = [.init(name: "inputs_by_step", type: .float, shape: [])] },
        "without LSTM, GRU or RNN"
      ),
      (
        "a constant that becomes another after it was used", .rnn,
        {
          let other = ONNXConstant(shape: [2], .float([0, 0]))
          $0.nodes.append(
            .init(
              operation: "Constant", inputs: [], outputs: ["head.weight_transposed"],
              attributes: ["value": .tensor(other)]))
        }, "'head.weight_transposed' that is made twice"
      ),
      (
        "states without a head", .rnn, { $0.outputs = [.init(name: "states", type: .float, shape: [])] },
        "in place of a linear layer"
      ),
    ]

  @Test(arguments: refusals.indices)
  func whatIsNoSuchNetworkIsRefused(index: Int) throws {
    let (name, cell, change, message) = Self.refusals[index]
    var graph = try ONNXGraph(randomModel(cell))
    change(&graph)
    let error = #expect(throws: ONNXRefusal.self, "\(name)") { _ = try graph.network() }
    #expect(error.map { "found \($0.found), expected \($0.expected)".contains(message) } == true, "\(name): \(error)")
  }

  /// The state after the last step is not that after the first, where half of the network has just begun to read.
  @Test func aBidirectionalAnswerAtTheLastStepIsRefused() throws {
    let model = randomModel(.lstm, bidirectional: true)
    var graph = try ONNXGraph(model)
    let place = try #require(graph.nodes.firstIndex { $0.operation == "LSTM" })
    graph.nodes[place].outputs[0] = "directions"
    graph.nodes.append(
      .init(
        operation: "Transpose", inputs: ["directions"], outputs: ["turned"],
        attributes: ["perm": .integers([2, 0, 1, 3])]))
    graph.nodes.append(.init(operation: "Reshape", inputs: ["turned", "shape"], outputs: ["both"]))
    graph.nodes.append(.init(operation: "MatMul", inputs: ["both", "head.weight_transposed"], outputs: ["every"]))
    graph.setConstant("shape", ONNXConstant(shape: [3], .int64([0, 0, 10])))
    graph.outputs = [.init(name: "every", type: .float, shape: [])]
    let error = #expect(throws: ONNXRefusal.self) { _ = try graph.network() }
    #expect(error?.found.contains("bidirectional network") == true, "\(String(describing: error))")
    graph.outputs = [.init(name: "logits", type: .float, shape: [])]
    #expect(try graph.network().classifier.bits == model.classifier.bits)
  }

  @Test func namesOutOfAFileStayOnOneLine() {
    let error = ONNXError.unfit(path: "x.onnx", found: "an operator 'a\nb'", expected: "none")
    #expect("\(error)" == "x.onnx: found an operator 'a b', expected none")
  }

  /// Layers that are the same arrays twice could make a small file a large network.
  @Test func sharedWeightsAreRefused() throws {
    var graph = try ONNXGraph(randomModel(.rnn, layers: 2))
    let places = graph.nodes.indices.filter { graph.nodes[$0].operation == "RNN" }
    graph.nodes[places[1]].inputs[1...3] = graph.nodes[places[0]].inputs[1...3]
    let error = #expect(throws: ONNXRefusal.self) { _ = try graph.network() }
    #expect(error?.found.contains("share weights") == true)
  }

  @Test func textsAndGraphMustAgree() throws {
    var graph = try ONNXGraph(randomModel(.rnn))
    graph.setConstant("features.scale", ONNXConstant(shape: [8], .float([Float](repeating: 3, count: 8))))
    let network = try graph.network()
    #expect(network.featureScaling.scale == [Float](repeating: 3, count: 8))
    let error = #expect(throws: ModelFileError.self) { _ = try network.model(path: "x.onnx") }
    #expect(error.map { "\($0)".hasPrefix("x.onnx: ") } == true)
    graph.metadata["unroll.model"] = nil
    #expect(try graph.network().model(path: "x.onnx") == nil)
  }
}

extension ONNXGraph {
  /// Changes the first node of an operator.
  fileprivate mutating func change(_ operation: String, _ change: (inout Node) -> Void) {
    if let place = nodes.firstIndex(where: { $0.operation == operation }) { change(&nodes[place]) }
  }

  /// Puts a constant in place of the one of its name, or beside all others.
  fileprivate mutating func setConstant(_ name: String, _ value: ONNXConstant) {
    if let place = constants.firstIndex(where: { $0.name == name }) {
      constants[place].value = value
    } else {
      constants.append((name, value))
    }
  }
}

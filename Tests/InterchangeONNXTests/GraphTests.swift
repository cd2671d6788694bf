import Datasets
import Foundation
import InterchangeONNX
import Recurrent
import Tensors
import Testing
import Training

/// Graphs of models, with or without protocol buffers: what is in them, and that they can be read.
@Suite("ONNX graphs")
struct GraphTests {
  @Test(arguments: exportableCells, [(1, false), (2, false), (1, true), (3, true)])
  func comesBackToTheBit(cell: CellKind, shape: (layers: Int, bidirectional: Bool)) throws {
    let model = randomModel(cell, layers: shape.layers, bidirectional: shape.bidirectional)
    for takesLengths in [true, false] {
      let network = try ONNXGraph(model, takesLengths: takesLengths).network()
      #expect(network.classifier.cell == cell && network.classifier.isBidirectional == shape.bidirectional)
      #expect(network.classifier.bits == model.classifier.bits)
      #expect(network.featureScaling == model.featureScaling)
      #expect(network.classNames == model.classNames)
      let read = try #require(try network.model(path: "file"))
      #expect(read.classifier.bits == model.classifier.bits)
      #expect(read.temperatures == model.temperatures && read.input == model.input)
    }
  }

  @Test func layerNormalizationIsRefused() throws {
    let error = #expect(throws: ONNXError.noOperator(.layerNormLSTM)) {
      _ = try ONNXGraph(randomModel(.layerNormLSTM))
    }
    let expected = """
      ONNX has no operator for a layer-norm-lstm, expected one of lstm, peephole-lstm, coupled-lstm, gru, rnn, irnn
      """
    #expect(error.map { "\($0)" } == expected)
  }

  @Test func saysWhatGoesInAndComesOut() throws {
    let graph = try ONNXGraph(randomModel(.lstm))
    let batch = ONNXGraph.Dimension.named("batch"), steps = ONNXGraph.Dimension.named("steps")
    #expect(
      graph.inputs == [
        .init(name: "sequences", type: .float, shape: [batch, steps, .size(8)]),
        .init(name: "lengths", type: .int32, shape: [batch]),
      ])
    #expect(
      graph.outputs == [
        .init(name: "logits", type: .float, shape: [batch, .size(3)]),
        .init(name: "probabilities", type: .float, shape: [batch, .size(3)]),
        .init(name: "logits_every_step", type: .float, shape: [batch, steps, .size(3)]),
      ])
    #expect(graph.metadata["unroll.classes"] == #"["—","|","\\"]"#)
    #expect(graph.metadata["unroll.temperatures"] == "[3,0.5,1,1.5,2,0.7,1,1.2]")
    #expect(graph.metadata["unroll.version"] == unrollVersion)

    let bidirectional = try ONNXGraph(randomModel(.lstm, bidirectional: true), takesLengths: false)
    #expect(bidirectional.inputs.map(\.name) == ["sequences"])
    #expect(bidirectional.outputs.map(\.name) == ["logits", "probabilities"])
    let values = try ONNXGraph(
      randomClassifier(.lstm),
      scaling: FeatureScaling(mean: [Float](repeating: 0, count: 8), scale: [Float](repeating: 1, count: 8)),
      givesProbabilities: false)
    #expect(values.outputs.map(\.name) == ["logits", "logits_every_step"])
    #expect(!values.nodes.contains { ["Sub", "Mul", "Softmax"].contains($0.operation) })
  }

  /// Each output or input of a node is there before it, and nothing is computed for nobody.
  @Test(arguments: exportableCells, [true, false])
  func everyValueIsMadeOnceAndUsed(cell: CellKind, bidirectional: Bool) throws {
    for (calibrated, takesLengths) in [(true, true), (true, false), (false, true), (false, false)] {
      let model = randomModel(cell, layers: 2, bidirectional: bidirectional, calibrated: calibrated)
      let graph = try ONNXGraph(model, takesLengths: takesLengths)
      var known = graph.constants.map(\.name) + graph.inputs.map(\.name).filter { $0 != "lengths" }
      var used = Set(graph.outputs.map(\.name) + ["lengths"])
      for node in graph.nodes {
        for input in node.inputs where !input.isEmpty {
          #expect(known.contains(input), "\(input)")
          used.insert(input)
        }
        known += node.outputs.filter { !$0.isEmpty }
      }
      #expect(known.count == Set(known).count)
      #expect(Set(known).subtracting(used).isEmpty, "\(Set(known).subtracting(used))")
    }
  }

  /// Rows of Unroll's gates are numbered 1, 2, 3 and 4 here, tens for biases of the hidden state.
  @Test(
    arguments: [
      (CellKind.lstm, [1, 4, 2, 3], [1, 4, 2, 3, 0, 0, 0, 0], [Float]()),
      (.peepholeLSTM, [1, 4, 2, 3], [1, 4, 2, 3, 0, 0, 0, 0], [1, 3, 2]),
      (.coupledLSTM, [-1, 3, 1, 2], [-1, 3, 1, 2, 0, 0, 0, 0], []),
      (.gru, [2, 1, 3], [2, 1, 3, 0, 0, 4], []),
      (.rnn, [1], [1, 0], []), (.irnn, [1], [1, 0], []),
    ] as [(CellKind, [Float], [Float], [Float])])
  func gatesStandInTheOrderOfONNX(cell: CellKind, weights: [Float], biases: [Float], peepholes: [Float]) throws {
    func numbers(_ count: Int) -> Tensor { Tensor((0..<count).map { Float($0 + 1) }, shape: [count]) }
    let rows = numbers(cell.gates).reshaped(to: [cell.gates, 1])
    let layer = SequenceLayer(
      cell, weightIH: rows, weightHH: rows, bias: numbers(cell.biases),
      scales: cell.scales == 0 ? .zero : numbers(cell.scales))
    let one = Linear(weight: Tensor([1] as [Float], shape: [1, 1]), bias: .zeros([1]))
    let graph = try ONNXGraph(
      SequenceClassifier(input: one, layers: [layer], head: one), scaling: FeatureScaling(mean: [0], scale: [1]))
    func constant(_ letter: String) -> [Float]? {
      graph.constants.first { $0.name == "\(cell.identifier)_l0.\(letter)" }?.value.floats
    }
    #expect(constant("W") == weights && constant("R") == weights)
    #expect(constant("B") == biases)
    #expect(constant("P") ?? [] == peepholes)
  }
}

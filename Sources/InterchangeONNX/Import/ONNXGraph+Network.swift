import Datasets
import Foundation
import Recurrent
import Tensors
import Training

extension ONNXGraph {
  /// The network that the graph computes, where it is one: linear maps, recurrent layers of one kind, a linear head.
  ///
  /// The output that is read is `logits`, or else the first. It may be logits after the last step or after every step, or
  /// their softmax: that makes no difference to the network.
  ///
  /// - Throws: `ONNXRefusal` if the graph computes something else, or its numbers are not finite.
  package func network() throws(ONNXRefusal) -> ONNXNetwork {
    guard let output = outputs.first(where: { $0.name == "logits" }) ?? outputs.first else {
      throw ONNXRefusal(found: "a graph without outputs", expected: "logits")
    }
    let reader = try GraphReader(self)
    guard case .signal(let signal) = try reader.value(output.name), signal.part == nil else {
      throw ONNXRefusal(found: "an output \(output.name.quoted) of something else", expected: "logits of the sequences")
    }
    let path = try NetworkPath(signal, reader)
    return ONNXNetwork(
      classifier: try path.classifier(), featureScaling: try path.featureScaling(),
      classNames: try classNames(count: signal.features), metadata: metadata)
  }

  /// The names of classes among the texts that travel with the graph; `nil` if there are none.
  private func classNames(count: Int) throws(ONNXRefusal) -> [String]? {
    guard let text = metadata[MetadataKey.classes] else { return nil }
    guard let names = try? JSONText.decode([String].self, from: text), names.count == count else {
      throw ONNXRefusal(
        found: "a text \(MetadataKey.classes) of something else", expected: "a list of the \(count) classes' names")
    }
    return names
  }
}

/// One path through a graph, from the sequences to the logits, with its constants.
private struct NetworkPath {
  /// What is done before the first recurrent layer, and after the last.
  let front, head: ArraySlice<Signal.Stage>
  let layers: [RecurrentNode]
  let constants: [String: ONNXConstant]

  init(_ signal: Signal, _ reader: GraphReader) throws(ONNXRefusal) {
    func isLayer(_ stage: Signal.Stage) -> Bool { if case .layer = stage { true } else { false } }
    var stages = signal.stages[...]
    while stages.last == .softmax { stages.removeLast() }
    guard let first = stages.firstIndex(where: isLayer), let last = stages.lastIndex(where: isLayer) else {
      throw ONNXRefusal(found: "a graph without LSTM, GRU or RNN", expected: "recurrent layers, of one kind and size")
    }
    constants = reader.constants
    front = stages[..<first]
    head = stages[(last + 1)...]
    var layers: [RecurrentNode] = []
    for stage in stages[first...last] {
      guard case .layer(let index) = stage else {
        throw ONNXRefusal(found: "operators between recurrent layers", expected: "none")
      }
      layers.append(reader.layers[index])
    }
    self.layers = layers
    let arrays = layers.flatMap { [$0.w, $0.r] }
    guard layers.count <= 64, Set(arrays).count == arrays.count else {
      throw ONNXRefusal(
        found: "\(layers.count) recurrent layers, or layers that share weights",
        expected: "at most 64, each with its own")
    }
    guard layers.allSatisfy({ $0.hidden == layers[0].hidden && $0.directions == layers[0].directions }) else {
      throw ONNXRefusal(found: "recurrent layers of several sizes", expected: "of one size and as many directions")
    }
    guard (1...65_536).contains(signal.features), !(front + head).contains(.softmax) else {
      throw ONNXRefusal(found: "\(signal.features) classes, or a softmax before the head", expected: "logits")
    }
    guard signal.directions == 1 || !signal.axes.contains(.step) else {
      throw ONNXRefusal(
        found: "an answer at every step of a bidirectional network, each of the whole sequence",
        expected: "one after the last step")
    }
    for name in arrays + layers.flatMap({ [$0.b, $0.p].compactMap(\.self) }) + (front + head).compactMap(\.constant) {
      guard (constants[name]?.floats ?? []).allSatisfy(\.isFinite) else {
        throw ONNXRefusal(found: "numbers in \(name.quoted) that are not finite", expected: "finite numbers")
      }
    }
  }

  func classifier() throws(ONNXRefusal) -> SequenceClassifier {
    let isCoupled = layers.allSatisfy { $0.isCoupled(constants) }
    let kind = isCoupled ? .coupledLSTM : layers[0].kind
    guard isCoupled || layers.allSatisfy({ $0.kind == kind && !$0.couplesForgetGate }) else {
      throw ONNXRefusal(found: "recurrent layers of several kinds", expected: "of one kind")
    }
    let places = front.firstIndex(where: \.isMatrix) ?? front.endIndex
    let input = places == front.endIndex ? try identity(layers[0].inputs) : try linear(front[places...])
    return SequenceClassifier(
      input: input, layers: layers.map { $0.layer(0, kind, constants) },
      reverseLayers: layers[0].directions == 2 ? layers.map { $0.layer(1, kind, constants) } : [],
      head: try linear(head))
  }

  /// What is done to the features one by one, before the first matrix: x + a, x·a and so on in turn, as (x − mean)·scale.
  func featureScaling() throws(ONNXRefusal) -> FeatureScaling {
    let matrix = front.first { $0.isMatrix }?.constant.flatMap { constants[$0]?.shape[0] }
    let features = matrix ?? layers[0].inputs
    var mean = [Double](repeating: 0, count: features), scale = [Double](repeating: 1, count: features)
    for stage in front.prefix(while: { !$0.isMatrix }) {
      let values = stage.constant.map { vector($0, count: features) } ?? []
      for (index, value) in values.enumerated() {
        switch stage {
        case .shift(_, let isNegative): mean[index] += (isNegative ? value : -value) / scale[index]
        case .factor(_, let isDivisor): scale[index] *= isDivisor ? 1 / value : value
        case .matrix, .layer, .softmax: break
        }
      }
    }
    let scaling = FeatureScaling(mean: mean.map { Float($0) }, scale: scale.map { Float($0) })
    guard (scaling.mean + scaling.scale).allSatisfy(\.isFinite) else {
      throw ONNXRefusal(found: "features that are scaled by zero or without bounds", expected: "finite numbers")
    }
    return scaling
  }

  /// A linear layer: one matrix, and vectors that are added after it.
  private func linear(_ stages: ArraySlice<Signal.Stage>) throws(ONNXRefusal) -> Linear {
    guard case .matrix(let name, let isTransposed) = stages.first, let shape = constants[name]?.shape else {
      throw ONNXRefusal(
        found: "something else in place of a linear layer", expected: "a matrix product, and a bias added")
    }
    let weight = Tensor(constants[name]?.floats ?? [], shape: shape)
    let outputs = shape[isTransposed ? 0 : 1]
    var bias = [Float](repeating: 0, count: outputs)
    for stage in stages.dropFirst() {
      guard case .shift(let name, let isNegative) = stage else {
        throw ONNXRefusal(found: "operators after a linear layer", expected: "a bias added, and no more")
      }
      bias = zip(bias, vector(name, count: outputs)).map { isNegative ? $0 - Float($1) : $0 + Float($1) }
    }
    return Linear(weight: isTransposed ? weight : weight.transposed(), bias: Tensor(bias))
  }

  /// What stands for the input layer of a graph that has none in front of the recurrent layers.
  private func identity(_ size: Int) throws(ONNXRefusal) -> Linear {
    guard size <= Linear.mostFeaturesOfIdentity else {
      throw ONNXRefusal(
        found: "\(size) features without a linear layer", expected: "at most \(Linear.mostFeaturesOfIdentity)")
    }
    return .identity(size)
  }

  /// A constant of one number or `count` of them, as that many.
  private func vector(_ name: String, count: Int) -> [Double] {
    let floats = (constants[name]?.floats ?? []).map { Double($0) }
    return floats.count == 1 ? [Double](repeating: floats[0], count: count) : floats
  }
}

extension Signal.Stage {
  fileprivate var isMatrix: Bool { if case .matrix = self { true } else { false } }

  /// The name of the constant, of those that have one.
  fileprivate var constant: String? {
    switch self {
    case .shift(let name, _), .factor(let name, _), .matrix(let name, _): name
    case .layer, .softmax: nil
    }
  }
}

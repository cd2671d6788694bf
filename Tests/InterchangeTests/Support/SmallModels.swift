import Datasets
import Interchange
import Recurrent
import Tensors
import Training

/// A small network with random weights, biases and factors.
func smallNetwork(
  _ cell: CellKind = .lstm, layers: Int = 1, inputs: Int = 3, hidden: Int = 5, classes: Int = 4,
  bidirectional: Bool = false
) -> SequenceClassifier {
  var random = RandomGenerator(seed: 1)
  var network = SequenceClassifier(
    inputSize: inputs, hiddenSize: hidden, classes: classes, cell: cell, layers: layers, bidirectional: bidirectional,
    layerInitializer: .normal(deviation: 0.5), using: &random)
  for index in network.layers.indices {
    let layer = network.layers[index]
    network.layers[index].bias = Tensor(random.normals(count: layer.bias.count))
    if cell == .irnn {
      // It starts with weights so small that only its bias would count, and half of its units at rest.
      network.layers[index].bias = Tensor(random.uniforms(count: layer.bias.count, in: 0..<1))
      network.layers[index].weightIH = Tensor(
        random.uniforms(count: layer.weightIH.count, in: -0.3..<0.3), shape: layer.weightIH.shape)
    }
    if cell.scales > 0 { network.layers[index].scales = Tensor(random.normals(count: layer.scales.count)) }
  }
  return network
}

/// A small model whose features have a mean and a scale each.
func smallModel(_ network: SequenceClassifier, names: [String]? = nil, temperatures: [Float]? = nil) -> PortableModel {
  let features = (0..<network.inputSize).map(Float.init)
  return PortableModel(
    network: network,
    featureScaling: FeatureScaling(mean: features.map { 100 + 7 * $0 }, scale: features.map { 1 / (40 + $0) }),
    classNames: names ?? (0..<network.classes).map(String.init), temperatures: temperatures)
}

/// Raw features of some steps, [steps][features].
func rawSteps(_ count: Int, of model: PortableModel) -> [[Float]] {
  var random = RandomGenerator(seed: 2)
  return (0..<count).map { _ in random.uniforms(count: model.network.inputSize, in: 0..<256) }
}

extension PortableModel {
  /// What a `Reader` makes of raw steps, [steps][classes], with `network` in the place of the model's own.
  func read(_ steps: [[Float]], by network: SequenceClassifier? = nil) -> [[Float]] {
    let reader = Reader(network ?? self.network, temperatures: temperatures)
    return steps.map { step in
      reader.read(step.indices.map { (step[$0] - featureScaling.mean[$0]) * featureScaling.scale[$0] })
    }
  }
}

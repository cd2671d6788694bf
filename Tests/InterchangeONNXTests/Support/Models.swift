import Datasets
import Recurrent
import Tensors
import Training

/// The cells that ONNX has operators for.
let exportableCells = CellKind.allCases.filter { $0 != .layerNormLSTM }

/// A network whose every parameter is random, so that each has its share in every result.
func randomClassifier(
  _ cell: CellKind, layers: Int = 1, bidirectional: Bool = false, seed: UInt64 = 1
) -> SequenceClassifier {
  var random = RandomGenerator(seed: seed)
  var classifier = SequenceClassifier(
    inputSize: 8, hiddenSize: 5, classes: 3, cell: cell, layers: layers, bidirectional: bidirectional,
    recurrentInitializer: .normal(deviation: 0.3), using: &random)
  func normals(_ tensor: Tensor, _ scale: Float) -> Tensor {
    Tensor(random.normals(count: tensor.count).map { $0 * scale }, shape: tensor.shape)
  }
  classifier.input.bias = normals(classifier.input.bias, 0.5)
  classifier.head.bias = normals(classifier.head.bias, 0.5)
  func randomize(_ layer: inout SequenceLayer) {
    layer.weightIH = normals(layer.weightIH, 0.5)
    layer.bias = normals(layer.bias, 0.3)
    if !layer.scales.isSymbolicZero { layer.scales = normals(layer.scales, 0.5) }
  }
  for index in classifier.layers.indices { randomize(&classifier.layers[index]) }
  for index in classifier.reverseLayers.indices { randomize(&classifier.reverseLayers[index]) }
  return classifier
}

/// Such a network with all that a model file says; calibrated if asked.
func randomModel(
  _ cell: CellKind, layers: Int = 1, bidirectional: Bool = false, seed: UInt64 = 1, calibrated: Bool = true
) -> TrainedModel {
  TrainedModel(
    classifier: randomClassifier(cell, layers: layers, bidirectional: bidirectional, seed: seed),
    classNames: ["—", "|", "\\"], preprocessing: Preprocessing(height: 8, width: 8, scale: 0.01, shift: -0.4),
    dataset: "bars", temperatures: calibrated ? [3, 0.5, 1, 1.5, 2, 0.7, 1, 1.2] : nil)
}

extension SequenceClassifier {
  /// All parameters to the bit, by name.
  var bits: [String: [UInt32]] {
    Dictionary(
      uniqueKeysWithValues: parameterPaths.map { ($0.name, $0.parameter(of: self).floats.map(\.bitPattern)) })
  }
}

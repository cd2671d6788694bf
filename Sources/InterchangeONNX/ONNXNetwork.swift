import Datasets
import Recurrent
import Tensors
import Training

/// What an ONNX file holds of a model.
public struct ONNXNetwork: Sendable {
  /// The network. It reads scaled features, as `featureScaling` makes them.
  public let classifier: SequenceClassifier
  /// What the graph does to raw features before the first layer.
  public let featureScaling: FeatureScaling
  /// The names of the classes, in the order of the logits; `nil` if the file has none.
  public let classNames: [String]?
  /// All texts that travel with the graph.
  public let metadata: [String: String]

  /// The network with the scaling of features made part of its input layer: it reads what the graph reads.
  public var classifierWithScaling: SequenceClassifier {
    let input = classifier.input, features = input.inputSize
    var weight = input.weight.floats
    var bias = input.bias.floats.map { Double($0) }
    for row in bias.indices {
      for feature in 0..<features {
        let place = row * features + feature
        let scaled = Double(weight[place]) * Double(featureScaling.scale[feature])
        weight[place] = Float(scaled)
        bias[row] -= scaled * Double(featureScaling.mean[feature])
      }
    }
    var scaling = classifier
    scaling.input = Linear(
      weight: Tensor(weight, shape: input.weight.shape), bias: Tensor(bias.map { Float($0) }))
    return scaling
  }

  /// The whole model, where the file says all that there is to know of one, as `ONNX.save` writes it.
  ///
  /// - Parameter path: The file's, for errors.
  /// - Returns: The model; `nil` if the file is not Unroll's.
  /// - Throws: `ModelFileError` if what it says is not what its graph has.
  public func model(path: String) throws -> TrainedModel? {
    guard TrainedModel.isDescribed(by: metadata) else { return nil }
    let model = try TrainedModel(arrays: classifier.namedArrays(), metadata: metadata, path: path, on: .cpu)
    guard model.featureScaling == featureScaling else {
      throw ModelFileError.notAModel(
        path: path, found: "a graph that scales features otherwise than its texts say", expected: "the same")
    }
    return model
  }
}

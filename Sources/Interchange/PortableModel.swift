import Datasets
import Recurrent
import Tensors
import Training

/// What of a trained model goes to other tools: the network, and what is done before it and behind it.
public struct PortableModel: Sendable {
  /// The network.
  public var network: SequenceClassifier
  /// What is done to the raw features of a step before the network reads them.
  public var featureScaling: FeatureScaling
  /// The name of each class, in the order of the logits; empty where the network's outputs are numbers, not classes.
  public var classNames: [String]
  /// What the logits after each step are divided by; beyond the last of them it is the last. `nil`: nothing.
  public var temperatures: [Float]?

  /// A model from its parts.
  ///
  /// - Precondition: There is a mean and a scale for each feature that the network reads, a name for each class or none,
  ///   and temperatures are positive.
  public init(
    network: SequenceClassifier, featureScaling: FeatureScaling, classNames: [String], temperatures: [Float]? = nil
  ) {
    precondition(
      featureScaling.mean.count == network.inputSize,
      "\(featureScaling.mean.count) scaled features for a network of \(network.inputSize)")
    precondition(
      classNames.isEmpty || classNames.count == network.classes,
      "\(classNames.count) names for \(network.classes) classes")
    if let temperatures {
      precondition(
        !temperatures.isEmpty && temperatures.allSatisfy { $0 > 0 && $0.isFinite }, "temperatures \(temperatures)")
    }
    self.network = network
    self.featureScaling = featureScaling
    self.classNames = classNames
    self.temperatures = temperatures
  }

  /// What goes to other tools of a model that has been trained. Where it estimates a number, the number's scale becomes a
  /// part of the output layer, so that the network's output is the number itself.
  public init(_ model: TrainedModel) {
    var network = model.classifier
    if case .number(let mean, let deviation) = model.target {
      network.head.weight = network.head.weight.scaled(by: deviation)
      network.head.bias = network.head.bias.scaled(by: deviation) + Tensor(mean, on: network.device)
    }
    self.init(
      network: network, featureScaling: model.featureScaling, classNames: model.classNames,
      temperatures: model.temperatures)
  }

  /// Whether the network's outputs are the logits of classes.
  public var isClassifier: Bool { !classNames.isEmpty }
}

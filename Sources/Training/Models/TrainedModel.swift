import Datasets
import Foundation
import Recurrent
import Tensors

/// A network with all that is needed to use it: what is done to an image or a series before it is read, and what the
/// outputs mean.
public struct TrainedModel: Sendable {
  /// The network.
  public var classifier: SequenceClassifier
  /// What the outputs mean: the name of each class, or a number's scale.
  public var target: SequenceTarget
  /// What sequences are made from, and what is done to that.
  public var input: SequenceInput
  /// The data set that it was trained on: a known name, or the path of a folder or file.
  public var dataset: String
  /// How that file is to be read, where it is one's own; `nil` for images.
  public var source: SeriesSource?
  /// Which sequences of the training set it has not learned from; `nil` if it has from all, or if that is not known.
  public var validation: ValidationSplit?
  /// What the logits after each step are divided by, so that probabilities can be believed: see
  /// `StepAnswers.temperatures()`. `nil`: not known.
  public var temperatures: [Float]?

  /// A model from its parts.
  ///
  /// - Precondition: There is an output for each class or the number, the input gives the features that the network reads,
  ///   and there is a temperature for each step, from 0.001 to 1000.
  public init(
    classifier: SequenceClassifier, target: SequenceTarget, input: SequenceInput, dataset: String,
    source: SeriesSource? = nil, validation: ValidationSplit? = nil, temperatures: [Float]? = nil
  ) {
    precondition(
      target.outputs == classifier.classes && input.features == classifier.inputSize,
      "a classifier of \(classifier.inputSize) features and \(classifier.classes) classes does not fit")
    if let temperatures {
      precondition(
        temperatures.count == input.steps && temperatures.allSatisfy(Self.temperatureRange.contains),
        "temperatures \(temperatures) for \(input.steps) steps")
    }
    self.classifier = classifier
    self.target = target
    self.input = input
    self.dataset = dataset
    self.source = source
    self.validation = validation
    self.temperatures = temperatures
  }

  /// A classifier of images from its parts; otherwise as the other initializer.
  public init(
    classifier: SequenceClassifier, classNames: [String], preprocessing: Preprocessing, dataset: String,
    validation: ValidationSplit? = nil, temperatures: [Float]? = nil
  ) {
    self.init(
      classifier: classifier, target: .classes(classNames), input: .images(preprocessing), dataset: dataset,
      validation: validation, temperatures: temperatures)
  }

  /// The name of each class, in the order of the logits; none where the network answers with a number.
  public var classNames: [String] { target.classNames }

  /// What is done to raw features, such as pixels from 0 to 255, before the network reads them.
  public var featureScaling: FeatureScaling { input.scaling }

  /// What the logits after each of so many steps are divided by: sequences longer than those that were learned from keep the
  /// last temperature. `nil`: not known.
  public func temperatures(steps: Int) -> [Float]? {
    temperatures.map { all in (0..<steps).map { all[min($0, all.count - 1)] } }
  }

  /// Wider than any temperature that is fitted, and narrow enough that logits divided by one stay numbers.
  static let temperatureRange: ClosedRange<Float> = 1e-3...1e3
}

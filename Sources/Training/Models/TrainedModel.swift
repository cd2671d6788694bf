import Datasets
import Foundation
import Recurrent
import Tensors

/// A classifier with all that is needed to use it: what its classes are called, and what is done to an image before it
/// is read.
public struct TrainedModel: Sendable {
  /// The network.
  public var classifier: SequenceClassifier
  /// The name of each class, in the order of the logits.
  public var classNames: [String]
  /// What is done to an image before the network reads it.
  public var preprocessing: Preprocessing
  /// The data set that it was trained on: a known name, or a folder's path.
  public var dataset: String
  /// Which sequences of the training set it has not learned from; `nil` if it has from all, or if that is not known.
  public var validation: ValidationSplit?
  /// What the logits after each step are divided by, so that probabilities can be believed: see
  /// `StepAnswers.temperatures()`. `nil`: not known.
  public var temperatures: [Float]?

  /// A model from its parts.
  ///
  /// - Precondition: There is a name for each class, the preprocessing gives the features that the network reads, and
  ///   there is a temperature for each step, from 0.001 to 1000.
  public init(
    classifier: SequenceClassifier, classNames: [String], preprocessing: Preprocessing, dataset: String,
    validation: ValidationSplit? = nil, temperatures: [Float]? = nil
  ) {
    precondition(
      classNames.count == classifier.classes && preprocessing.layout.features == classifier.inputSize,
      "a classifier of \(classifier.inputSize) features and \(classifier.classes) classes does not fit")
    if let temperatures {
      precondition(
        temperatures.count == preprocessing.layout.steps && temperatures.allSatisfy(Self.temperatureRange.contains),
        "temperatures \(temperatures) for \(preprocessing.layout.steps) steps")
    }
    self.classifier = classifier
    self.classNames = classNames
    self.preprocessing = preprocessing
    self.dataset = dataset
    self.validation = validation
    self.temperatures = temperatures
  }

  /// Wider than any temperature that is fitted, and narrow enough that logits divided by one stay numbers.
  static let temperatureRange: ClosedRange<Float> = 1e-3...1e3
}

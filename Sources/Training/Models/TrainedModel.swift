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

  /// A model from its parts.
  ///
  /// - Precondition: There is a name for each class, and the preprocessing gives the features that the network reads.
  public init(classifier: SequenceClassifier, classNames: [String], preprocessing: Preprocessing, dataset: String) {
    precondition(
      classNames.count == classifier.classes && preprocessing.layout.features == classifier.inputSize,
      "a classifier of \(classifier.inputSize) features and \(classifier.classes) classes does not fit")
    self.classifier = classifier
    self.classNames = classNames
    self.preprocessing = preprocessing
    self.dataset = dataset
  }
}

import Unroll

/// The data of a training run: both parts, ready to be read by a network.
struct RunData {
  /// A known name, or the absolute path of a folder or file.
  let dataset: String
  /// How the files are read, where they are series.
  let source: SeriesSource?
  /// How an image or a series becomes a sequence.
  let input: SequenceInput
  /// What each sequence is to be answered with.
  let target: SequenceTarget
  /// What the network learns from.
  let train: SequenceData
  /// What it is examined on.
  let test: SequenceData

  /// The name of each class.
  var classNames: [String] { target.classNames }

  /// A network that was trained on them, with what a file says about it.
  func model(_ network: SequenceClassifier, trainedBy plan: TrainingPlan) -> TrainedModel {
    TrainedModel(
      classifier: network, target: target, input: input, dataset: dataset, source: source,
      validation: plan.validationCount > 0 ? plan.validation(of: train.count) : nil)
  }
}

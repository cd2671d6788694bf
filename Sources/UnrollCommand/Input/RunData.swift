import Foundation
import Unroll

/// The data of a training run: both parts, ready to be read by a network.
///
/// The test set is read now, before time is spent on training, so that a file that is missing or does not fit is told at
/// once. The network sees it only when it is trained.
struct RunData {
  /// A known name, or a folder's absolute path.
  let dataset: String
  /// The name of each class.
  let classNames: [String]
  /// How an image becomes a sequence.
  let preprocessing: Preprocessing
  /// What the network learns from.
  let train: SequenceData
  /// What it is examined on.
  let test: SequenceData

  /// Reads a data set by its name or path, from `folder` instead of the cache if given. It must suit `model`; where there
  /// is none yet, the training set says what is suitable, and images are read as `view`.
  ///
  /// - Throws: `DatasetError` or `InputError`.
  init(
    _ dataset: String, from folder: String?, for model: TrainedModel? = nil, as view: SequenceView = .rows,
    showsProgress: Bool, on device: Device
  ) throws {
    let source = try DatasetStore().open(dataset, data: folder, showsProgress: showsProgress)
    let test = try source.load(.test)
    let train = try source.load(.train)
    let classNames = model?.classNames ?? train.classes
    let preprocessing =
      model?.preprocessing ?? Preprocessing(view: view, height: train.images.height, width: train.images.width)
    for split in [train, test] { try split.check(suits: preprocessing, classCount: classNames.count) }
    self.dataset = dataset
    self.classNames = classNames
    self.preprocessing = preprocessing
    self.train = SequenceData(train.images, preprocessing, on: device)
    self.test = SequenceData(test.images, preprocessing, on: device)
  }

  /// A network that was trained on them, with what a file says about it.
  func model(_ network: SequenceClassifier, trainedBy plan: TrainingPlan) -> TrainedModel {
    TrainedModel(
      classifier: network, classNames: classNames, preprocessing: preprocessing, dataset: dataset,
      validation: plan.validationCount > 0 ? plan.validation(of: train.count) : nil)
  }
}

/// The data set to begin with: a known name, or a folder by a path that is good in any working directory; MNIST if none was
/// given.
func chosenDataset(_ given: String?) -> String { given.map(absoluteDataset) ?? "mnist" }

private func absoluteDataset(_ name: String) -> String {
  DatasetStore().knows(name) || !isFolder(name) ? name : URL(fileURLWithPath: name).standardizedFileURL.path
}

/// - Throws: `UsageError` if a data set was given and it is another than `begun`.
func checkDataset(_ given: String?, agreesWith begun: String) throws(UsageError) {
  if let given = given.map(absoluteDataset), given != begun {
    throw UsageError(contradiction: "the data set \(given)", begun: begun)
  }
}

import Unroll

/// What a model loses by weights of fewer bits, on its test set.
enum RoundingCost {
  /// Accuracies after each number of steps.
  case measured(before: [StepAccuracy], after: [StepAccuracy], stepNames: String)
  /// Why there are none.
  case unknown(String)

  /// Compares a model with itself after rounding, on the test set in `folder`, or the one that it was made for. Nothing is
  /// fetched.
  ///
  /// - Throws: `DatasetError` or `InputError` if the test set is damaged or does not suit, or is not in the folder that was
  ///   given.
  init(of model: TrainedModel, rounded: SequenceClassifier, data folder: String?) throws {
    let split: ImageSplit
    do throws(DatasetError) {
      guard let found = try findTestSet(model.dataset, from: folder) else {
        self = .unknown("the data set \(model.dataset) is not on this machine (unroll data fetch \(model.dataset))")
        return
      }
      split = found
    } catch {
      guard case .missing(let reason) = error, folder == nil else { throw error }
      self = .unknown(reason)
      return
    }
    try split.check(suits: model.preprocessing, classCount: model.classNames.count)
    let test = SequenceData(split.images, model.preprocessing, on: model.classifier.device)
    self = .measured(
      before: model.classifier.accuracyBySteps(test, truncation: .end),
      after: rounded.accuracyBySteps(test, truncation: .end), stepNames: model.preprocessing.view.stepNames)
  }
}

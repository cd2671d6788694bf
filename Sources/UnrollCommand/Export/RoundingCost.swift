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
    guard case .classes = model.target else {
      self = .unknown("accuracy is measured of classifiers, and this model estimates a number")
      return
    }
    guard let preprocessing = model.input.images else {
      do {
        let test = try ModelData(of: model, from: folder).test(on: model.classifier.device)
        self.init(of: model, rounded: rounded, on: test)
      } catch InputError.missing(let reason) where folder == nil {
        self = .unknown(reason)
      }
      return
    }
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
    try split.check(suits: preprocessing, classCount: model.classNames.count)
    self.init(
      of: model, rounded: rounded, on: SequenceData(split.images, preprocessing, on: model.classifier.device))
  }

  private init(of model: TrainedModel, rounded: SequenceClassifier, on test: SequenceData) {
    self = .measured(
      before: model.classifier.accuracyBySteps(test, truncation: .end),
      after: rounded.accuracyBySteps(test, truncation: .end), stepNames: model.input.stepNames)
  }
}

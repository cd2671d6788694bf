import Foundation
import Unroll

/// A data set that was read and that no network has seen yet.
///
/// The test set is read now, before time is spent on training, so that a file that is missing or does not fit is told at
/// once. The network sees it only when it is trained.
struct OpenedData {
  /// A known name, or the absolute path of a folder or file.
  let name: String
  private let parts: Parts

  private enum Parts {
    case images(train: ImageSplit, test: ImageSplit)
    case series(SeriesDataset, SeriesSource)
  }

  /// Reads images by a data set's name or path, from `folder` instead of the cache if given.
  ///
  /// - Throws: `DatasetError`.
  init(images name: String, from folder: String?, showsProgress: Bool) throws(DatasetError) {
    let source = try DatasetStore().open(name, data: folder, showsProgress: showsProgress)
    let test = try source.load(.test)
    parts = .images(train: try source.load(.train), test: test)
    self.name = name
  }

  /// Reads series.
  ///
  /// - Throws: `DatasetError`.
  init(series source: SeriesSource, name: String) throws(DatasetError) {
    parts = .series(try source.load(), source)
    self.name = name
  }

  /// What a training plan has to know of the data, of which images are read as `view`.
  func shape(readAs view: SequenceView) -> DataShape {
    switch parts {
    case .images(let train, _):
      DataShape(
        sequences: train.images.count, steps: view.layout(height: train.images.height, width: train.images.width).steps,
        asksForNumber: false)
    case .series(let data, let source):
      DataShape(
        sequences: data.train.count, steps: data.train.lengths.max() ?? 1, asksForNumber: source.asksForNumber)
    }
  }

  /// The data as a new network is to read them: images by a view; series normalized by what `plan` learns from.
  ///
  /// - Throws: `InputError.unfit` if the parts do not fit each other, or values are missing that must not be.
  func prepared(
    as view: SequenceView, plan: TrainingPlan, on device: Device
  ) throws -> RunData {
    switch parts {
    case .images(let train, _):
      let preprocessing = Preprocessing(view: view, height: train.images.height, width: train.images.width)
      return try prepared(input: .images(preprocessing), target: .classes(train.classes), on: device)
    case .series(let data, let source):
      let split = plan.validation(of: data.train.count)
      guard plan.validationCount < data.train.count else {
        throw TrainingError.tooFewSequences(count: data.train.count, validation: plan.validationCount)
      }
      let rows = split.rows(labels: data.trainingLabels).training
      let preprocessing = SeriesPreprocessing(
        fitting: data.train, rows: rows, normalizes: source.normalizes, missing: source.missing)
      return try prepared(input: .series(preprocessing), target: data.target(learnedFrom: rows), on: device)
    }
  }

  /// The data as a network reads them that was made before.
  ///
  /// - Throws: `InputError.unfit` if they are not for it.
  func prepared(input: SequenceInput, target: SequenceTarget, on device: Device) throws -> RunData {
    switch (parts, input) {
    case (.images(let train, let test), .images(let preprocessing)):
      for split in [train, test] { try split.check(suits: preprocessing, classCount: target.outputs) }
      return RunData(
        dataset: name, source: nil, input: input, target: target,
        train: SequenceData(train.images, preprocessing, on: device),
        test: SequenceData(test.images, preprocessing, on: device))
    case (.series(let data, let source), .series(let preprocessing)):
      try data.train.check(suits: preprocessing, target, of: source.train)
      try data.test.check(suits: preprocessing, target, of: source.test ?? source.train)
      return RunData(
        dataset: name, source: source, input: input, target: target,
        train: SequenceData(data.train, preprocessing, target: target, on: device),
        test: SequenceData(data.test, preprocessing, target: target, on: device))
    case (.images, .series): throw InputError.unfit("\(name): images, but the model reads series of numbers")
    case (.series, .images): throw InputError.unfit("\(name): series of numbers, but the model reads images")
    }
  }

  /// What is to be said before training: how much is missing, and what stands in for it.
  var note: String? {
    guard case .series(let data, let source) = parts else { return nil }
    let count = data.train.missingCount + data.test.missingCount
    guard count > 0, source.missing != .refuse else { return nil }
    let total = data.train.values.count + data.test.values.count
    let standIn =
      source.missing == .carry
      ? "in place of each stands the last value before it, or the mean" : "in place of each stands the feature's mean"
    return "\(name): \(grouped(count)) of \(grouped(total)) values are missing; \(standIn) (--missing)"
  }
}

/// What a training plan has to know of the data that it is for.
struct DataShape {
  /// The number of training sequences.
  let sequences: Int
  /// Steps of the longest.
  let steps: Int
  /// Whether each is to be answered with a number, and not with a class.
  let asksForNumber: Bool
}

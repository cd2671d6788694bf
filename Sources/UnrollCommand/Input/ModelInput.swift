import Foundation
import Unroll

/// Reads the model that a command was given: a run folder or a .safetensors file.
func loadModel(_ path: String, on device: Device = .cpu) throws -> TrainedModel {
  guard isFolder(path) else { return try TrainedModel(contentsOf: URL(fileURLWithPath: path), on: device) }
  let folder = RunFolder(path: path)
  do {
    return try TrainedModel(contentsOf: folder.model, on: device)
  } catch let error as FileError where error.reason == .system(ENOENT) {
    throw InputError.missing(
      FileManager.default.fileExists(atPath: folder.checkpoint.path)
        ? "\(path): this run is not finished; go on with it (unroll train --resume), or name its checkpoint.safetensors"
        : "\(path): holds no model.safetensors; name a run folder or a .safetensors file")
  }
}

/// What the model that a command was given is called: as its file or folder is, and by the run folder where it is that
/// folder's model, for those files all have one name.
func modelName(_ path: String) -> String {
  let file = URL(fileURLWithPath: path).standardizedFileURL, folder = file.deletingLastPathComponent()
  let isModelOfRun = !isFolder(path) && file.lastPathComponent == RunFolder(path: folder.path).model.lastPathComponent
  return (isModelOfRun ? folder : file).lastPathComponent
}

/// The data set of a model, as the command line says where it is. Nothing is read until it is asked for.
struct ModelData {
  private let model: TrainedModel
  private let place: String?
  private let test: String?
  private let showsProgress: Bool

  /// The data that `model` was trained on.
  ///
  /// - Parameters:
  ///   - model: What is to read it.
  ///   - place: Where the data set is, instead of the cache or the place where it was: a folder, or the file with the
  ///     training sequences.
  ///   - test: For series, another file with the test sequences.
  ///   - showsProgress: Whether fetching says so.
  init(of model: TrainedModel, from place: String?, test: String? = nil, showsProgress: Bool = true) {
    self.model = model
    self.place = place
    self.test = test
    self.showsProgress = showsProgress
  }

  /// Both parts, to train on.
  func opened() throws -> OpenedData {
    if let source = try source() { return try OpenedData(series: source, name: model.dataset) }
    return try OpenedData(images: model.dataset, from: place, showsProgress: showsProgress)
  }

  /// The test sequences, for the model to read.
  ///
  /// - Throws: `DatasetError`, or `InputError` if there are none, or others than the model reads.
  func test(on device: Device = .cpu) throws -> SequenceData { try part(.test, on: device) }

  /// The training sequences, for the model to read.
  ///
  /// - Throws: As `test(on:)`; `InputError.unfit` too if others were set apart in training than these can be.
  func train(on device: Device = .cpu) throws -> SequenceData {
    let data = try part(.train, on: device)
    if let split = model.validation { try split.check(suits: data.count, of: place ?? model.dataset) }
    return data
  }

  private func part(_ split: Split, on device: Device) throws -> SequenceData {
    switch model.input {
    case .images(let preprocessing):
      if let test { throw UsageError(description: "--test \(test): for series; this model reads images") }
      return SequenceData(try images(split), preprocessing, on: device)
    case .series(let preprocessing):
      return SequenceData(try series(split), preprocessing, target: model.target, on: device)
    }
  }

  /// A part of the data set of a model that reads series.
  func series(_ split: Split) throws -> LabeledSequences {
    guard let source = try source(), let preprocessing = model.input.series else {
      throw InputError.unfit("\(model.dataset): the model does not say how its series are read")
    }
    let sequences = try source.load(split, classes: model.classNames)
    try sequences.check(
      suits: preprocessing, model.target, of: split == .train ? source.train : source.test ?? source.train)
    return sequences
  }

  /// A part of the data set of a model that reads images.
  func images(_ split: Split) throws -> LabeledImages {
    let store = DatasetStore()
    func open() throws -> DatasetSource {
      if store.knows(model.dataset) { return try store.open(model.dataset, data: place, showsProgress: showsProgress) }
      guard place != nil || isFolder(model.dataset) else {
        throw InputError.missing(
          "\(model.dataset): the folder with the model's data set is not there; name one with --data")
      }
      return try store.open(place ?? model.dataset)
    }
    guard let preprocessing = model.input.images else {
      throw InputError.unfit("\(model.dataset): the model reads series of numbers, and not images")
    }
    let images = try open().load(split)
    try images.check(suits: preprocessing, classCount: model.classNames.count)
    return images.images
  }

  /// Where the series are, if the model reads any.
  private func source() throws -> SeriesSource? {
    guard var source = model.source else { return nil }
    if let place {
      let found = try SeriesSource(at: absolutePath(place))
      (source.train, source.test) = (found.train, found.test)
    }
    if let test { source.test = absolutePath(test) }
    for file in [source.train, source.test].compactMap(\.self) where !FileManager.default.fileExists(atPath: file) {
      let remedy =
        file == source.train ? "name it with --data" : "name one with --test, or the training file with --data"
      throw InputError.missing("\(file): the file with the model's data is not there; \(remedy)")
    }
    return source
  }
}

/// Whether files of a run may tell of the data that a command has read: a run's files tell of its own data set, and not of
/// whatever `--data` or `--test` names.
func isOwnData(of model: TrainedModel, from folder: String?, test: String? = nil) -> Bool {
  (folder == nil || DatasetStore().knows(model.dataset)) && test == nil
}

extension DatasetStore {
  /// Whether a data set has this name, and so always the same images.
  func knows(_ name: String) -> Bool { known.contains { $0.name == name } }
}

extension ImageSplit {
  /// Checks that a network can read the images.
  ///
  /// - Throws: `InputError.unfit` if they have another size, or there are more classes.
  func check(suits preprocessing: Preprocessing, classCount: Int) throws(InputError) {
    try preprocessing.check(height: images.height, width: images.width, of: name)
    if let label = images.labels.max(), Int(label) >= classCount {
      throw .unfit("\(name): label \(label), but the model knows only \(classCount) classes, from 0")
    }
  }
}

extension ValidationSplit {
  /// Checks that it can be that of a training set of `count` images.
  ///
  /// - Throws: `InputError.unfit`, which calls the images `name`.
  func check(suits count: Int, of name: String) throws(InputError) {
    guard total == count else {
      throw .unfit(
        """
        \(name): \(count) training images, but the model had \(self.count) set apart of \(total); give the data set that it \
        was trained on
        """)
    }
  }
}

extension Preprocessing {
  /// Checks that images have the size that is read.
  ///
  /// - Throws: `InputError.unfit`, which calls the images `name`.
  func check(height: Int, width: Int, of name: String) throws(InputError) {
    guard (height, width) == (self.height, self.width) else {
      throw .unfit("\(name): images of \(height)×\(width) pixels, but the model reads \(self.height)×\(self.width)")
    }
  }
}

extension LabeledSequences {
  /// Checks that a network can read and answer the sequences.
  ///
  /// - Throws: `InputError.unfit`, which calls them `name`.
  func check(
    suits preprocessing: SeriesPreprocessing, _ target: SequenceTarget, of name: String
  ) throws(InputError) {
    try checkFeatures(suit: preprocessing, of: name)
    try checkClasses(suit: target, of: name)
  }

  /// Checks that a network knows all of their classes.
  ///
  /// - Throws: `InputError.unfit`, which calls the sequences `name` and ends with `advice`.
  func checkClasses(suit target: SequenceTarget, of name: String, advice: String = "") throws(InputError) {
    guard case .labels(let labels) = targets,
      let strange = labels.first(where: { !target.classNames.contains($0) })
    else { return }
    throw .unfit(
      "\(name): class \(strange), but the model knows only \(target.classNames.joined(separator: ", "))\(advice)")
  }

  /// Checks that a network can read the sequences, whatever they are to be answered with.
  ///
  /// - Throws: `InputError.unfit`, which calls them `name`.
  func checkFeatures(suit preprocessing: SeriesPreprocessing, of name: String) throws(InputError) {
    guard features == preprocessing.features else {
      throw .unfit("\(name): \(features) features at each step, but the model reads \(preprocessing.features)")
    }
    if preprocessing.missing == .refuse, missingCount > 0 {
      throw .unfit(
        """
        \(name): \(missingCount) of \(values.count) values are missing, which --missing refuse does not allow; fill them in, \
        or choose another way with --missing
        """)
    }
  }
}

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

/// Finds the data set for a model: in `folder` if given, else the one that the model was trained on.
func openDataset(for model: TrainedModel, from folder: String?) throws -> DatasetSource {
  let store = DatasetStore()
  if store.knows(model.dataset) { return try store.open(model.dataset, data: folder, showsProgress: true) }
  guard folder != nil || isFolder(model.dataset) else {
    throw InputError.missing(
      "\(model.dataset): the folder with the model's data set is not there; name one with --data")
  }
  return try store.open(folder ?? model.dataset)
}

/// Reads the test set for a model, as `openDataset` finds it.
func loadTestSet(for model: TrainedModel, from folder: String?) throws -> LabeledImages {
  try loadImages(.test, for: model, of: openDataset(for: model, from: folder))
}

/// Reads a part of a data set for a model.
func loadImages(_ split: Split, for model: TrainedModel, of source: DatasetSource) throws -> LabeledImages {
  let images = try source.load(split)
  try images.check(suits: model.preprocessing, classCount: model.classNames.count)
  return images.images
}

/// Whether files of a run may tell of the data that a command has read: a run's files tell of its own data set, and not of
/// whatever `--data` names.
func isOwnData(of model: TrainedModel, from folder: String?) -> Bool {
  folder == nil || DatasetStore().knows(model.dataset)
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

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

/// Reads the test set for a model: from `folder` if given, else the data set that the model was trained on.
func loadTestSet(for model: TrainedModel, from folder: String?) throws -> LabeledImages {
  let store = DatasetStore()
  let split: ImageSplit
  if store.knows(model.dataset) {
    split = try store.load(model.dataset, .test, data: folder, showsProgress: true)
  } else if folder == nil && !isFolder(model.dataset) {
    throw InputError.missing(
      "\(model.dataset): the folder with the model's data set is not there; name one with --data")
  } else {
    split = try store.load(folder ?? model.dataset, .test)
  }
  try split.check(suits: model.preprocessing, classCount: model.classNames.count)
  return split.images
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

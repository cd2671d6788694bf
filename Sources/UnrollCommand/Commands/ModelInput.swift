import Foundation
import Unroll

/// Reads the model that a command was given: a run folder or a .safetensors file.
func loadModel(_ path: String, on device: Device) throws -> TrainedModel {
  var isFolder: ObjCBool = false
  let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
  if exists && isFolder.boolValue {
    return try TrainedModel(contentsOf: RunFolder(path: path).model, on: device)
  }
  return try TrainedModel(contentsOf: URL(fileURLWithPath: path), on: device)
}

/// Reads the test set for a model: from `folder` if given, else the data set that the model was trained on.
func loadTestSet(for model: TrainedModel, from folder: String?) throws -> LabeledImages {
  let store = DatasetStore()
  let isKnown = store.known.contains { $0.name == model.dataset }
  let split =
    if let folder, !isKnown {
      try store.load(folder, .test)
    } else {
      try store.load(model.dataset, .test, data: folder, showsProgress: true)
    }
  try check(split.images, against: model, named: split.name)
  return split.images
}

private func check(_ images: LabeledImages, against model: TrainedModel, named name: String) throws {
  let image = model.preprocessing
  guard images.height == image.height, images.width == image.width else {
    throw InputError(
      description: """
        \(name): images of \(images.height)×\(images.width) pixels, but the model reads \(image.height)×\(image.width)
        """)
  }
  if let label = images.labels.max(), Int(label) >= model.classNames.count {
    throw InputError(
      description: "\(name): label \(label), but the model knows only \(model.classNames.count) classes, from 0")
  }
}

import Foundation
import Unroll

/// Finds the pixels of the images that the command line names. The test set is read only if a number asks for it.
struct ImageSource {
  let model: TrainedModel
  private let preprocessing: Preprocessing
  private let data: String?
  private var testSet: LabeledImages?
  private var idxFiles: [String: IDXArray] = [:]

  init(model: TrainedModel, _ preprocessing: Preprocessing, data: String?) {
    self.model = model
    self.preprocessing = preprocessing
    self.data = data
  }

  /// Bytes of the model's image size.
  mutating func pixels(of name: String) throws -> [UInt8] {
    let image = preprocessing
    if let index = Int(name) {
      let images = try testImages()
      return try item(index, of: images.pixels, count: images.count, named: "the test set")
    }
    if let mark = name.lastIndex(of: "#"), let index = Int(name[name.index(after: mark)...]) {
      let path = String(name[..<mark])
      let file = try idxFiles[path] ?? IDXArray(contentsOf: path, rank: 3)
      idxFiles[path] = file
      try image.check(height: file.dimensions[1], width: file.dimensions[2], of: path)
      return try item(index, of: file.bytes, count: file.dimensions[0], named: path)
    }
    if SeriesSource.isIDX(name) {
      throw InputError.unfit("\(name): an IDX file, which holds many images; name one of them, such as \(name)#0")
    }
    return try GrayImage(contentsOf: name).preparedLikeMNIST(height: image.height, width: image.width)
  }

  /// The class of an image, where the data set tells it: of those of the test set.
  mutating func label(of name: String) throws -> UInt8? {
    guard let index = Int(name) else { return nil }
    let labels = try testImages().labels
    return labels.indices.contains(index) ? labels[index] : nil
  }

  private mutating func testImages() throws -> LabeledImages {
    let images = try testSet ?? ModelData(of: model, from: data).images(.test)
    testSet = images
    return images
  }

  private func item(_ index: Int, of pixels: [UInt8], count: Int, named name: String) throws -> [UInt8] {
    guard (0..<count).contains(index) else {
      throw InputError.unfit("image \(index) of \(name): there are \(count), numbered from 0")
    }
    let size = preprocessing.height * preprocessing.width
    return Array(pixels[index * size..<(index + 1) * size])
  }
}

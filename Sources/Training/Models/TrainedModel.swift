import Datasets
import Foundation
import Recurrent
import Tensors

/// A classifier with all that is needed to use it: what its classes are called, and what is done to an image before it
/// is read.
public struct TrainedModel: Sendable {
  /// The network.
  public var classifier: SequenceClassifier
  /// The name of each class, in the order of the logits.
  public var classNames: [String]
  /// What is done to an image before the network reads it.
  public var preprocessing: Preprocessing
  /// The data set that it was trained on: a known name, or a folder's path.
  public var dataset: String

  /// A model from its parts.
  ///
  /// - Precondition: There is a name for each class, and the preprocessing gives the features that the network reads.
  public init(classifier: SequenceClassifier, classNames: [String], preprocessing: Preprocessing, dataset: String) {
    precondition(
      classNames.count == classifier.classes && preprocessing.layout.features == classifier.inputSize,
      "a classifier of \(classifier.inputSize) features and \(classifier.classes) classes does not fit")
    self.classifier = classifier
    self.classNames = classNames
    self.preprocessing = preprocessing
    self.dataset = dataset
  }
}

/// A model file that is not what it should be. Its description is one line.
public enum ModelFileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A safetensors file without what Unroll writes into its metadata.
  case notAModel(path: String, found: String, expected: String)
  /// Arrays that are missing, unexpected or of another shape; each named with what was found and expected.
  case wrongArrays(path: String, problems: [String])

  public var description: String {
    switch self {
    case .notAModel(let path, let found, let expected):
      "\(path): not a model of Unroll: found \(found), expected \(expected)"
    case .wrongArrays(let path, let problems):
      "\(path): \(problems.joined(separator: "; "))"
    }
  }
}

// MARK: - Files

extension TrainedModel {
  /// What a model file's metadata says besides the arrays.
  struct Description: Codable {
    var architecture = "sequence-classifier"
    var inputSize, layerSize, hiddenSize: Int
    var classNames: [String]
    var preprocessing: Preprocessing
    var dataset: String
  }

  static let formatKey = "unroll.format"
  static let format = "model-1"
  static let descriptionKey = "unroll.model"

  /// Writes the model as one safetensors file that loads by itself: arrays by PyTorch's names and in its layout, the
  /// rest in the metadata.
  ///
  /// - Throws: `FileError` if the file cannot be written; an earlier file is left whole then.
  public func save(to url: URL) throws {
    try Safetensors.save(arrays: namedArrays(), metadata: try metadata(), to: url)
  }

  /// Reads a model file.
  ///
  /// - Parameters:
  ///   - url: A file that `save(to:)` wrote, or a checkpoint.
  ///   - device: Where to put the parameters.
  /// - Throws: `FileError` if it cannot be read, `SafetensorsError` if it is damaged, `ModelFileError` if it holds
  ///   something else.
  public init(contentsOf url: URL, on device: Device = .cpu) throws {
    let (arrays, metadata) = try Safetensors.loadArrays(from: url)
    try self.init(arrays: arrays, metadata: metadata, path: url.path, on: device)
  }

  func metadata() throws -> [String: String] {
    let description = Description(
      inputSize: classifier.inputSize, layerSize: classifier.input.outputSize, hiddenSize: classifier.hiddenSize,
      classNames: classNames, preprocessing: preprocessing, dataset: dataset)
    return [
      Self.formatKey: Self.format, Self.descriptionKey: try JSONText.encode(description),
      "unroll.version": unrollVersion,
    ]
  }

  init(arrays: [String: SafetensorsArray], metadata: [String: String], path: String, on device: Device) throws {
    guard let format = metadata[Self.formatKey], let text = metadata[Self.descriptionKey] else {
      throw ModelFileError.notAModel(
        path: path, found: "no \(Self.formatKey) in its metadata", expected: "a file that unroll train has written")
    }
    guard format == Self.format else {
      throw ModelFileError.notAModel(path: path, found: "format \(format)", expected: Self.format)
    }
    let description = try Self.description(from: text, path: path)
    var random = RandomGenerator(seed: 0)
    var classifier = SequenceClassifier(
      layers: description, initializer: .zeros, using: &random, on: device)
    try classifier.load(arrays, path: path, on: device)
    self.init(
      classifier: classifier, classNames: description.classNames, preprocessing: description.preprocessing,
      dataset: description.dataset)
  }

  /// Reads and checks what the metadata says, before anything is allocated for it.
  private static func description(from text: String, path: String) throws -> Description {
    guard let description = try? JSONText.decode(Description.self, from: text) else {
      throw ModelFileError.notAModel(
        path: path, found: "a \(descriptionKey) that is not a model's description", expected: "sizes, classes, image")
    }
    let image = description.preprocessing
    let sizes = [description.inputSize, description.layerSize, description.hiddenSize, image.height, image.width]
    guard sizes.allSatisfy({ (1...65_536).contains($0) }), (1...65_536).contains(description.classNames.count) else {
      throw ModelFileError.notAModel(path: path, found: "sizes \(sizes)", expected: "each from 1 to 65536")
    }
    guard image.layout.features == description.inputSize, image.scale.isFinite, image.shift.isFinite else {
      throw ModelFileError.notAModel(
        path: path, found: "\(image.view.rawValue) of \(image.height)×\(image.width) pixels",
        expected: "\(description.inputSize) features in each step")
    }
    guard description.architecture == "sequence-classifier" else {
      throw ModelFileError.notAModel(
        path: path, found: "architecture \(description.architecture)", expected: "sequence-classifier")
    }
    return description
  }

  /// The parameters by their names in files.
  func namedArrays() -> [String: SafetensorsArray] { classifier.namedArrays() }
}

extension SequenceClassifier {
  fileprivate init(
    layers: TrainedModel.Description, initializer: Initializer, using random: inout RandomGenerator, on device: Device
  ) {
    self.init(
      input: Linear(
        inputSize: layers.inputSize, outputSize: layers.layerSize, weightInitializer: initializer, using: &random,
        on: device),
      lstm: LSTM(
        inputSize: layers.layerSize, hiddenSize: layers.hiddenSize, inputInitializer: initializer,
        recurrentInitializer: initializer, using: &random, on: device),
      head: Linear(
        inputSize: layers.hiddenSize, outputSize: layers.classNames.count, weightInitializer: initializer,
        using: &random, on: device))
  }

  /// The parameters by PyTorch's names. PyTorch has two biases where one is enough; the second is zero.
  func namedArrays() -> [String: SafetensorsArray] {
    var arrays: [String: SafetensorsArray] = [:]
    for path in Self.parameterPaths {
      let parameter = path.parameter(of: self)
      arrays[path.name] = SafetensorsArray(shape: parameter.shape, floats: parameter.floats)
      if let second = Self.secondBias(of: path.name) {
        arrays[second] = SafetensorsArray(
          shape: parameter.shape, floats: [Float](repeating: 0, count: parameter.count))
      }
    }
    return arrays
  }

  /// Sets all parameters from arrays by PyTorch's names; the two biases of an LSTM are added.
  mutating func load(_ arrays: [String: SafetensorsArray], path file: String, on device: Device) throws {
    var unused = Set(arrays.keys)
    var problems: [String] = []
    var loaded: [Tensor] = []
    func take(_ name: String, _ shape: [Int]) throws -> [Float]? {
      unused.remove(name)
      guard let array = arrays[name] else {
        problems.append("\(name) is missing, expected shape \(shape)")
        return nil
      }
      guard array.shape == shape else {
        problems.append("\(name) has shape \(array.shape), expected \(shape)")
        return nil
      }
      let values = try array.floats()
      if !values.allSatisfy(\.isFinite) { problems.append("\(name) holds numbers that are not finite") }
      return values
    }
    for path in Self.parameterPaths {
      let shape = path.parameter(of: self).shape
      guard var values = try take(path.name, shape) else { continue }
      if let second = Self.secondBias(of: path.name), let more = try take(second, shape) {
        for index in values.indices { values[index] += more[index] }
      }
      loaded.append(Tensor(values, shape: shape, on: device))
    }
    problems += unused.sorted().map { "\($0) is unexpected" }
    guard problems.isEmpty else { throw ModelFileError.wrongArrays(path: file, problems: problems) }
    for (path, tensor) in zip(Self.parameterPaths, loaded) { path.withParameter(of: &self) { $0 = tensor } }
  }

  private static func secondBias(of name: String) -> String? {
    name.hasSuffix(".bias_ih_l0") ? name.replacing(".bias_ih_l0", with: ".bias_hh_l0") : nil
  }
}

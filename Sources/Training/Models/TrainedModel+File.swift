import Datasets
import Foundation
import Recurrent
import Tensors

extension TrainedModel {
  /// What a model file's metadata says besides the arrays.
  struct Description: Codable {
    var architecture = SequenceClassifier.architecture
    var layers: SequenceClassifier.LayerSizes
    var classNames: [String]
    var preprocessing: Preprocessing
    var dataset: String
    /// Not in files of models that learned from all sequences, nor in those of earlier versions.
    var validation: ValidationSplit?
    var temperatures: [Float]?

    enum CodingKeys: String, CodingKey {
      case architecture, layers, preprocessing, dataset, validation, temperatures
      case classNames = "classes"
    }
  }

  private static let formatKey = "unroll.format"
  private static let format = "model-1"
  private static let descriptionKey = "unroll.model"
  private static let mostPixels = 1 << 24
  private static let mostPixelsOfASide = 1 << 13

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
    let (parameters, _) = Checkpoint.separate(arrays, metadata)
    try self.init(arrays: parameters, metadata: metadata, path: url.path, on: device)
  }

  /// What the file says besides the arrays.
  package func metadata() throws -> [String: String] {
    let description = Description(
      layers: SequenceClassifier.LayerSizes(of: classifier), classNames: classNames, preprocessing: preprocessing,
      dataset: dataset, validation: validation, temperatures: temperatures)
    return [
      Self.formatKey: Self.format, Self.descriptionKey: try JSONText.encode(description),
      "unroll.version": unrollVersion,
    ]
  }

  /// Whether a file's metadata says what a model file's does.
  package static func isDescribed(by metadata: [String: String]) -> Bool { metadata[descriptionKey] != nil }

  /// A model from what a file holds; errors name `path`.
  package init(arrays: [String: SafetensorsArray], metadata: [String: String], path: String, on device: Device) throws {
    guard let format = metadata[Self.formatKey], let text = metadata[Self.descriptionKey] else {
      throw ModelFileError.notAModel(
        path: path, found: "no \(Self.formatKey) in its metadata", expected: "a file that unroll train has written")
    }
    guard format == Self.format else {
      throw ModelFileError.notAModel(path: path, found: "format \(format)", expected: Self.format)
    }
    let description = try Self.description(from: text, path: path)
    let source = NamedArrays(arrays, path: path)
    self.init(
      classifier: try SequenceClassifier(description.layers, from: source, on: device),
      classNames: description.classNames, preprocessing: description.preprocessing, dataset: description.dataset,
      validation: description.validation, temperatures: description.temperatures)
  }

  /// Reads and checks what the metadata says, before anything is allocated for it.
  private static func description(from text: String, path: String) throws -> Description {
    func refusal(found: String, expected: String) -> ModelFileError {
      ModelFileError.notAModel(path: path, found: found, expected: expected)
    }
    let description: Description
    do {
      description = try JSONText.decode(Description.self, from: text)
    } catch {
      let problem = (error as? DecodingError).map { ": \($0.problem)" } ?? ""
      throw refusal(
        found: "a \(descriptionKey) that is not a model's description\(problem)",
        expected: "layers with sizes, cell and precision; classes; preprocessing")
    }
    guard description.architecture == SequenceClassifier.architecture else {
      throw refusal(found: "architecture \(description.architecture)", expected: SequenceClassifier.architecture)
    }
    let layers = description.layers, image = description.preprocessing
    guard (1...64).contains(layers.count) else {
      throw refusal(found: "\(layers.count) recurrent layers", expected: "from 1 to 64")
    }
    let sizes = [layers.inputs, layers.width, layers.hidden, layers.classes, image.height, image.width]
    guard sizes.allSatisfy({ (1...65_536).contains($0) }) else {
      throw refusal(found: "sizes \(sizes)", expected: "each from 1 to 65536")
    }
    guard description.classNames.count == layers.classes else {
      throw refusal(found: "\(description.classNames.count) names of classes", expected: "\(layers.classes)")
    }
    // Some views list every pixel: not before it is known that there are not billions.
    guard image.height * image.width <= mostPixels, max(image.height, image.width) <= mostPixelsOfASide else {
      throw refusal(
        found: "images of \(image.height)×\(image.width) pixels",
        expected: "at most \(mostPixels) pixels, and \(mostPixelsOfASide) in a row or column")
    }
    guard image.layout.features == layers.inputs, image.scale.isFinite, image.shift.isFinite else {
      throw refusal(
        found: "\(image.view.rawValue) of \(image.height)×\(image.width) pixels",
        expected: "\(layers.inputs) features in each step")
    }
    if let validation = description.validation {
      let count = validation.count, most = Int(Int32.max)
      guard (0...most).contains(count) else {
        throw refusal(found: "\(count) sequences set apart for validation", expected: "from 0 to \(most)")
      }
      let total = validation.total
      guard (count + 1...most + 1).contains(total) else {
        throw refusal(
          found: "\(count) of \(total) sequences set apart for validation", expected: "of \(count + 1) to \(most + 1)")
      }
    }
    if let temperatures = description.temperatures {
      guard temperatures.count == image.layout.steps else {
        throw refusal(found: "\(temperatures.count) temperatures", expected: "\(image.layout.steps), one for each step")
      }
      if let wrong = temperatures.first(where: { !temperatureRange.contains($0) }) {
        throw refusal(
          found: "a temperature of \(wrong)",
          expected: "from \(temperatureRange.lowerBound) to \(temperatureRange.upperBound)")
      }
    }
    return description
  }

  /// The parameters by their names in files.
  func namedArrays() -> [String: SafetensorsArray] { classifier.namedArrays() }
}

extension DecodingError {
  /// Which key it is about, and what is wrong with it; for example "layers.cell is missing".
  fileprivate var problem: String {
    func name(_ keys: [any CodingKey]) -> String { keys.map(\.stringValue).joined(separator: ".") }
    switch self {
    case .keyNotFound(let key, let context): return "\(name(context.codingPath + [key])) is missing"
    case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context):
      return context.codingPath.isEmpty ? "not JSON" : "\(name(context.codingPath)) has a value that is not understood"
    @unknown default: return "not understood"
    }
  }
}

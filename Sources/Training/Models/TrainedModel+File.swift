import Datasets
import Foundation
import Recurrent
import Tensors

extension TrainedModel {
  private static let formatKey = "unroll.format"
  private static let format = "model-1"
  private static let descriptionKey = "unroll.model"

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
    return [
      Self.formatKey: Self.format, Self.descriptionKey: try JSONText.encode(Description(of: self)),
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
    let description: Description
    do {
      description = try JSONText.decode(Description.self, from: text)
    } catch {
      let problem = (error as? DecodingError).map { ": \($0.problem)" } ?? ""
      throw ModelFileError.notAModel(
        path: path, found: "a \(Self.descriptionKey) that is not a model's description\(problem)",
        expected: "layers with sizes, cell and precision; classes; preprocessing")
    }
    let input: SequenceInput, target: SequenceTarget
    do {
      try description.checkSizes()
      target = try description.target()
      input = try description.input()
      try description.checkTemperatures(steps: input.steps)
    } catch {
      throw ModelFileError.notAModel(path: path, found: error.found, expected: error.expected)
    }
    let source = NamedArrays(arrays, path: path)
    self.init(
      classifier: try SequenceClassifier(description.layers, from: source, on: device), target: target, input: input,
      dataset: description.dataset, source: description.source, validation: description.validation,
      temperatures: description.temperatures)
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

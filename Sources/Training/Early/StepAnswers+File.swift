import Datasets
import Foundation

/// Answers in a file: the logits alone, for whose they are, the data set tells.
extension StepAnswers {
  /// Writes a safetensors file with the array `logits`, as a whole or not at all.
  ///
  /// - Throws: `FileError` if it cannot be written.
  public func save(to url: URL) throws {
    try Safetensors.save(
      arrays: [Self.name: SafetensorsArray(shape: [count, steps, classes], floats: logits)], to: url)
  }

  /// Reads the answers to the sequences of `data`.
  ///
  /// - Parameters:
  ///   - url: What `save(to:)` has written.
  ///   - data: The sequences, as they were when it did.
  ///   - classes: The number of classes.
  /// - Throws: `FileError` if the file cannot be read, `SafetensorsError` if it is damaged, `ModelFileError` if it holds
  ///   the answers to other sequences.
  public init(contentsOf url: URL, to data: SequenceData, classes: Int) throws {
    func wrong(_ problem: String) -> ModelFileError { .wrongArrays(path: url.path, problems: [problem]) }
    let expected = "expected F32 \([data.count, data.steps, classes])"
    guard let array = try Safetensors.loadArrays(from: url).arrays[Self.name] else {
      throw wrong("no array \(Self.name); \(expected)")
    }
    guard array.dtype == .f32, array.shape == [data.count, data.steps, classes] else {
      throw wrong("\(Self.name): found \(array.dtype.rawValue) \(array.shape); \(expected), as the training set has it")
    }
    let logits = try array.floats()
    guard logits.allSatisfy(\.isFinite) else { throw wrong("\(Self.name): not all of its numbers are finite") }
    self.init(
      logits: logits, labels: data.labels, steps: data.steps, lengths: data.lengths, classes: classes)
  }

  private static let name = "logits"
}

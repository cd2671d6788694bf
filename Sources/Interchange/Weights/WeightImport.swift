import Foundation
import Recurrent
import Tensors
import Training

/// A network made of another tool's weights.
public struct ImportedWeights: Sendable {
  /// The network. Its logits are those of the other tool, but for rounding.
  public let classifier: SequenceClassifier
  /// What was read, and what was done to it, a sentence each: element types that were rounded, what stands for an input
  /// layer or for biases that are not there.
  public let notes: [String]

  /// Reads weights from a safetensors file. Layers are found by their arrays' names and shapes where they are not
  /// named.
  ///
  /// A network without an input layer gets one that is the identity, which is exact. Both of PyTorch's biases are
  /// added; layers without any have biases of zero. Elements of F16, BF16 and F64 become F32.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - format: Whose weights they are.
  ///   - cell: The cell; needed where it cannot be seen, as tanh from relu in a plain network.
  ///   - names: What the layers are called.
  ///   - device: Where to put the parameters.
  /// - Throws: `FileError` if the file cannot be read, `SafetensorsError` if it is damaged, `WeightFileError` if there
  ///   are other layers than expected, `ModelFileError` with every array that is missing, unexpected or of another
  ///   shape.
  /// - Precondition: `cell` is `nil`, `lstm`, `gru`, `rnn` or `irnn`.
  public init(
    contentsOf url: URL, format: WeightFormat, cell: CellKind? = nil, names: WeightNames = WeightNames(),
    on device: Device = .cpu
  ) throws {
    try self.init(
      arrays: Safetensors.loadArrays(from: url).arrays, path: url.path, format: format, cell: cell, names: names,
      on: device)
  }

  /// Reads weights from what a file holds; errors name `path`, and otherwise as
  /// `init(contentsOf:format:cell:names:on:)`.
  package init(
    arrays: [String: SafetensorsArray], path: String, format: WeightFormat, cell: CellKind?, names: WeightNames,
    on device: Device
  ) throws {
    precondition(cell.map(WeightFormat.cells.contains) ?? true, "\(format.layout.tool) has no \(cell?.rawValue ?? "")")
    let found: FoundLayers
    do throws(WeightProblem) {
      found = try FoundLayers(in: arrays.mapValues(\.shape), format.layout, cell: cell, names: names)
    } catch {
      throw WeightFileError.unreadable(path: path, problem: error.text)
    }
    var source = NamedArrays(arrays, path: path)
    source.check(found.expected)
    try source.finish()
    classifier = found.classifier(source, on: device)
    notes = found.notes + Self.roundings(arrays)
  }

  /// What becomes of the element types that are not Unroll's.
  private static func roundings(_ arrays: [String: SafetensorsArray]) -> [String] {
    let others = Dictionary(grouping: arrays.filter { $0.value.dtype != .f32 }, by: \.value.dtype)
    return others.sorted { $0.key.rawValue < $1.key.rawValue }.map { dtype, arrays in
      let names = arrays.map(\.key).sorted(), count = arrays.count == 1 ? "" : " and \(arrays.count - 1) more"
      return "\(names[0])\(count): \(dtype.rawValue) became F32\(dtype == .f64 ? ", rounded" : "")"
    }
  }
}

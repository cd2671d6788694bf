import Foundation
import Interchange
import Recurrent
import Tensors
import TestSupport
import Testing
import Training

/// Weights that PyTorch, Keras and MLX have written themselves, with the logits that they give: two layers, in both
/// directions where the tool has that. `Tests/Interop` has the scripts.
@Suite("Weights of other tools")
struct WeightFixtureTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func fixture(_ format: WeightFormat, _ cell: CellKind) -> (weights: URL, answers: URL) {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures/weights/\(format.rawValue)")
    let name = "\(cell.rawValue)-2\(format == .mlx ? "" : "-bidirectional")"
    return (folder.appending(path: "\(name).safetensors"), folder.appending(path: "\(name).answers.safetensors"))
  }

  @Test(arguments: WeightFormat.allCases, WeightFormat.cells)
  func theLogitsAreThoseOfTheOtherTool(format: WeightFormat, cell: CellKind) throws {
    let (weights, answers) = fixture(format, cell)
    let expected = try Answers(contentsOf: answers)
    let imported = try ImportedWeights(contentsOf: weights, format: format, cell: cell)
    let network = imported.classifier
    #expect(network.cell == cell && network.layers.count == 2 && network.isBidirectional == (format != .mlx))
    #expect(network.inputSize == 5 && network.input.outputSize == 6 && network.hiddenSize == 4 && network.classes == 3)
    #expect(try largestDifference(network(expected.sequences).floats, expected.logits) < 2e-6)
    #expect(imported.notes.count == 1, "nothing stands for anything: \(imported.notes)")
  }

  /// What is written has the tool's own names and shapes, and its weights to the bit; biases may be added.
  @Test(arguments: WeightFormat.allCases, WeightFormat.cells)
  func whatIsWrittenIsWhatTheToolHad(format: WeightFormat, cell: CellKind) throws {
    let (weights, answers) = fixture(format, cell)
    let network = try ImportedWeights(contentsOf: weights, format: format, cell: cell).classifier
    let file = folder.url.appending(path: "exported.safetensors")
    try smallModel(network).exportWeights(to: file, format: format)
    // Keras' names begin with the model's: "sequential_3/recurrent_0/…", or that of the layer around two directions.
    let own = try Safetensors.loadArrays(from: weights).arrays.map { name, array in
      let parts = name.split(separator: "/").suffix(name.contains("_cell/") ? 3 : 2)
      return (parts.joined(separator: "/"), array)
    }
    let original = Dictionary(uniqueKeysWithValues: own), exported = try Safetensors.loadArrays(from: file).arrays
    #expect(exported.mapValues(\.shape) == original.mapValues(\.shape))
    for (name, array) in exported where array.shape.count == 2 && !name.hasSuffix("bias") {
      #expect(array == original[name], "\(name)")
    }
    let again = try ImportedWeights(contentsOf: file, format: format, cell: cell).classifier
    let sequences = try Answers(contentsOf: answers).sequences
    #expect(again(sequences).floats == network(sequences).floats)
  }
}

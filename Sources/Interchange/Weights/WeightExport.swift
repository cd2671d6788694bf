import Foundation
import Recurrent
import Tensors
import Training

extension PortableModel {
  /// Writes the network's weights as a safetensors file that another tool loads; its logits are then the same, but for
  /// rounding.
  ///
  /// The metadata, which loading passes over, says what the classes are called (`classes`, a JSON list) and what is
  /// done to raw features before the network reads them (`features`, JSON: (x − mean)·scale).
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - format: Whose names and layout.
  ///   - names: What the layers are called there.
  ///   - foldsInput: Whether the input layer is multiplied into the first recurrent layer's weights, for a module
  ///     without one. Exact but for rounding.
  /// - Throws: `WeightFileError` if the tool has nothing like the model, or there are names for another number of
  ///   layers; `FileError` if the file cannot be written.
  public func exportWeights(
    to url: URL, format: WeightFormat, names: WeightNames = WeightNames(), foldsInput: Bool = false
  ) throws {
    let arrays: [String: SafetensorsArray]
    do throws(WeightProblem) {
      arrays = try network.arrays(format.layout, names: names, foldsInput: foldsInput)
    } catch {
      throw WeightFileError.notInFormat("\(format.layout.tool): \(error.text)")
    }
    let metadata = [
      // What PyTorch's and MLX's own tools write there.
      "format": format == .pytorch ? "pt" : format.rawValue, "unroll.version": unrollVersion,
      "classes": try JSONText.encode(classNames), "features": try JSONText.encode(featureScaling),
    ]
    try Safetensors.save(arrays: arrays, metadata: metadata, to: url)
  }
}

extension SequenceClassifier {
  /// The parameters as another tool has them.
  fileprivate func arrays(
    _ layout: any WeightLayout, names: WeightNames, foldsInput: Bool
  ) throws(WeightProblem) -> [String: SafetensorsArray] {
    guard WeightFormat.cells.contains(cell) else {
      let cells = WeightFormat.cells.map(\.rawValue).joined(separator: ", ")
      throw WeightProblem(text: "the model's cell is \(cell.rawValue), expected one that it has too: \(cells)")
    }
    let directions = isBidirectional ? 2 : 1
    let places = try layout.places(count: layers.count, directions: directions, cell: cell, named: names.recurrent)
    var arrays: [String: SafetensorsArray] = [:]
    func add(_ name: String, _ shape: [Int], _ floats: [Float]) throws(WeightProblem) {
      let earlier = arrays.updateValue(SafetensorsArray(shape: shape, floats: floats), forKey: name)
      guard earlier == nil else {
        throw WeightProblem(text: "two layers have an array called \(name); give each a name")
      }
    }
    func add(_ layer: Linear, _ name: String) throws(WeightProblem) {
      let weight = layout.isTransposed ? layer.weight.transposed() : layer.weight
      try add("\(name)\(layout.separator)\(layout.linearWeight)", weight.shape, weight.floats)
      try add("\(name)\(layout.separator)bias", layer.bias.shape, layer.bias.floats)
    }
    if !foldsInput { try add(input, names.input ?? "input") }
    try add(head, names.head ?? "head")
    for (direction, stack) in [layers, reverseLayers].enumerated() {
      for (index, layer) in stack.enumerated() {
        let place = places[index][direction], layer = foldsInput && index == 0 ? layer.folding(input) : layer
        let values = layout.write(cell, inputs: layer.inputSize, hidden: hiddenSize, layer.arrays)
        for part in layout.parts(cell, inputs: layer.inputSize, hidden: hiddenSize) {
          try add(place.name(part.name), part.shape, values[part.name] ?? [])
        }
      }
    }
    return arrays
  }
}

extension SequenceLayer {
  /// The layer as PyTorch lays it out.
  fileprivate var arrays: LayerArrays {
    let (biasIH, biasHH) = twoBiases
    return LayerArrays(weightIH: weightIH.floats, weightHH: weightHH.floats, biasIH: biasIH, biasHH: biasHH)
  }
}

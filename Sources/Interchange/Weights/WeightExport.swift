import Foundation
import Recurrent
import Tensors
import Training

extension TrainedModel {
  /// Writes the network's weights as a safetensors file that another tool loads; its logits are then the same, but for
  /// rounding.
  ///
  /// The metadata, which loading passes over, says what the classes are called (`classes`, a JSON list) and what is done to
  /// raw features before the network reads them (`features`, JSON: (x − mean)·scale).
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - format: Whose names and layout.
  ///   - names: What the layers are called there.
  ///   - foldsInput: Whether the input layer is multiplied into the first recurrent layer's weights, for a module without
  ///     one. Exact but for rounding.
  /// - Throws: `WeightFileError` if the tool has nothing like the model, or there are names for another number of layers;
  ///   `FileError` if the file cannot be written.
  public func exportWeights(
    to url: URL, format: WeightFormat, names: WeightNames = WeightNames(), foldsInput: Bool = false
  ) throws {
    let arrays: [String: SafetensorsArray]
    do throws(WeightProblem) {
      arrays = try classifier.arrays(format.layout, names: names, foldsInput: foldsInput)
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
    func add(_ layer: Linear, _ name: String) {
      let place = LayerPlace(before: "\(name)\(layout.separator)"), weight = layer.weight
      let laidOut = layout.isTransposed ? weight.transposed() : weight
      arrays[place.name(layout.linearWeight)] = SafetensorsArray(shape: laidOut.shape, floats: laidOut.floats)
      arrays[place.name("bias")] = SafetensorsArray(shape: [layer.outputSize], floats: layer.bias.floats)
    }
    if !foldsInput { add(input, names.input ?? "input") }
    add(head, names.head ?? "head")
    for (direction, stack) in [layers, reverseLayers].enumerated() {
      for (index, layer) in stack.enumerated() {
        let place = places[index][direction], isFolded = foldsInput && index == 0
        let inputs = isFolded ? inputSize : layer.inputSize
        let values = layout.write(
          cell, inputs: inputs, hidden: hiddenSize, isFolded ? layer.arrays.folding(input) : layer.arrays)
        for part in layout.parts(cell, inputs: inputs, hidden: hiddenSize) {
          arrays[place.name(part.name)] = SafetensorsArray(shape: part.shape, floats: values[part.name] ?? [])
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

extension LayerArrays {
  /// The same layer with a linear one in front: W_x·(W·x + b) + b_ih = (W_x·W)·x + (W_x·b + b_ih). Summed in double
  /// precision, so that each number is rounded once.
  fileprivate func folding(_ input: Linear) -> LayerArrays {
    let weight = input.weight.floats.map(Double.init), bias = input.bias.floats.map(Double.init)
    let (features, width, rows) = (input.inputSize, input.outputSize, biasIH.count)
    var folded = self
    folded.weightIH = []
    folded.weightIH.reserveCapacity(rows * features)
    for row in 0..<rows {
      let ofRow = weightIH[row * width..<(row + 1) * width].map(Double.init)
      var sums = [Double](repeating: 0, count: features), sum = Double(biasIH[row])
      for (index, factor) in ofRow.enumerated() {
        sum += factor * bias[index]
        for feature in 0..<features { sums[feature] += factor * weight[index * features + feature] }
      }
      folded.weightIH += sums.map(Float.init)
      folded.biasIH[row] = Float(sum)
    }
    return folded
  }
}

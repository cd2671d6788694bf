import Recurrent
import Tensors

extension SequenceClassifier {
  /// What a model file calls this network.
  static let architecture = "sequence-classifier"

  /// What decides the shapes of all parameters.
  struct LayerSizes: Codable {
    /// Features of a step.
    let inputs: Int
    /// Width of the input layer.
    let width: Int
    /// Kind and number of the recurrent layers, and the size of their state.
    let cell: CellKind
    let count, hidden: Int
    /// Whether there are as many that read in the other direction. Not in files of networks without them.
    let bidirectional: Bool?
    /// What their products are computed in.
    let precision: Precision
    /// The number of classes.
    let classes: Int

    enum CodingKeys: String, CodingKey {
      case inputs, width, cell, hidden, bidirectional, precision, classes
      case count = "layers"
    }

    init(of model: SequenceClassifier) {
      inputs = model.inputSize
      width = model.input.outputSize
      cell = model.cell
      count = model.layers.count
      hidden = model.hiddenSize
      bidirectional = model.isBidirectional ? true : nil
      precision = model.precision
      classes = model.classes
    }

    /// Whether a layer reads in the other direction, for each one of a pair.
    fileprivate var directions: [Bool] { bidirectional ?? false ? [false, true] : [false] }

    /// The shape of each array in a file, by PyTorch's names.
    fileprivate var shapes: [(name: String, shape: [Int])] {
      var shapes = [("input.weight", [width, inputs]), ("input.bias", [width])]
      let rows = cell.gates * hidden, above = directions.count * hidden
      for index in 0..<count {
        for reversed in directions {
          let names = LayerNames(cell, index, reversed: reversed)
          shapes.append((names.weightIH, [rows, index == 0 ? width : above]))
          shapes.append((names.weightHH, [rows, hidden]))
          shapes.append((names.biasIH, [rows]))
          shapes.append((names.biasHH, [rows]))
          if cell.cellBiases > 0 { shapes.append((names.biasCell, [cell.cellBiases * hidden])) }
          if cell.scales > 0 { shapes.append((names.scale, [cell.scales * hidden])) }
        }
      }
      return shapes + [("head.weight", [classes, above]), ("head.bias", [classes])]
    }
  }

  /// PyTorch's names for the arrays of one recurrent layer; what PyTorch has not, factors that act unit by
  /// unit and a bias of the cell state, is called in the same way.
  private struct LayerNames {
    let weightIH, weightHH, biasIH, biasHH, biasCell, scale: String

    init(_ cell: CellKind, _ index: Int, reversed: Bool) {
      let layer = "l\(index)\(reversed ? "_reverse" : "")"
      weightIH = "\(cell.identifier).weight_ih_\(layer)"
      weightHH = "\(cell.identifier).weight_hh_\(layer)"
      biasIH = "\(cell.identifier).bias_ih_\(layer)"
      biasHH = "\(cell.identifier).bias_hh_\(layer)"
      biasCell = "\(cell.identifier).bias_c_\(layer)"
      scale = "\(cell.identifier).scale_\(layer)"
    }
  }

  /// The parameters by PyTorch's names.
  package func namedArrays() -> [String: SafetensorsArray] {
    var arrays: [String: SafetensorsArray] = [:]
    for path in parameterPaths {
      let parameter = path.parameter(of: self)
      arrays[path.name] = SafetensorsArray(shape: parameter.shape, floats: parameter.floats)
    }
    let rows = cell.gates * hiddenSize
    let indexed = layers.enumerated().map { ($0, false, $1) } + reverseLayers.enumerated().map { ($0, true, $1) }
    for (index, reversed, layer) in indexed {
      let names = LayerNames(cell, index, reversed: reversed), cellBiases = cell.cellBiases * hiddenSize
      let (ofInput, ofHidden) = layer.twoBiases
      arrays[names.biasIH] = SafetensorsArray(shape: [rows], floats: ofInput)
      arrays[names.biasHH] = SafetensorsArray(shape: [rows], floats: ofHidden)
      if cellBiases > 0 {
        arrays[names.biasCell] = SafetensorsArray(shape: [cellBiases], floats: layer.bias.floats.suffix(cellBiases))
      }
    }
    return arrays
  }

  /// A network from arrays by PyTorch's names; the two biases of a recurrent layer are added where they are one here. All
  /// arrays are checked before memory is taken for any parameter. A device without the model's precision gets it in single
  /// precision.
  ///
  /// - Throws: `ModelFileError.wrongArrays`, with everything that is wrong.
  init(_ sizes: LayerSizes, from source: NamedArrays, on device: Device) throws(ModelFileError) {
    let shapes = Dictionary(uniqueKeysWithValues: sizes.shapes)
    var source = source
    source.check(sizes.shapes)
    try source.finish()
    let precision = device.supports(sizes.precision) ? sizes.precision : .fp32
    func tensor(_ name: String) -> Tensor { Tensor(source.floats(name), shape: shapes[name] ?? [], on: device) }
    func stack(reversed: Bool) -> [SequenceLayer] {
      (0..<sizes.count).map { index in
        let names = LayerNames(sizes.cell, index, reversed: reversed)
        return SequenceLayer(
          sizes.cell, weightIH: tensor(names.weightIH), weightHH: tensor(names.weightHH),
          biasIH: source.floats(names.biasIH), biasHH: source.floats(names.biasHH),
          biasCell: source.floats(names.biasCell), scales: sizes.cell.scales == 0 ? .zero : tensor(names.scale),
          precision: precision)
      }
    }
    self.init(
      input: Linear(weight: tensor("input.weight"), bias: tensor("input.bias")), layers: stack(reversed: false),
      reverseLayers: sizes.directions.contains(true) ? stack(reversed: true) : [],
      head: Linear(weight: tensor("head.weight"), bias: tensor("head.bias")))
  }
}

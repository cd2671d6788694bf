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
    /// Size of the LSTM's state.
    let hidden: Int
    /// The number of classes.
    let classes: Int

    init(of model: SequenceClassifier) {
      inputs = model.inputSize
      width = model.input.outputSize
      hidden = model.hiddenSize
      classes = model.classes
    }

    /// The shape of each array in a file, by PyTorch's names. An LSTM's two biases are one parameter here.
    fileprivate var shapes: [(name: String, shape: [Int])] {
      let gates = 4 * hidden
      return [
        ("input.weight", [width, inputs]), ("input.bias", [width]),
        ("lstm.weight_ih_l0", [gates, width]), ("lstm.weight_hh_l0", [gates, hidden]),
        (firstBias, [gates]), (secondBias, [gates]),
        ("head.weight", [classes, hidden]), ("head.bias", [classes]),
      ]
    }
  }

  private static let firstBias = "lstm.bias_ih_l0"
  private static let secondBias = "lstm.bias_hh_l0"

  /// The parameters by PyTorch's names. PyTorch has two biases where one is enough; the second is zero.
  func namedArrays() -> [String: SafetensorsArray] {
    var arrays: [String: SafetensorsArray] = [:]
    for path in Self.parameterPaths {
      let parameter = path.parameter(of: self)
      arrays[path.name] = SafetensorsArray(shape: parameter.shape, floats: parameter.floats)
    }
    let bias = lstm.bias
    arrays[Self.secondBias] = SafetensorsArray(
      shape: bias.shape, floats: [Float](repeating: 0, count: bias.count))
    return arrays
  }

  /// A network from arrays by PyTorch's names; the two biases of the LSTM are added. All arrays are checked before
  /// memory is taken for any parameter.
  ///
  /// - Throws: `ModelFileError.wrongArrays`, with everything that is wrong.
  init(_ sizes: LayerSizes, from source: NamedArrays, on device: Device) throws(ModelFileError) {
    let shapes = Dictionary(uniqueKeysWithValues: sizes.shapes)
    var source = source
    source.check(sizes.shapes)
    try source.finish()
    func tensor(_ name: String) -> Tensor { Tensor(source.floats(name), shape: shapes[name] ?? [], on: device) }
    self.init(
      input: Linear(weight: tensor("input.weight"), bias: tensor("input.bias")),
      lstm: LSTM(
        weightIH: tensor("lstm.weight_ih_l0"), weightHH: tensor("lstm.weight_hh_l0"),
        bias: tensor(Self.firstBias) + tensor(Self.secondBias)),
      head: Linear(weight: tensor("head.weight"), bias: tensor("head.bias")))
  }
}

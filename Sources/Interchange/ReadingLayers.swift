import Recurrent
import Tensors

/// A network in the layers that a stream goes through, as `Reader` has them: the input layer is folded into the first
/// recurrent layer where that takes fewer multiply-adds.
struct ReadingLayers {
  /// Where it is not folded.
  var input: Linear?
  var layers: [SequenceLayer]
  var head: Linear

  /// - Throws: `ExportError.bidirectional`, or `ExportError.notFinite` if a number is none.
  init(of network: SequenceClassifier) throws(ExportError) {
    guard !network.isBidirectional else { throw .bidirectional }
    (input, layers) = network.layersForReading()
    head = network.head
    for (name, tensor) in named where !tensor.floats.allSatisfy(\.isFinite) { throw .notFinite(name) }
  }

  /// All numbers, each with what an error calls it.
  private var named: [(String, Tensor)] {
    let linear = [("the input layer", input), ("the head", head)].flatMap { name, layer in
      [layer?.weight, layer?.bias].compactMap { $0 }.map { (name, $0) }
    }
    let recurrent = layers.enumerated().flatMap { index, layer in
      [layer.weightIH, layer.weightHH, layer.bias, layer.scales].map { ("recurrent layer \(index + 1)", $0) }
    }
    return linear + recurrent
  }

  /// The matrices as 8 bits leave them, in single precision; biases and factors stay as they are.
  var rounded: ReadingLayers {
    var result = self
    func rounded(_ matrix: Tensor) -> Tensor { QuantizedMatrix(rounding: matrix).tensor(on: matrix.device) }
    result.input = input.map { Linear(weight: rounded($0.weight), bias: $0.bias) }
    result.layers = layers.map { layer in
      SequenceLayer(
        layer.kind, weightIH: rounded(layer.weightIH), weightHH: rounded(layer.weightHH), bias: layer.bias,
        scales: layer.scales)
    }
    result.head = Linear(weight: rounded(head.weight), bias: head.bias)
    return result
  }

  /// The same as a network again, to the bit. One without an input layer gets one that changes nothing. Where a bias was
  /// folded in that belongs to what is normalized, that layer hands on a 1 besides, and the bias is its weights.
  var network: SequenceClassifier {
    if let input { return SequenceClassifier(input: input, layers: layers, head: head, foldsInput: false) }
    let first = layers[0], device = head.weight.device
    let (rows, columns) = (first.weightIH.shape[0], first.inputSize)
    let bias = first.bias.floats, ownCount = first.kind.biases * first.hiddenSize, folded = Array(bias[ownCount...])
    let width = columns + (folded.isEmpty ? 0 : 1), weights = first.weightIH.floats
    let handedOn = (0..<width * columns).map { $0 / columns == $0 % columns ? 1 : 0 as Float }
    let ones = (0..<width).map { $0 < columns ? 0 : 1 as Float }
    let augmented = (0..<rows).flatMap { row in
      weights[row * columns..<(row + 1) * columns] + (folded.isEmpty ? [] : [folded[row]])
    }
    let layer = SequenceLayer(
      first.kind, weightIH: Tensor(augmented, shape: [rows, width], on: device), weightHH: first.weightHH,
      bias: Tensor(Array(bias[..<ownCount]), on: device), scales: first.scales, precision: first.precision)
    return SequenceClassifier(
      input: Linear(
        weight: Tensor(handedOn, shape: [width, columns], on: device), bias: Tensor(ones, on: device)),
      layers: [layer] + layers.dropFirst(), head: head, foldsInput: false)
  }
}

extension PortableModel {
  /// The network that computes with what 8 bits leave of its matrices, as a C program with `Weights.int8` does: to be
  /// evaluated in its place. It computes in single precision.
  ///
  /// - Throws: `ExportError`, as the C program's initializer.
  public func roundedToInt8() throws(ExportError) -> SequenceClassifier {
    try ReadingLayers(of: network).rounded.network
  }
}

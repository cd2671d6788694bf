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

  /// The same as a network again. One without an input layer gets one that changes nothing, to the bit.
  var network: SequenceClassifier {
    let size = layers[0].inputSize, device = head.weight.device
    let identity = (0..<size * size).map { $0 / size == $0 % size ? 1 : 0 as Float }
    let input =
      input ?? Linear(weight: Tensor(identity, shape: [size, size], on: device), bias: .zeros([size], on: device))
    return SequenceClassifier(input: input, layers: layers, head: head, foldsInput: false)
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

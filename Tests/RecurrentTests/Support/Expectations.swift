import OpCases
import Recurrent
import Tensors
import Testing

/// Expects a tensor's shape to be that of `expected`, and its relative L2 error to be within `tolerance`; the symbolic
/// zero stands for zeros.
func expect(
  _ actual: Tensor, isCloseTo expected: FixtureTensor, within tolerance: Double, _ name: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  if !actual.isSymbolicZero {
    #expect(actual.shape == expected.shape, "\(name)", sourceLocation: sourceLocation)
  }
  let floats = actual.isSymbolicZero ? [Float](repeating: 0, count: expected.values.count) : actual.floats
  let error = relativeError(of: floats, to: expected.values)
  #expect(error <= tolerance, "\(name)", sourceLocation: sourceLocation)
}

/// The same against another tensor.
func expect(
  _ actual: Tensor, isCloseTo expected: Tensor, within tolerance: Double, _ name: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let expected = FixtureTensor(shape: expected.shape, values: expected.floats.map(Double.init))
  expect(actual, isCloseTo: expected, within: tolerance, name, sourceLocation: sourceLocation)
}

/// The bits of a tensor's elements.
func bits(_ tensor: Tensor) -> [UInt32] { tensor.floats.map(\.bitPattern) }

/// Normal numbers as a tensor, drawn from `random`.
func normals(_ shape: [Int], scale: Float = 1, using random: inout RandomGenerator, on device: Device = .cpu) -> Tensor
{
  Tensor(random.normals(count: shape.reduce(1, *)).map { $0 * scale }, shape: shape, on: device)
}

/// What the parameters of one of several layers are called in files, but for the number of the layer.
func namesInLayers(of cell: CellKind) -> [String] {
  ["weight_ih", "weight_hh", "bias_ih"] + (cell.scales > 0 ? ["scale"] : [])
}

extension SequenceLayer {
  /// Gives biases and, where the cell has any, scales random values, so that they have their share in every result.
  mutating func setBiasAndScales(using random: inout RandomGenerator) {
    bias = normals(bias.shape, scale: 0.3, using: &random)
    if !scales.isSymbolicZero { scales = normals(scales.shape, scale: 0.5, using: &random) }
  }
}

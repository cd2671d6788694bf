import Tensors
import _Differentiation

/// A static network, for contrast: fully connected layers with rectified linear units between them, which take in all steps
/// of a sequence at once (Rumelhart, Hinton & Williams 1986).
///
///     var random = RandomGenerator(seed: 1)
///     let model = MultilayerPerceptron(sizes: [28 * 28, 128, 128, 10], using: &random)
///     let logits = model(images)  // [batch, 28, 28] → [batch, 10]
///
/// It has no state and no order of steps: it answers once, when everything is there.
public struct MultilayerPerceptron: Differentiable, Sendable {
  /// From the sequence to the class logits.
  public var layers: [Linear]

  /// A network with random weights: Glorot's uniform distribution, biases of 0.
  ///
  /// - Parameters:
  ///   - sizes: Features of a whole sequence, the units of each hidden layer, and classes; at least two numbers.
  ///   - random: Where the values come from.
  ///   - device: Where the parameters are put.
  public init(sizes: [Int], using random: inout RandomGenerator, on device: Device = .cpu) {
    precondition(sizes.count >= 2, "a perceptron of sizes \(sizes): at least features and classes")
    layers = zip(sizes, sizes.dropFirst()).map { inputs, outputs in
      Linear(inputSize: inputs, outputSize: outputs, using: &random, on: device)
    }
  }

  /// Class logits, [batch, classes].
  ///
  /// - Parameter sequences: [batch, steps, features].
  /// - Returns: [batch, classes]
  @differentiable(reverse,wrt: self)
  public func callAsFunction(_ sequences: Tensor) -> Tensor {
    let shape = withoutDerivative(at: sequences.shape)
    var values = layers[0](sequences.reshaped(to: [shape[0], shape[1] * shape[2]]))
    for index in 1..<withoutDerivative(at: layers.count) { values = layers[index](relu(values)) }
    return values
  }
}

import Recurrent
import Tensors
import Testing
import _Differentiation

@Suite("Multilayer perceptron")
struct MultilayerPerceptronTests {
  /// Two steps of one feature, two hidden units, two classes.
  private func model() -> MultilayerPerceptron {
    var random = RandomGenerator(seed: 1)
    var model = MultilayerPerceptron(sizes: [2, 2, 2], using: &random)
    model.layers[0] = Linear(weight: tensor([1, 2, -1, 1], [2, 2]), bias: tensor([0, 0.5], [2]))
    model.layers[1] = Linear(weight: tensor([1, 0, 3, -1], [2, 2]), bias: tensor([0, 1], [2]))
    return model
  }

  private func tensor(_ values: [Float], _ shape: [Int]) -> Tensor { Tensor(values, shape: shape) }

  @Test func allStepsAreReadAtOnce() {
    // Hidden: [1·1 + 2·1, −1 + 1 + 0.5] = [3, 0.5], and [2 − 2, −2 − 1 + 0.5] = [0, −2.5], which is cut to 0.
    let logits = model()(tensor([1, 1, 2, -1], [2, 2, 1]))
    #expect(logits.shape == [2, 2])
    #expect(logits.floats == [3, 9.5, 0, 1] as [Float])
  }

  @Test func gradientsPassWhereUnitsAreAlive() {
    let input = tensor([2, -0.5], [1, 2, 1])  // hidden: 1 and −2 → 0
    let (_, gradient) = valueWithGradient(at: model()) { $0(input).sum() }
    let first = gradient.layers[0], second = gradient.layers[1]
    #expect(second.weight.floats == [1, 0, 1, 0] && second.bias.floats == [1, 1])
    // Through the first unit flows 1 + 3, through the second nothing.
    #expect(first.weight.floats == [8, -2, 0, 0] && first.bias.floats == [4, 0])
  }

  @Test func itsSizesAreThoseAskedFor() {
    var random = RandomGenerator(seed: 1)
    let model = MultilayerPerceptron(sizes: [784, 128, 128, 10], using: &random)
    #expect(model.parameterCount == 784 * 128 + 128 + 128 * 128 + 128 + 128 * 10 + 10)
    #expect(model.parameterPaths.map(\.name).prefix(2) == ["layers.0.weight", "layers.0.bias"])
  }
}

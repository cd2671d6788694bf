import Recurrent
import Tensors
import Testing
import _Differentiation

/// The one list that optimizers, checkpoints and counting go through.
@Suite("Parameter paths")
struct ParameterPathTests {
  @Test func namesAreThoseOfPyTorch() {
    #expect(
      model.parameterPaths.map(\.name) == [
        "input.weight", "input.bias", "lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_ih_l0", "head.weight",
        "head.bias",
      ])
  }

  @Test(arguments: CellKind.allCases)
  func aStackCountsItsLayers(cell: CellKind) {
    let ofLayers = (0..<3).flatMap { index in
      namesInLayers(of: cell).map { "\(cell.identifier).\($0)_l\(index)" }
    }
    let expected = ["input.weight", "input.bias"] + ofLayers + ["head.weight", "head.bias"]
    #expect(stack(cell).parameterPaths.map(\.name) == expected)
  }

  @Test func anIdentifierHasNoHyphens() {
    #expect(CellKind.peepholeLSTM.identifier == "peephole_lstm" && CellKind.gru.identifier == "gru")
  }

  /// What a model does without is not updated, written or counted.
  @Test func theSymbolicZeroIsNoParameter() {
    struct Layer: Differentiable {
      var weight, bias: Tensor
    }
    let layer = Layer(weight: .zeros([2, 2]), bias: .zero)
    #expect(layer.parameterPaths.map(\.name) == ["weight"])
    #expect(layer.parameterCount == 4)
    let with = stack(.peepholeLSTM), without = stack(.lstm)
    #expect(with.parameterCount == without.parameterCount + 3 * 3 * 4)
  }

  @Test func eachLeadsToItsParameter() {
    let model = stack(.gru)
    let ofLayers = model.layers.flatMap { [$0.weightIH, $0.weightHH, $0.bias] }
    let expected = [model.input.weight, model.input.bias] + ofLayers + [model.head.weight, model.head.bias]
    #expect(model.parameterPaths.map { $0.parameter(of: model) } == expected)
  }

  @Test func eachChangesItsParameterAndNoOther() {
    let model = stack(.gru)
    let paths = model.parameterPaths
    for (index, path) in paths.enumerated() {
      var changed = model
      path.withParameter(of: &changed) { $0 = $0.scaled(by: 2) + Tensor(1) }
      let isChanged = paths.map { $0.parameter(of: changed) != $0.parameter(of: model) }
      #expect(isChanged == paths.indices.map { $0 == index }, "\(path.name)")
    }
  }

  @Test func eachLeadsToTheGradientOfItsParameter() {
    let model = stack(.gru)
    for path in model.parameterPaths {
      var gradient = SequenceClassifier.TangentVector.zero
      path.withGradient(in: &gradient) { $0 = Tensor(3) }
      #expect(path.gradient(in: gradient).scalar == 3)
      let others = model.parameterPaths.filter { $0.name != path.name }
      #expect(others.allSatisfy { $0.gradient(in: gradient).isSymbolicZero }, "\(path.name)")
    }
  }

  @Test func whatIsNotDifferentiableIsNoParameter() {
    struct Inner: Differentiable {
      var weight: Tensor
      @noDerivative var constant: Tensor
    }
    struct Outer: Differentiable {
      var second: Inner
      @noDerivative var size: Int
      var first: Tensor
    }
    let model = Outer(
      second: Inner(weight: .zeros([2, 3]), constant: .zeros([100])), size: 1, first: .zeros([4]))
    #expect(model.parameterPaths.map(\.name) == ["second.weight", "first"])
    #expect(model.parameterCount == 10)
  }

  @Test func countsAreThoseOfTheAssignment() {
    var random = RandomGenerator(seed: 1)
    let model = SequenceClassifier(inputSize: 28, hiddenSize: 128, classes: 10, using: &random)
    // Input layer, LSTM with one bias, output layer.
    #expect(model.parameterCount == (28 * 128 + 128) + (4 * 128 * (128 + 128) + 4 * 128) + (128 * 10 + 10))
  }

  private func stack(_ cell: CellKind) -> SequenceClassifier {
    var random = RandomGenerator(seed: 1)
    return SequenceClassifier(
      inputSize: 3, hiddenSize: 4, classes: 2, cell: cell, layers: 3, layerInitializer: .normal(), using: &random)
  }

  private var model: SequenceClassifier {
    var random = RandomGenerator(seed: 1)
    return SequenceClassifier(inputSize: 3, hiddenSize: 4, classes: 2, layerInitializer: .normal(), using: &random)
  }
}

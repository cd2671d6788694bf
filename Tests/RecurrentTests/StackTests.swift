import Recurrent
import Tensors
import Testing
import _Differentiation

/// Classifiers of any cell with several recurrent layers.
@Suite("Stacks of layers")
struct StackTests {
  /// The same network put together from layers by hand, of which each asks for the gradient of what it reads.
  @Test(arguments: CellKind.allCases, [1, 2, 3])
  func aStackIsItsLayersOneAfterTheOther(cell: CellKind, layers: Int) {
    let model = model(cell, layers: layers)
    var random = RandomGenerator(seed: 2)
    let input = normals([5, 7, 6], using: &random), cotangent = normals([5, 7, 4], using: &random)
    let (logits, pullback) = valueWithPullback(at: model) { $0.logitsAtEveryStep(input) }
    let (expected, expectedPullback) = valueWithPullback(at: model) { model in
      var states = model.input(input)
      for index in 0..<withoutDerivative(at: model.layers.count) { states = model.layers[index](states).hiddenStates }
      return model.head(states)
    }
    expect(logits, isCloseTo: expected, within: 2e-6, "logits")
    let gradient = pullback(cotangent), expectedGradient = expectedPullback(cotangent)
    for path in model.parameterPaths {
      expect(
        path.gradient(in: gradient), isCloseTo: path.gradient(in: expectedGradient), within: 5e-6, path.name)
    }
  }

  @Test(arguments: CellKind.allCases)
  func parametersHavePyTorchsNames(cell: CellKind) {
    let ofLayers = [0, 1].flatMap { index in
      namesInLayers(of: cell).map { "\(cell.identifier).\($0)_l\(index)" }
    }
    #expect(
      model(cell, layers: 2).parameterPaths.map(\.name)
        == ["input.weight", "input.bias"] + ofLayers + ["head.weight", "head.bias"])
  }

  @Test func otherListsAreNumberedAsModules() {
    struct Network: Differentiable {
      var hidden: [Linear]
    }
    let layer = Linear(weight: .zeros([2, 2]), bias: .zeros([2]))
    let network = Network(hidden: [layer, layer])
    #expect(
      network.parameterPaths.map(\.name) == ["hidden.0.weight", "hidden.0.bias", "hidden.1.weight", "hidden.1.bias"])
    #expect(network.parameterCount == 12)
  }

  @Test(arguments: CellKind.allCases)
  func anOptimizerReachesEveryLayer(cell: CellKind) {
    var model = model(cell, layers: 2)
    let before = model
    var random = RandomGenerator(seed: 3), optimizer = Adam(for: model)
    let input = normals([5, 7, 6], using: &random)
    let labels = Tensor([0, 1, 2, 3, 0] as [Int32])
    let (_, gradient) = valueWithGradient(at: model) { softmaxCrossEntropy(logits: $0(input), labels: labels) }
    optimizer.update(&model, along: gradient)
    for path in model.parameterPaths {
      #expect(path.parameter(of: model) != path.parameter(of: before), "\(path.name)")
    }
  }

  /// Products in bf16 move the results by about as much as a bfloat16 number is off, and no more.
  @Test(arguments: CellKind.allCases)
  func bf16IsCloseToSinglePrecision(cell: CellKind) {
    guard Device.cpu.supports(.bf16) else { return }
    let exact = model(cell, layers: 2), rounded = model(cell, layers: 2, precision: .bf16)
    var random = RandomGenerator(seed: 4)
    let input = normals([5, 7, 6], using: &random)
    let logits = exact(input), inBF16 = rounded(input)
    #expect(logits != inBF16)
    expect(inBF16, isCloseTo: logits, within: 1e-2, "logits")
  }

  @Test func statesGoOnWhereTheSequenceWasCut() {
    let model = model(.lstm, layers: 2)
    var random = RandomGenerator(seed: 6)
    let input = normals([3, 9, 6], using: &random)
    let zero = [LSTMState.zero, .zero]
    let whole = model.states(after: input, from: zero)
    let first = model.states(after: input.sliced(alongAxis: 1, 0..<4), from: zero)
    let second = model.states(after: input.sliced(alongAxis: 1, 4..<9), from: first)
    for (a, b) in zip(second, whole) { #expect(bits(a.hidden) == bits(b.hidden) && bits(a.cell) == bits(b.cell)) }
  }

  private func model(_ cell: CellKind, layers: Int, precision: Precision = .fp32) -> SequenceClassifier {
    var random = RandomGenerator(seed: 1)
    var model = SequenceClassifier(
      inputSize: 6, hiddenSize: 21, classes: 4, cell: cell, layers: layers, precision: precision, using: &random)
    for index in 0..<layers {
      model.layers[index].setBiasAndScales(using: &random)
    }
    return model
  }
}

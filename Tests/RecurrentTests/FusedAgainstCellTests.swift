import Recurrent
import Tensors
import Testing
import _Differentiation

/// Each fused layer against its cell, stepped in Swift and differentiated by the compiler.
@Suite("Fused layers against their cells")
struct FusedAgainstCellTests {
  @Test(arguments: Sizes.all)
  fileprivate func anLSTMAgrees(sizes: Sizes) {
    var random = RandomGenerator(seed: 7)
    var layer = LSTM(inputSize: sizes.inputs, hiddenSize: sizes.hidden, using: &random)
    layer.bias = normals(layer.bias.shape, scale: 0.5, using: &random)
    let state = LSTMState(hidden: sizes.state(using: &random), cell: sizes.state(using: &random))
    expectAgreement(of: layer, with: layer.cell, from: state, sizes, using: &random) {
      $0($1, initialState: $2).hiddenStates
    } parts: {
      [$0.hidden, $0.cell]
    }
  }

  @Test(arguments: Sizes.all)
  fileprivate func aPeepholeLSTMAgrees(sizes: Sizes) {
    var random = RandomGenerator(seed: 7)
    var layer = PeepholeLSTM(inputSize: sizes.inputs, hiddenSize: sizes.hidden, using: &random)
    #expect(layer.peepholes.floats == [Float](repeating: 0, count: 3 * sizes.hidden))
    layer.bias = normals(layer.bias.shape, scale: 0.5, using: &random)
    layer.peepholes = normals(layer.peepholes.shape, scale: 0.5, using: &random)
    let state = LSTMState(hidden: sizes.state(using: &random), cell: sizes.state(using: &random))
    expectAgreement(of: layer, with: layer.cell, from: state, parameters: 4, sizes, using: &random) {
      $0($1, initialState: $2).hiddenStates
    } parts: {
      [$0.hidden, $0.cell]
    }
  }

  @Test(arguments: Sizes.all)
  fileprivate func aCoupledLSTMAgrees(sizes: Sizes) {
    var random = RandomGenerator(seed: 7)
    var layer = CoupledLSTM(inputSize: sizes.inputs, hiddenSize: sizes.hidden, using: &random)
    layer.bias = normals(layer.bias.shape, scale: 0.5, using: &random)
    let state = LSTMState(hidden: sizes.state(using: &random), cell: sizes.state(using: &random))
    expectAgreement(of: layer, with: layer.cell, from: state, sizes, using: &random) {
      $0($1, initialState: $2).hiddenStates
    } parts: {
      [$0.hidden, $0.cell]
    }
  }

  @Test(arguments: Sizes.all)
  fileprivate func aGRUAgrees(sizes: Sizes) {
    var random = RandomGenerator(seed: 7)
    var layer = GRU(inputSize: sizes.inputs, hiddenSize: sizes.hidden, using: &random)
    layer.bias = normals(layer.bias.shape, scale: 0.5, using: &random)
    let state = sizes.state(using: &random)
    expectAgreement(of: layer, with: layer.cell, from: state, sizes, using: &random) {
      $0($1, initialState: $2).hiddenStates
    } parts: {
      [$0]
    }
  }

  @Test(arguments: Sizes.all, Nonlinearity.allCases)
  fileprivate func anRNNAgrees(sizes: Sizes, nonlinearity: Nonlinearity) {
    var random = RandomGenerator(seed: 7)
    // Weights drawn alike, for inputs to count, and so that sums are of either sign.
    var layer = RNN(
      inputSize: sizes.inputs, hiddenSize: sizes.hidden, nonlinearity: nonlinearity, inputInitializer: .glorotUniform,
      recurrentInitializer: .orthogonal, using: &random)
    layer.bias = normals(layer.bias.shape, scale: 0.5, using: &random)
    let state = sizes.state(using: &random)
    expectAgreement(of: layer, with: layer.cell, from: state, sizes, using: &random) {
      $0($1, initialState: $2).hiddenStates
    } parts: {
      [$0]
    }
  }

  /// What is normalized does not depend on how large it is: gradients of a single number vanish but for rounding.
  @Test(arguments: Sizes.all.filter { $0.inputs > 1 && $0.hidden > 1 })
  fileprivate func aLayerNormLSTMAgrees(sizes: Sizes) {
    var random = RandomGenerator(seed: 7)
    var layer = LayerNormLSTM(inputSize: sizes.inputs, hiddenSize: sizes.hidden, using: &random)
    layer.bias = normals(layer.bias.shape, scale: 0.5, using: &random)
    layer.gains = normals(layer.gains.shape, using: &random)
    let state = LSTMState(hidden: sizes.state(using: &random), cell: sizes.state(using: &random))
    let input = normals([sizes.batch, sizes.steps, sizes.inputs], using: &random)
    let cotangent = normals([sizes.batch, sizes.steps, sizes.hidden], using: &random)
    let (hidden, pullback) = valueWithPullback(at: layer, input, state) { $0($1, initialState: $2).hiddenStates }
    let (expected, expectedPullback) = valueWithPullback(at: layer, input, state) {
      RecurrentLayer($0.cell)($1, initialState: $2)
    }
    expect(hidden, isCloseTo: expected, within: 1e-6, "hidden states")
    let (dLayer, dInput, dState) = pullback(cotangent),
      (dStepped, dSteppedInput, dSteppedState) = expectedPullback(cotangent)
    expect(dInput, isCloseTo: dSteppedInput, within: 5e-6, "input")
    expect(dState.hidden, isCloseTo: dSteppedState.hidden, within: 5e-6, "hidden")
    expect(dState.cell, isCloseTo: dSteppedState.cell, within: 5e-6, "cell")
    #expect(layer.parameterPaths.count == 4)
    for path in layer.parameterPaths {
      expect(path.gradient(in: dLayer), isCloseTo: path.gradient(in: dStepped), within: 5e-6, path.name)
    }
  }

  /// Expects hidden states, and the gradients of input, state and parameters, to be the same both ways. `parts` are the
  /// tensors of a state's gradient.
  private func expectAgreement<Layer: Differentiable, Cell: RecurrentCell>(
    of layer: Layer, with cell: Cell, from state: Cell.State, parameters: Int = 3, _ sizes: Sizes,
    using random: inout RandomGenerator,
    fused: @differentiable(reverse) (Layer, Tensor, Cell.State) -> Tensor,
    parts: (Cell.State.TangentVector) -> [Tensor]
  ) {
    let input = normals([sizes.batch, sizes.steps, sizes.inputs], using: &random)
    let cotangent = normals([sizes.batch, sizes.steps, sizes.hidden], using: &random)
    let (hidden, pullback) = valueWithPullback(at: layer, input, state, of: fused)
    let stepped = RecurrentLayer(cell)
    let (expected, expectedPullback) = valueWithPullback(at: stepped, input, state) { $0($1, initialState: $2) }
    expect(hidden, isCloseTo: expected, within: 1e-6, "hidden states")

    let (dLayer, dInput, dState) = pullback(cotangent)
    let (dStepped, dSteppedInput, dSteppedState) = expectedPullback(cotangent)
    expect(dInput, isCloseTo: dSteppedInput, within: 2e-6, "input")
    for (part, expected) in zip(parts(dState), parts(dSteppedState)) {
      expect(part, isCloseTo: expected, within: 2e-6, "state")
    }
    let paths = layer.parameterPaths, steppedPaths = stepped.parameterPaths
    #expect(paths.count == parameters && steppedPaths.count == parameters)
    for (path, steppedPath) in zip(paths, steppedPaths) {
      let expected = steppedPath.gradient(in: dStepped)
      expect(path.gradient(in: dLayer), isCloseTo: expected, within: 2e-6, path.name)
    }
  }

  /// Without a state at hand, the cells' own products with it vanish, as do their gradients.
  @Test func cellsStartFromTheSymbolicZeroToo() {
    var random = RandomGenerator(seed: 8)
    let gru = GRU(inputSize: 3, hiddenSize: 5, using: &random), rnn = RNN(inputSize: 3, hiddenSize: 5, using: &random)
    let input = normals([2, 4, 3], using: &random)
    expect(
      RecurrentLayer(gru.cell)(input, initialState: .zero), isCloseTo: gru(input).hiddenStates, within: 1e-6, "GRU")
    expect(
      RecurrentLayer(rnn.cell)(input, initialState: .zero), isCloseTo: rnn(input).hiddenStates, within: 1e-6, "RNN")
  }

  @Test func theSymbolicZeroIsTheZeroState() {
    var random = RandomGenerator(seed: 8)
    let layer = LSTM(inputSize: 3, hiddenSize: 5, using: &random)
    let input = normals([2, 4, 3], using: &random)
    let zeros = Tensor.zeros([2, layer.hiddenSize])
    let implicit = layer(input), explicit = layer(input, initialState: LSTMState(hidden: zeros, cell: zeros))
    #expect(bits(implicit.hiddenStates) == bits(explicit.hiddenStates))
    #expect(bits(implicit.finalState.cell) == bits(explicit.finalState.cell))
    let stepped = RecurrentLayer(layer.cell)(input, initialState: .zero)
    expect(implicit.hiddenStates, isCloseTo: stepped, within: 1e-6, "hidden states")
  }

  @Test func theFinalStateGoesOnWhereTheSequenceWasCut() {
    var random = RandomGenerator(seed: 9)
    let layer = LSTM(inputSize: 3, hiddenSize: 21, using: &random)
    let input = normals([2, 9, 3], using: &random)
    let whole = layer(input)
    let first = layer(input.sliced(alongAxis: 1, 0..<4))
    let second = layer(input.sliced(alongAxis: 1, 4..<9), initialState: first.finalState)
    #expect(bits(second.hiddenStates) == bits(whole.hiddenStates.sliced(alongAxis: 1, 4..<9)))
    #expect(bits(second.finalState.cell) == bits(whole.finalState.cell))
  }
}

private struct Sizes: Sendable, CustomTestStringConvertible {
  let batch, steps, inputs, hidden: Int

  init(_ batch: Int, _ steps: Int, _ inputs: Int, _ hidden: Int) {
    self.batch = batch
    self.steps = steps
    self.inputs = inputs
    self.hidden = hidden
  }

  static let all = [
    Sizes(1, 1, 1, 1), Sizes(3, 7, 1, 5), Sizes(17, 3, 28, 5), Sizes(1, 100, 2, 5), Sizes(3, 2, 28, 128),
    Sizes(2, 3, 4, 130),
  ]

  func state(using random: inout RandomGenerator) -> Tensor { normals([batch, hidden], scale: 0.5, using: &random) }

  var testDescription: String { "batch \(batch), steps \(steps), inputs \(inputs), hidden \(hidden)" }
}

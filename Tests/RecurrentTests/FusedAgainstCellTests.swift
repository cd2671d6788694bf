import Recurrent
import Tensors
import Testing
import _Differentiation

/// Fused layers against the same cells stepped in Swift and differentiated by the compiler.
@Suite("Fused layers against their cells")
struct FusedAgainstCellTests {
  @Test(arguments: [
    Sizes(1, 1, 1, 1), Sizes(3, 7, 1, 5), Sizes(17, 3, 28, 5), Sizes(1, 100, 2, 5), Sizes(3, 2, 28, 128),
    Sizes(2, 3, 4, 130),
  ])
  fileprivate func valuesAndGradientsAgree(sizes: Sizes) {
    var random = RandomGenerator(seed: 7)
    let layer = LSTM(inputSize: sizes.inputs, hiddenSize: sizes.hidden, using: &random)
    let input = normals([sizes.batch, sizes.steps, sizes.inputs], using: &random)
    let state = LSTMState(
      hidden: normals([sizes.batch, sizes.hidden], scale: 0.5, using: &random),
      cell: normals([sizes.batch, sizes.hidden], scale: 0.5, using: &random))
    let cotangent = normals([sizes.batch, sizes.steps, sizes.hidden], using: &random)

    let (fused, fusedPullback) = valueWithPullback(at: layer, input, state) {
      $0($1, initialState: $2).hiddenStates
    }
    let (stepped, steppedPullback) = valueWithPullback(at: RecurrentLayer(layer.cell), input, state) {
      $0($1, initialState: $2)
    }
    expect(fused, isCloseTo: stepped, within: 1e-6, "hidden states")

    let (dLayer, dInput, dState) = fusedPullback(cotangent)
    let (dCell, dCellInput, dCellState) = steppedPullback(cotangent)
    expect(dInput, isCloseTo: dCellInput, within: 2e-6, "input")
    expect(dState.hidden, isCloseTo: dCellState.hidden, within: 2e-6, "hidden state")
    expect(dState.cell, isCloseTo: dCellState.cell, within: 2e-6, "cell state")
    expect(dLayer.weightIH, isCloseTo: dCell.cell.weightIH, within: 2e-6, "input weights")
    expect(dLayer.weightHH, isCloseTo: dCell.cell.weightHH, within: 2e-6, "recurrent weights")
    expect(dLayer.bias, isCloseTo: dCell.cell.bias, within: 2e-6, "bias")
  }

  @Test(arguments: [Sizes(1, 1, 1, 1), Sizes(3, 7, 1, 5), Sizes(17, 3, 28, 37), Sizes(2, 3, 4, 130)])
  fileprivate func valuesAndGradientsOfAGRUAgree(sizes: Sizes) {
    var random = RandomGenerator(seed: 7)
    var layer = GRU(inputSize: sizes.inputs, hiddenSize: sizes.hidden, using: &random)
    layer.bias = normals([4 * sizes.hidden], scale: 0.3, using: &random)
    let input = normals([sizes.batch, sizes.steps, sizes.inputs], using: &random)
    let state = normals([sizes.batch, sizes.hidden], scale: 0.5, using: &random)
    let cotangent = normals([sizes.batch, sizes.steps, sizes.hidden], using: &random)

    let (fused, fusedPullback) = valueWithPullback(at: layer, input, state) { $0($1, initialState: $2).hiddenStates }
    let (stepped, steppedPullback) = valueWithPullback(at: RecurrentLayer(layer.cell), input, state) {
      $0($1, initialState: $2)
    }
    expect(fused, isCloseTo: stepped, within: 1e-6, "hidden states")
    let (dLayer, dInput, dState) = fusedPullback(cotangent)
    let (dCell, dCellInput, dCellState) = steppedPullback(cotangent)
    expect(dInput, isCloseTo: dCellInput, within: 2e-6, "input")
    expect(dState, isCloseTo: dCellState, within: 2e-6, "hidden state")
    expect(dLayer.weightIH, isCloseTo: dCell.cell.weightIH, within: 2e-6, "input weights")
    expect(dLayer.weightHH, isCloseTo: dCell.cell.weightHH, within: 2e-6, "recurrent weights")
    expect(dLayer.bias, isCloseTo: dCell.cell.bias, within: 2e-6, "bias")
  }

  @Test(arguments: [Sizes(1, 1, 1, 1), Sizes(3, 7, 1, 5), Sizes(17, 3, 28, 37), Sizes(2, 3, 4, 130)])
  fileprivate func valuesAndGradientsOfAnRNNAgree(sizes: Sizes) {
    var random = RandomGenerator(seed: 7)
    var layer = RNN(inputSize: sizes.inputs, hiddenSize: sizes.hidden, using: &random)
    layer.bias = normals([sizes.hidden], scale: 0.3, using: &random)
    let input = normals([sizes.batch, sizes.steps, sizes.inputs], using: &random)
    let state = normals([sizes.batch, sizes.hidden], scale: 0.5, using: &random)
    let cotangent = normals([sizes.batch, sizes.steps, sizes.hidden], using: &random)

    let (fused, fusedPullback) = valueWithPullback(at: layer, input, state) { $0($1, initialState: $2).hiddenStates }
    let (stepped, steppedPullback) = valueWithPullback(at: RecurrentLayer(layer.cell), input, state) {
      $0($1, initialState: $2)
    }
    expect(fused, isCloseTo: stepped, within: 1e-6, "hidden states")
    let (dLayer, dInput, dState) = fusedPullback(cotangent)
    let (dCell, dCellInput, dCellState) = steppedPullback(cotangent)
    expect(dInput, isCloseTo: dCellInput, within: 2e-6, "input")
    expect(dState, isCloseTo: dCellState, within: 2e-6, "hidden state")
    expect(dLayer.weightIH, isCloseTo: dCell.cell.weightIH, within: 2e-6, "input weights")
    expect(dLayer.weightHH, isCloseTo: dCell.cell.weightHH, within: 2e-6, "recurrent weights")
    expect(dLayer.bias, isCloseTo: dCell.cell.bias, within: 2e-6, "bias")
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
    let implicit = layer(input), explicit = layer(input, initialState: layer.zeroState(batchSize: 2))
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

  var testDescription: String { "batch \(batch), steps \(steps), inputs \(inputs), hidden \(hidden)" }
}

import Foundation
import OpCases
import Recurrent
import Tensors
import Testing
import _Differentiation

/// The LSTM with layer normalization and the one with zoneout against their equations in double precision: hidden states
/// after every step, and gradients of all parameters against central differences.
@Suite("Cells with layer normalization and zoneout")
struct RegularizedCellTests {
  private static let batch = 3, steps = 4, inputs = 5, hidden = 6

  @Test func layerNormalizationFollowsItsEquations() {
    let cell = layerNormCell()
    expectAgreement(of: RecurrentLayer(cell), from: .zero) { input, parameters in
      Self.states(of: input) { x, h, c in Self.layerNormStep(x, h, c, parameters) }
    }
  }

  @Test func zoneoutFollowsItsEquationsInTraining() {
    var cell = Zoneout(lstmCell(), hiddenRate: 0.4, cellRate: 0.5), random = RandomGenerator(seed: 4)
    let masks = cell.drawMasks(batchSize: 3, steps: 4, hiddenSize: 6, using: &random)
    cell.masks = masks
    let keptHidden = masks.hidden.floats.map(Double.init), keptCell = masks.cell.floats.map(Double.init)
    #expect(masks.hidden.shape == [4, 3, 6] && keptHidden.contains(0) && keptHidden.contains(1))
    expectAgreement(of: RecurrentLayer(cell), from: .zero) { input, parameters in
      var step = -1
      return Self.states(of: input) { x, h, c in
        step += 1
        let new = Self.lstmStep(x, h, c, parameters), from = step * 18
        return (
          Doubles(h.shape) { keptHidden[from + $0[0] * 6 + $0[1]] == 1 ? h[$0] : new.hidden[$0] },
          Doubles(c.shape) { keptCell[from + $0[0] * 6 + $0[1]] == 1 ? c[$0] : new.cell[$0] }
        )
      }
    }
  }

  @Test func zoneoutIsItsMeanInUse() {
    let cell = Zoneout(lstmCell(), hiddenRate: 0.25, cellRate: 0.5)
    expectAgreement(of: RecurrentLayer(cell), from: .zero) { input, parameters in
      Self.states(of: input) { x, h, c in
        let new = Self.lstmStep(x, h, c, parameters)
        return (
          Doubles(h.shape) { 0.25 * h[$0] + 0.75 * new.hidden[$0] },
          Doubles(c.shape) { 0.5 * c[$0] + 0.5 * new.cell[$0] }
        )
      }
    }
  }

  @Test func withoutZoneoutItIsTheCellInside() {
    let cell = lstmCell()
    let states = RecurrentLayer(Zoneout(cell, hiddenRate: 0, cellRate: 0))(input, initialState: .zero)
    expect(states, isCloseTo: RecurrentLayer(cell)(input, initialState: .zero), within: 1e-6, "states")
  }

  @Test func bothAtOnce() {
    let cell = layerNormCell()
    expectAgreement(of: RecurrentLayer(Zoneout(cell, hiddenRate: 0.25, cellRate: 0.5)), from: .zero) {
      input, parameters in
      Self.states(of: input) { x, h, c in
        let new = Self.layerNormStep(x, h, c, parameters)
        return (
          Doubles(h.shape) { 0.25 * h[$0] + 0.75 * new.hidden[$0] },
          Doubles(c.shape) { 0.5 * c[$0] + 0.5 * new.cell[$0] }
        )
      }
    }
  }

  /// A state that goes on from another one finds the masks of its own steps.
  @Test func aSequenceCanBeCut() {
    var cell = Zoneout(lstmCell(), hiddenRate: 0.5, cellRate: 0.5), random = RandomGenerator(seed: 4)
    cell.masks = cell.drawMasks(batchSize: 3, steps: 4, hiddenSize: 6, using: &random)
    let whole = RecurrentLayer(cell)(input, initialState: .zero)
    var state = ZoneoutState.zero
    for step in 0..<2 { state = cell(input.selected(step, alongAxis: 1), state: state) }
    #expect(state.step == 2)
    let rest = RecurrentLayer(cell)(input.sliced(alongAxis: 1, 2..<4), initialState: state)
    #expect(bits(rest) == bits(whole.sliced(alongAxis: 1, 2..<4)))
  }

  @Test func aNewLayerNormCellRemembers() {
    var random = RandomGenerator(seed: 1)
    let cell = LayerNormLSTMCell(inputSize: 5, hiddenSize: 6, using: &random)
    let gates = cell.normIH.bias.floats
    #expect(
      gates == [Float](repeating: 0, count: 6) + [Float](repeating: 1, count: 6) + [Float](repeating: 0, count: 12))
    #expect(cell.normHH.bias.floats.allSatisfy { $0 == 0 } && cell.normHH.weight.floats.allSatisfy { $0 == 1 })
    #expect(
      cell.parameterPaths.map(\.name) == [
        "weightIH", "weightHH", "normIH.weight", "normIH.bias", "normHH.weight", "normHH.bias", "normCell.weight",
        "normCell.bias",
      ])
  }

  // MARK: What is compared

  private var input: Tensor {
    var random = RandomGenerator(seed: 3)
    return normals([Self.batch, Self.steps, Self.inputs], using: &random)
  }

  private func lstmCell() -> LSTMCell {
    var random = RandomGenerator(seed: 2)
    return LSTMCell(
      weightIH: normals([24, 5], scale: 0.5, using: &random), weightHH: normals([24, 6], scale: 0.5, using: &random),
      bias: normals([24], scale: 0.5, using: &random))
  }

  private func layerNormCell() -> LayerNormLSTMCell {
    var random = RandomGenerator(seed: 2)
    func norm(_ size: Int) -> LayerNorm {
      LayerNorm(weight: normals([size], using: &random), bias: normals([size], scale: 0.5, using: &random))
    }
    return LayerNormLSTMCell(
      weightIH: normals([24, 5], using: &random), weightHH: normals([24, 6], using: &random), normIH: norm(24),
      normHH: norm(24), normCell: norm(6))
  }

  /// Expects the layer's outputs, and its gradients for random cotangents, to be those of `reference`, a function of the
  /// input and of all parameters in their order.
  private func expectAgreement<Cell: RecurrentCell>(
    of layer: RecurrentLayer<Cell>, from state: Cell.State, reference: ([Doubles], [Doubles]) -> Doubles,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let input = input, paths = layer.parameterPaths
    var random = RandomGenerator(seed: 5)
    let cotangent = normals([Self.batch, Self.steps, Self.hidden], using: &random)
    let (states, pullback) = valueWithPullback(at: layer, input) { $0($1, initialState: state) }
    let (dLayer, dInput) = pullback(cotangent)

    let point = [doubles(input)] + paths.map { doubles($0.parameter(of: layer)) }
    func evaluate(_ operands: [Doubles]) -> Doubles { reference([operands[0]], Array(operands.dropFirst())) }
    let error = relativeError(of: states.floats.map(Double.init), to: evaluate(point).elements)
    #expect(error < 1e-6, sourceLocation: sourceLocation)

    let weights = cotangent.floats.map(Double.init)
    func loss(_ operands: [Doubles]) -> Double {
      zip(evaluate(operands).elements, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let gradients = [("input", dInput)] + paths.map { ($0.name, $0.gradient(in: dLayer)) }
    for (index, (name, gradient)) in gradients.enumerated() {
      let error = Probes(of: loss, at: point, withRespectTo: index).error(of: gradient.floats)
      #expect(error < 5e-6, "\(name)", sourceLocation: sourceLocation)
    }
  }

  private func doubles(_ tensor: Tensor) -> Doubles { Doubles(tensor.shape, tensor.floats.map(Double.init)) }

  // MARK: The equations in double precision

  /// Hidden states after every step, [batch, steps, hidden].
  private static func states(
    of input: [Doubles], step: (_ x: Doubles, _ h: Doubles, _ c: Doubles) -> (hidden: Doubles, cell: Doubles)
  ) -> Doubles {
    let zero = Doubles([batch, hidden]) { _ in 0 }
    var state = (hidden: zero, cell: zero), all: [Doubles] = []
    for index in 0..<steps {
      let x = Doubles([batch, inputs]) { input[0][$0[0], index, $0[1]] }
      state = step(x, state.hidden, state.cell)
      all.append(state.hidden)
    }
    return Doubles([batch, steps, hidden]) { all[$0[1]][$0[0], $0[2]] }
  }

  /// Parameters: weights of the input and of the hidden state, bias.
  private static func lstmStep(_ x: Doubles, _ h: Doubles, _ c: Doubles, _ p: [Doubles]) -> (
    hidden: Doubles, cell: Doubles
  ) {
    let fromInput = product(x, p[0]), fromState = product(h, p[1])
    let z = Doubles([batch, 4 * hidden]) { fromInput[$0] + fromState[$0] + p[2][$0[1]] }
    return gated(z, c) { $0 }
  }

  /// Parameters: weights of the input and of the hidden state, then gain and bias of each normalization.
  private static func layerNormStep(
    _ x: Doubles, _ h: Doubles, _ c: Doubles, _ p: [Doubles]
  ) -> (hidden: Doubles, cell: Doubles) {
    let fromInput = normalized(product(x, p[0]), p[2], p[3]), fromState = normalized(product(h, p[1]), p[4], p[5])
    let z = Doubles([batch, 4 * hidden]) { fromInput[$0] + fromState[$0] }
    return gated(z, c) { normalized($0, p[6], p[7]) }
  }

  private static func gated(
    _ z: Doubles, _ c: Doubles, shown: (Doubles) -> Doubles
  ) -> (hidden: Doubles, cell: Doubles) {
    func gate(_ index: Int, _ at: [Int]) -> Double { z[at[0], index * hidden + at[1]] }
    let cell = Doubles(c.shape) { logistic(gate(1, $0)) * c[$0] + logistic(gate(0, $0)) * tanh(gate(2, $0)) }
    let shown = shown(cell)
    return (Doubles(c.shape) { logistic(gate(3, $0)) * tanh(shown[$0]) }, cell)
  }

  private static func normalized(_ rows: Doubles, _ gain: Doubles, _ bias: Doubles) -> Doubles {
    let size = rows.shape[1]
    func mean(_ row: Int, _ f: (Double) -> Double) -> Double {
      (0..<size).reduce(0) { $0 + f(rows[row, $1]) } / Double(size)
    }
    return Doubles(rows.shape) { at in
      let center = mean(at[0]) { $0 }
      let variance = mean(at[0]) { ($0 - center) * ($0 - center) }
      return (rows[at] - center) / (variance + Double(Float(1e-5))).squareRoot() * gain[at[1]] + bias[at[1]]
    }
  }

  /// a · bᵀ
  private static func product(_ a: Doubles, _ b: Doubles) -> Doubles {
    Doubles([a.shape[0], b.shape[0]]) { at in (0..<a.shape[1]).reduce(0) { $0 + a[at[0], $1] * b[at[1], $1] } }
  }

  private static func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
  private static func tanh(_ x: Double) -> Double { Foundation.tanh(x) }
}

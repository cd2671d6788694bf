import Foundation
import OpCases
import Recurrent
import Tensors
import Testing

/// What a classifier computes while it reads a sequence.
@Suite("Trace")
struct TraceTests {
  @Test(arguments: CellKind.allCases, [1, 2])
  func itAgreesWithTheFusedOp(cell: CellKind, layers: Int) {
    let model = model(cell, layers: layers), sequence = sequence(steps: 9)
    let trace = model.trace(sequence), batch = sequence.reshaped(to: [1, 9, 6])
    #expect(trace.layers.count == layers && trace.steps == 9)
    let states = model.read(batch)
    let top = trace.layers[layers - 1]
    expect(top.hiddenState.values, isCloseTo: states.hiddenStates.reshaped(to: [9, 13]), within: 1e-5, "hidden states")
    let logits = model.logitsAtEveryStep(batch).reshaped(to: [9, 4])
    expect(trace.logits, isCloseTo: logits, within: 1e-5, "logits")
    expect(trace.probabilities, isCloseTo: softmax(logits), within: 1e-5, "probabilities")
    #expect(trace.answer == logits.argmaxOfRows()[8])
    let finals = model.states(after: batch, from: [LSTMState](repeating: .zero, count: layers))
    for (layer, final) in zip(trace.layers, finals) {
      #expect(layer.kind == cell)
      expect(
        layer.hiddenState.values.selected(8, alongAxis: 0), isCloseTo: final.hidden.reshaped(to: [13]), within: 1e-5,
        "final hidden state")
      #expect((layer.cellState != nil) == cell.hasCellState)
      if let state = layer.cellState {
        expect(
          state.values.selected(8, alongAxis: 0), isCloseTo: final.cell.reshaped(to: [13]), within: 1e-5,
          "final cell state")
      }
    }
  }

  @Test(arguments: CellKind.allCases)
  func everyQuantityIsDescribedAndWithinItsBounds(cell: CellKind) {
    let layer = model(cell, layers: 1).trace(sequence(steps: 5)).layers[0]
    #expect(layer.hiddenState.quantity.role == .hiddenState)
    #expect(Set(layer.signals.map(\.quantity.name)).count == layer.signals.count)
    for signal in layer.signals {
      let quantity = signal.quantity
      #expect(signal.values.shape == [5, 13], "\(quantity.name)")
      #expect(quantity.equation.hasPrefix(quantity.symbol) && quantity.meaning.hasSuffix("."), "\(quantity.name)")
      let bounds: ClosedRange<Float> =
        switch quantity.range {
        case .unit: 0...1
        case .signed: -1...1
        case .open: -.infinity ... .infinity
        }
      #expect(signal.values.floats.allSatisfy(bounds.contains), "\(quantity.name)")
      #expect(layer[quantity.name]?.quantity == quantity)
    }
    #expect(layer["nothing"] == nil)
  }

  /// One unit, one input, weights of round numbers: everything can be computed by hand.
  @Test func theGatesOfATinyLSTM() throws {
    // Gates in the order i f g o.
    let (w, u, b): ([Double], [Double], [Double]) = ([0.5, -1, 2, 0.25], [1, 0.5, -0.5, -2], [0.1, 1, 0, -0.3])
    let (layer, x) = (tiny(.lstm, w, u, b), [1.0, -2])
    let trace = layer.trace(Tensor(x.map(Float.init), shape: [2, 1]))
    var (h, c) = (0.0, 0.0)
    for step in 0..<2 {
      let z = (0..<4).map { w[$0] * x[step] + u[$0] * h + b[$0] }
      let (i, f, g, o) = (sigmoid(z[0]), sigmoid(z[1]), tanh(z[2]), sigmoid(z[3]))
      c = f * c + i * g
      h = o * tanh(c)
      let expected = [
        "input gate": i, "forget gate": f, "candidate": g, "output gate": o, "cell state": c, "hidden state": h,
      ]
      #expect(trace.layers[0].signals.count == expected.count)
      for (name, value) in expected {
        let actual = try #require(trace.layers[0][name]).values.floats[step]
        #expect(abs(Double(actual) - value) < 1e-6, "\(name) at step \(step)")
      }
    }
    #expect(trace.layers[0].gates.map(\.quantity.symbol) == ["f", "i", "o"])
    #expect(trace.layers[0].candidate?.quantity.symbol == "g")
  }

  @Test func theGatesOfATinyGRU() throws {
    // Gates in the order r z n, and the bias of n's part from the state.
    let (w, u, b): ([Double], [Double], [Double]) = ([0.5, -1, 2], [1, 0.5, -0.5], [0.1, 1, 0.2, -0.3])
    let (layer, x) = (tiny(.gru, w, u, b), [1.0, -2])
    let trace = layer.trace(Tensor(x.map(Float.init), shape: [2, 1]))
    var h = 0.0
    for step in 0..<2 {
      let (r, z) = (sigmoid(w[0] * x[step] + u[0] * h + b[0]), sigmoid(w[1] * x[step] + u[1] * h + b[1]))
      let n = tanh(w[2] * x[step] + b[2] + r * (u[2] * h + b[3]))
      h = (1 - z) * n + z * h
      let expected = ["reset gate": r, "update gate": z, "candidate": n, "hidden state": h]
      #expect(trace.layers[0].signals.count == expected.count)
      for (name, value) in expected {
        let actual = try #require(trace.layers[0][name]).values.floats[step]
        #expect(abs(Double(actual) - value) < 1e-6, "\(name) at step \(step)")
      }
    }
  }

  @Test(arguments: CellKind.allCases, [nil, [0.5, 2, 0.8]] as [[Float]?])
  func theGradientIsTheSlopeOfTheLogOdds(cell: CellKind, temperatures: [Float]?) {
    let model = model(cell, layers: 2), sequence = sequence(steps: 3)
    let trace = model.trace(sequence, temperatures: temperatures)
    let answer = trace.answer
    func odds(_ values: [Double]) -> Double {
      let batch = Tensor(values.map(Float.init), shape: [1, 3, 6])
      let logits = model(batch).floats.map { Double($0) / Double(temperatures?.last ?? 1) }
      let others = logits.indices.filter { $0 != answer }.map { exp(logits[$0]) }.reduce(0, +)
      return logits[answer] - log(others)
    }
    let point = sequence.floats.map(Double.init)
    let slopes = point.indices.map { index in
      // Single precision is exact to 1e-7 of the log-odds; that is 1e-5 of a slope at this distance.
      func moved(_ distance: Double) -> Double {
        var point = point
        point[index] += distance
        return odds(point)
      }
      return (moved(0.01) - moved(-0.01)) / 0.02
    }
    #expect(trace.gradient.shape == [3, 6])
    #expect(relativeError(of: trace.gradient.floats, to: slopes) < 2e-3)
    for (step, norm) in trace.gradientNorms.enumerated() {
      let length: Double = slopes[step * 6..<step * 6 + 6].map { $0 * $0 }.reduce(0, +).squareRoot()
      #expect(abs(Double(norm) - length) < 2e-3 * max(1, length))
      let sum: Double = (step * 6..<step * 6 + 6).map { slopes[$0] * point[$0] }.reduce(0, +)
      #expect(abs(Double(trace.contributions[step]) - sum) < 2e-3 * max(1, abs(sum)))
    }
  }

  /// Where 1 − p is 0 in single precision, the log-odds still have a slope.
  @Test func theGradientDoesNotFadeWhereTheNetworkIsSure() {
    var model = model(.lstm, layers: 1)
    let sequence = sequence(steps: 4), answer = model.trace(sequence).answer
    let norms = model.trace(sequence).gradientNorms
    var bias = model.head.bias.floats
    bias[answer] += 50
    model.head.bias = Tensor(bias)
    let sure = model.trace(sequence)
    #expect(sure.probabilities.floats[3 * 4 + answer] == 1)
    #expect(sure.gradientNorms == norms)
  }

  @Test func temperaturesAreThoseOfTheReader() {
    let model = model(.gru, layers: 1), sequence = sequence(steps: 3), temperatures: [Float] = [0.5, 2, 0.8]
    let trace = model.trace(sequence, temperatures: temperatures)
    let reader = Reader(model, temperatures: temperatures)
    for step in 0..<3 {
      let expected = reader.read(sequence.selected(step, alongAxis: 0).floats)
      for (a, b) in zip(trace.probabilities.selected(step, alongAxis: 0).floats, expected) {
        #expect(abs(a - b) < 1e-6)
      }
    }
  }

  /// A plain network without recurrent weights shows what it reads, so that its peaks are known.
  @Test func unitsAreOrderedByTheirPeak() {
    let layer = SequenceLayer(
      .rnn, weightIH: Tensor([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, -1] as [Float], shape: [4, 3]),
      weightHH: .zeros([4, 4]),
      bias: .zeros([4]))
    let identity = Tensor([1, 0, 0, 0, 1, 0, 0, 0, 1] as [Float], shape: [3, 3])
    let model = SequenceClassifier(
      input: Linear(weight: identity, bias: .zeros([3])), layers: [layer],
      head: Linear(weight: .zeros([2, 4]), bias: .zeros([2])))
    // The third feature peaks first, at step 1, the first last; the second below zero at step 2.
    let trace = model.trace(Tensor([0.1, 0, 0, 0.2, 0.1, 2, 0.3, -3, 1, 1, 1, 1] as [Float], shape: [4, 3]))
    let units = trace.layers[0].unitsByPeak
    #expect(units.positive == [2, 0] && units.negative == [3, 1])
  }

  private func model(_ cell: CellKind, layers: Int) -> SequenceClassifier {
    var random = RandomGenerator(seed: 11)
    var model = SequenceClassifier(
      inputSize: 6, hiddenSize: 13, classes: 4, cell: cell, layers: layers, layerInitializer: .normal(deviation: 0.5),
      using: &random)
    for index in 0..<layers {
      let layer = model.layers[index]
      // Where they start, so near zero, single precision could not tell the slopes.
      if cell == .irnn { model.layers[index].weightIH = normals(layer.weightIH.shape, scale: 0.3, using: &random) }
      model.layers[index].bias = normals(layer.bias.shape, scale: 0.5, using: &random)
      if cell.scales > 0 { model.layers[index].scales = normals(layer.scales.shape, scale: 0.5, using: &random) }
    }
    return model
  }

  private func sequence(steps: Int) -> Tensor {
    var random = RandomGenerator(seed: 12)
    return normals([steps, 6], using: &random)
  }

  /// A network of one unit that reads one number as it is.
  private func tiny(_ kind: CellKind, _ w: [Double], _ u: [Double], _ b: [Double]) -> SequenceClassifier {
    func tensor(_ values: [Double], _ shape: [Int]) -> Tensor { Tensor(values.map(Float.init), shape: shape) }
    let layer = SequenceLayer(
      kind, weightIH: tensor(w, [w.count, 1]), weightHH: tensor(u, [u.count, 1]), bias: tensor(b, [b.count]))
    let one = Linear(weight: tensor([1], [1, 1]), bias: .zeros([1]))
    return SequenceClassifier(
      input: one, layers: [layer], head: Linear(weight: tensor([1, -1], [2, 1]), bias: .zeros([2])))
  }
}

private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

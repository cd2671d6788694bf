import Recurrent
import Tensors
import Testing

@Suite("Initializers")
struct InitializerTests {
  @Test func normalHasItsMomentsAndTails() {
    let values = draw(.normal(deviation: 0.5), [200, 500])
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    // Four standard errors of 100,000 draws.
    #expect(abs(mean) < 4 * 0.5 / count.squareRoot())
    #expect(abs(deviation - 0.5) < 4 * 0.5 / (2 * count).squareRoot())
    let beyond = Double(values.count { abs($0) > 1 }) / count
    #expect(abs(beyond - 0.0455) < 0.0027, "the share beyond two deviations")
  }

  @Test func glorotIsUniformWithinItsLimit() {
    let (outputs, inputs) = (300, 100)
    let limit = (6.0 / Double(inputs + outputs)).squareRoot()
    let values = draw(.glorotUniform, [outputs, inputs])
    #expect(values.allSatisfy { abs($0) <= limit })
    // Each tenth of the range holds a tenth of 30,000 values, give or take four standard errors.
    for tenth in 0..<10 {
      let low = limit * (Double(tenth) / 5 - 1)
      let share = values.count { $0 >= low && $0 < low + limit / 5 }
      #expect(abs(share - 3000) < 208, "tenth \(tenth)")
    }
  }

  @Test(arguments: [[7, 7], [5, 9], [9, 5], [1, 6], [6, 1], [64, 64]])
  func orthogonalVectorsAreOrthonormal(shape: [Int]) {
    let (rows, columns) = (shape[0], shape[1])
    let values = draw(.orthogonal, shape)
    let vectors =
      rows <= columns
      ? (0..<rows).map { row in (0..<columns).map { values[row * columns + $0] } }
      : (0..<columns).map { column in (0..<rows).map { values[$0 * columns + column] } }
    for (i, a) in vectors.enumerated() {
      for (j, b) in vectors.enumerated() {
        let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-6, "vectors \(i) and \(j)")
      }
    }
  }

  @Test func recurrentWeightsAreOrthogonalGateByGate() {
    var random = RandomGenerator(seed: 3)
    let layer = LSTM(inputSize: 4, hiddenSize: 6, using: &random)
    for gate in 0..<4 {
      let block = layer.weightHH.sliced(alongAxis: 0, gate * 6..<(gate + 1) * 6)
      let product = matmul(block, block.transposed()).floats
      for (index, value) in product.enumerated() { #expect(abs(value - (index % 7 == 0 ? 1 : 0)) < 1e-6) }
    }
    #expect(layer.weightHH.sliced(alongAxis: 0, 0..<6) != layer.weightHH.sliced(alongAxis: 0, 6..<12))
  }

  @Test func onlyTheForgetGateHasABias() {
    var random = RandomGenerator(seed: 3)
    let layer = LSTM(inputSize: 2, hiddenSize: 3, forgetBias: 1.5, using: &random)
    #expect(layer.bias.floats == [0, 0, 0, 1.5, 1.5, 1.5, 0, 0, 0, 0, 0, 0])
    #expect(LSTM(inputSize: 2, hiddenSize: 1, using: &random).bias.floats == [0, 1, 0, 0])
  }

  @Test(arguments: CellKind.allCases)
  func everyForgetGateHasItsBias(cell: CellKind) {
    var random = RandomGenerator(seed: 3)
    let layer = SequenceClassifier(inputSize: 2, hiddenSize: 3, classes: 2, cell: cell, using: &random).layers[0]
    var expected = [Float](repeating: 0, count: cell.biases * 3)
    switch cell {
    case .lstm, .peepholeLSTM, .layerNormLSTM: expected.replaceSubrange(3..<6, with: [1, 1, 1])
    case .coupledLSTM: expected.replaceSubrange(0..<3, with: [1, 1, 1])
    case .gru, .rnn, .irnn: break
    }
    #expect(layer.bias.floats == expected)
    // Peepholes begin at 0, gains at 1.
    #expect(
      layer.scales.floats == [Float](repeating: cell == .layerNormLSTM ? 1 : 0, count: cell.scales * 3))
  }

  @Test func rectifiedUnitsStartAtTheIdentity() {
    var random = RandomGenerator(seed: 3)
    let identity: [Float] = [1, 0, 0, 0, 1, 0, 0, 0, 1]
    let layer = RNN(inputSize: 100, hiddenSize: 3, nonlinearity: .relu, using: &random)
    #expect(layer.weightHH.floats == identity && layer.bias.floats == [0, 0, 0])
    let spread = layer.weightIH.floats.map(abs).max() ?? 0
    #expect(spread > 0.002 && spread < 0.006, "300 numbers of deviation 0.001")
    let model = SequenceClassifier(inputSize: 2, hiddenSize: 3, classes: 2, cell: .irnn, using: &random)
    #expect(model.layers[0].weightHH.floats == identity)
    #expect(RNN(inputSize: 2, hiddenSize: 3, using: &random).weightHH.floats != identity)
    let wide = Initializer.identity.tensor([2, 3], using: &random)
    #expect(wide.floats == [1, 0, 0, 0, 1, 0])
  }

  @Test func linearLayersStartWithoutBias() {
    var random = RandomGenerator(seed: 3)
    let layer = Linear(inputSize: 5, outputSize: 3, using: &random)
    #expect(layer.weight.shape == [3, 5])
    #expect(layer.bias.floats == [0, 0, 0])
  }

  @Test func theAssignmentDrawsBiasesToo() {
    var random = RandomGenerator(seed: 3)
    let model = SequenceClassifier(
      inputSize: 5, hiddenSize: 64, classes: 10, layerInitializer: .normal(), using: &random)
    #expect(model.input.bias.floats.contains { abs($0) > 1 })
    #expect(model.head.weight.floats.contains { abs($0) > 2 })
    #expect(model.layers[0].weightIH.floats.allSatisfy { abs($0) < 0.2 })
  }

  @Test func aSeedDecidesEveryValueOnEveryInstructionSet() {
    let reference = parameters(seed: 11, on: Device(threads: 1, instructionSet: .baseline))
    #expect(reference != parameters(seed: 12, on: Device(threads: 1)))
    for device in InstructionSet.supported.map({ Device(threads: 3, instructionSet: $0) }) {
      #expect(parameters(seed: 11, on: device) == reference, "\(device)")
    }
  }

  private func parameters(seed: UInt64, on device: Device) -> [[UInt32]] {
    var random = RandomGenerator(seed: seed)
    let model = SequenceClassifier(inputSize: 3, hiddenSize: 19, classes: 4, using: &random, on: device)
    return model.parameterPaths.map { bits($0.parameter(of: model)) }
  }

  private func draw(_ initializer: Initializer, _ shape: [Int]) -> [Double] {
    var random = RandomGenerator(seed: 1)
    let tensor = initializer.tensor(shape, using: &random)
    #expect(tensor.shape == shape)
    return tensor.floats.map(Double.init)
  }
}

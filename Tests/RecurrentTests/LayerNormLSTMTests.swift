import Recurrent
import Tensors
import Testing
import _Differentiation

/// What is peculiar to networks with layer normalization.
@Suite("Layer-norm LSTM")
struct LayerNormLSTMTests {
  /// A new network's gradient where sequences begin with blank steps: what comes of the input layer's bias is normalized to
  /// something, and nothing is multiplied by 1/√ε step after step.
  @Test(arguments: [true, false], [1, 2])
  func blankStepsDoNotBlowUpTheGradient(foldsInput: Bool, layers: Int) {
    func norm(blank: Int) -> Double {
      var random = RandomGenerator(seed: 1)
      let drawn = SequenceClassifier(
        inputSize: 6, hiddenSize: 24, classes: 3, cell: .layerNormLSTM, layers: layers, using: &random)
      let model = SequenceClassifier(
        input: drawn.input, layers: drawn.layers, head: drawn.head, foldsInput: foldsInput)
      let rest = normals([4, 12 - blank, 6], using: &random)
      let input = Tensor.zeros([4, 12, 6])
      let features = rest.floats
      let values = (0..<4 * 12 * 6).map { index -> Float in
        let (row, step, feature) = (index / 72, index / 6 % 12, index % 6)
        return step < blank ? 0 : features[(row * (12 - blank) + step - blank) * 6 + feature]
      }
      let sequences = Tensor(values, shape: input.shape)
      let (_, gradient) = valueWithGradient(at: model) {
        softmaxCrossEntropy(logits: $0(sequences), labels: Tensor([0, 1, 2, 0] as [Int32]))
      }
      return model.parameterPaths.reduce(0) { sum, path in
        path.gradient(in: gradient).floats.reduce(sum) { $0 + Double($1) * Double($1) }
      }.squareRoot()
    }
    let whole = norm(blank: 0), blank = norm(blank: 8)
    #expect(whole > 0 && blank.isFinite && blank < 10 * whole, "\(blank) with blank steps, \(whole) without")
  }

  /// The stepped cell has the same parameters, in other pieces.
  @Test func aNewLayerIsANewCell() {
    var first = RandomGenerator(seed: 1), second = RandomGenerator(seed: 1)
    let layer = LayerNormLSTM(inputSize: 5, hiddenSize: 6, using: &first)
    let cell = LayerNormLSTMCell(inputSize: 5, hiddenSize: 6, using: &second)
    #expect(layer.inputSize == 5 && layer.hiddenSize == 6)
    #expect(layer.parameterPaths.map(\.name) == ["weightIH", "weightHH", "bias", "gains"])
    for (path, other) in zip(layer.cell.parameterPaths, cell.parameterPaths) {
      #expect(path.name == other.name)
      #expect(path.parameter(of: layer.cell) == other.parameter(of: cell), "\(path.name)")
    }
    #expect(layer.cell.parameterPaths.count == 8 && cell.parameterPaths.count == 8)
  }

  /// Sums of a batch that shares rows of sums: 67 rows are three to a sum, and one is left.
  @Test func gradientsHaveTheSameBitsForAnyNumberOfThreads() {
    func bits(threads: Int) -> [[UInt32]] {
      let device = Device(threads: threads)
      var random = RandomGenerator(seed: 2)
      var layer = LayerNormLSTM(inputSize: 3, hiddenSize: 20, using: &random, on: device)
      layer.bias = normals(layer.bias.shape, scale: 0.3, using: &random, on: device)
      let input = normals([67, 9, 3], using: &random, on: device)
      let lengths = (0..<67).map { 1 + $0 % 9 }
      let gradient = gradient(at: layer) { $0(input, lengths: lengths).hiddenStates.sum() }
      return layer.parameterPaths.map { path in path.gradient(in: gradient).floats.map(\.bitPattern) }
    }
    let one = bits(threads: 1)
    for threads in [2, 3, 5] { #expect(bits(threads: threads) == one, "\(threads) threads") }
  }
}

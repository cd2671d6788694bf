import Recurrent
import Tensors
import Testing
import _Differentiation

/// The input layer folded into the first recurrent layer, against the two one after the other.
@Suite("Folding")
struct FoldingTests {
  @Test(arguments: CellKind.allCases, [(28, 128), (5, 3), (1, 19), (40, 8)])
  func logitsAndGradientsAgree(cell: CellKind, sizes: (inputs: Int, hidden: Int)) {
    let (inputSize, hiddenSize) = sizes
    let folded = model(inputSize, hiddenSize, cell: cell, foldsInput: true)
    let unfolded = model(inputSize, hiddenSize, cell: cell, foldsInput: false)
    #expect(folded.foldsInput && !unfolded.foldsInput)
    var random = RandomGenerator(seed: 2)
    let input = normals([6, 5, inputSize], using: &random)

    func logitsAndGradient(_ model: SequenceClassifier) -> (Tensor, SequenceClassifier.TangentVector) {
      let (logits, pullback) = valueWithPullback(at: model) { $0.logitsAtEveryStep(input) }
      return (logits, pullback(cotangent(logits.shape)))
    }
    let (logits, gradient) = logitsAndGradient(folded), (expectedLogits, expected) = logitsAndGradient(unfolded)
    expect(logits, isCloseTo: expectedLogits, within: 2e-6, "logits")
    for path in folded.parameterPaths {
      expect(path.gradient(in: gradient), isCloseTo: path.gradient(in: expected), within: 5e-6, path.name)
    }
  }

  @Test func theGradientOfTheInputAgrees() {
    var random = RandomGenerator(seed: 3)
    let input = normals([3, 4, 5], using: &random)
    let gradients = [true, false].map { foldsInput in
      let model = model(5, 7, foldsInput: foldsInput)
      return pullback(at: input, of: { model($0) })(cotangent([3, 4]))
    }
    #expect(gradients[0].shape == [3, 4, 5])
    expect(gradients[0], isCloseTo: gradients[1], within: 5e-6, "input")
  }

  @Test func lengthsCountOnBothWays() {
    var random = RandomGenerator(seed: 4)
    let input = normals([3, 6, 5], using: &random)
    for foldsInput in [true, false] {
      let model = model(5, 7, foldsInput: foldsInput)
      let ragged = model(input, lengths: [2, 6, 4]), every = model.logitsAtEveryStep(input)
      for (row, length) in [2, 6, 4].enumerated() {
        let expected = every.selected(row, alongAxis: 0).selected(length - 1, alongAxis: 0)
        expect(ragged.selected(row, alongAxis: 0), isCloseTo: expected, within: 1e-6, "row \(row)")
      }
    }
  }

  /// Counted per step and row for equal widths H = 8: folding saves work in training for inputs narrower than 2·H, and in
  /// reading for inputs narrower than 4/3·H.
  @Test(arguments: [(1, true, true), (10, true, true), (11, true, false), (15, true, false), (16, false, false)])
  func foldingIsChosenWhereItSavesWork(inputSize: Int, inTraining: Bool, inReading: Bool) {
    var random = RandomGenerator(seed: 5)
    let model = SequenceClassifier(inputSize: inputSize, hiddenSize: 8, classes: 2, using: &random)
    #expect(model.foldsInput == inTraining)
    #expect(Reader(model).foldsInput == inReading)
  }

  private func model(
    _ inputSize: Int, _ hiddenSize: Int, cell: CellKind = .lstm, foldsInput: Bool
  ) -> SequenceClassifier {
    var random = RandomGenerator(seed: 1)
    // Biases that are not zero, for the folded bias to have its share.
    var drawn = SequenceClassifier(
      inputSize: inputSize, hiddenSize: hiddenSize, classes: 4, cell: cell,
      layerInitializer: .normal(deviation: 0.3), using: &random)
    drawn.layers[0].setBiasAndScales(using: &random)
    return SequenceClassifier(input: drawn.input, layers: drawn.layers, head: drawn.head, foldsInput: foldsInput)
  }

  private func cotangent(_ shape: [Int]) -> Tensor {
    var random = RandomGenerator(seed: 6)
    return normals(shape, using: &random)
  }
}

import Recurrent
import Tensors
import Testing
import _Differentiation

/// Classifiers that read in both directions.
@Suite("Bidirectional classifiers")
struct BidirectionalTests {
  /// `bidirectional.json`: two layers, packed sequences.
  private struct Fixture: Decodable {
    let parameters, gradients: [String: FixtureTensor]
    let input, hidden, logits: FixtureTensor
    let lengths: [Int]
    let labels: [Int32]

    func model(foldsInput: Bool) throws -> SequenceClassifier {
      func parameter(_ name: String) throws -> Tensor {
        guard let tensor = parameters[name] else { throw MissingParameter(name: name) }
        return tensor.tensor()
      }
      func layer(_ index: Int, _ direction: String) throws -> SequenceLayer {
        SequenceLayer(
          .lstm, weightIH: try parameter("lstm.weight_ih_l\(index)\(direction)"),
          weightHH: try parameter("lstm.weight_hh_l\(index)\(direction)"),
          bias: try parameter("lstm.bias_ih_l\(index)\(direction)"))
      }
      return SequenceClassifier(
        input: Linear(weight: try parameter("input.weight"), bias: try parameter("input.bias")),
        layers: try (0..<2).map { try layer($0, "") }, reverseLayers: try (0..<2).map { try layer($0, "_reverse") },
        head: Linear(weight: try parameter("head.weight"), bias: try parameter("head.bias")), foldsInput: foldsInput)
    }
  }

  @Test(arguments: [true, false])
  func itIsPyTorchs(foldsInput: Bool) throws {
    let fixture: Fixture = try RecurrentTests.Fixture.load("bidirectional")
    let model = try fixture.model(foldsInput: foldsInput), input = fixture.input.tensor()
    let output = model.read(input, lengths: fixture.lengths)
    expect(output.hiddenStates, isCloseTo: fixture.hidden, within: 5e-7, "hidden states")
    expect(model(input, lengths: fixture.lengths), isCloseTo: fixture.logits, within: 5e-7, "logits")
    let labels = Tensor(fixture.labels)
    let (_, gradient) = valueWithGradient(at: model) {
      softmaxCrossEntropy(logits: $0(input, lengths: fixture.lengths), labels: labels)
    }
    let paths = model.parameterPaths
    #expect(Set(paths.map(\.name)) == Set(fixture.gradients.keys))
    for path in paths {
      let expected = try #require(fixture.gradients[path.name])
      expect(path.gradient(in: gradient), isCloseTo: expected, within: 2e-6, path.name)
    }
  }

  private func model(_ cell: CellKind) -> SequenceClassifier {
    var random = RandomGenerator(seed: 1)
    return SequenceClassifier(
      inputSize: 5, hiddenSize: 9, classes: 4, cell: cell, layers: 2, bidirectional: true, using: &random)
  }

  /// The answer after a step knows nothing of what comes later.
  @Test(arguments: CellKind.allCases)
  func answersAfterEveryStepAreThoseOfThePrefixes(cell: CellKind) {
    let model = model(cell)
    var random = RandomGenerator(seed: 2)
    let input = normals([3, 4, 5], using: &random)
    let every = model.logitsAtEveryStep(input)
    for step in 1...4 {
      let prefix = model(input.sliced(alongAxis: 1, 0..<step))
      #expect(bits(every.selected(step - 1, alongAxis: 1)) == bits(prefix), "\(step)")
    }
  }

  /// Read backwards, by a network whose directions have changed places, a sequence gives the same answer.
  @Test(arguments: CellKind.allCases)
  func bothDirectionsAreAlike(cell: CellKind) {
    let model = model(cell)
    var random = RandomGenerator(seed: 3)
    let steps = (0..<6).map { _ in normals([3, 5], using: &random) }
    // The upper layer and the head read forward states first.
    func exchanged(_ weights: Tensor) -> Tensor {
      let half = weights.shape[1] / 2, halves = [half..<2 * half, 0..<half]
      return Tensor.stack(halves.map { weights.sliced(alongAxis: 1, $0) }, alongAxis: 1).reshaped(to: weights.shape)
    }
    func upper(_ layer: SequenceLayer) -> SequenceLayer {
      var layer = layer
      layer.weightIH = exchanged(layer.weightIH)
      return layer
    }
    let mirrored = SequenceClassifier(
      input: model.input, layers: [model.reverseLayers[0], upper(model.reverseLayers[1])],
      reverseLayers: [model.layers[0], upper(model.layers[1])],
      head: Linear(weight: exchanged(model.head.weight), bias: model.head.bias))
    expect(
      mirrored(Tensor.stack(steps.reversed(), alongAxis: 1)), isCloseTo: model(Tensor.stack(steps, alongAxis: 1)),
      within: 1e-6, "logits")
  }

  @Test func dropoutMasksCoverBothDirections() throws {
    let model = model(.lstm)
    var random = RandomGenerator(seed: 4)
    let drawn = Dropout(states: 0.5, recurrentWeights: 0.5).masks(for: model, batchSize: 3, using: &random)
    let masks = try #require(drawn)
    #expect(masks.layers[0].states?.shape == [3, 18])
    let input = normals([3, 4, 5], using: &random), whole = model(input)
    for index in 0..<2 {
      var reverse = masks
      for layer in 0..<2 { reverse.layers[layer] = .init() }
      reverse.layers[index] = .init(reverseRecurrentWeights: masks.layers[index].reverseRecurrentWeights)
      #expect(model(input, masks: reverse) != whole, "weights of the other direction are dropped too")
      #expect(model(input, masks: masks) != model(input, masks: reverse))
    }
  }
}

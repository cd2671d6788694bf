import Recurrent
import Tensors
import Testing
import _Differentiation

/// Classifiers that do without some hidden states and recurrent weights.
@Suite("Dropout")
struct DropoutTests {
  /// The same network put together by hand from layers and products with masks, which the compiler differentiates.
  @Test(arguments: CellKind.allCases, [1, 2])
  func masksStandWhereTheyShould(cell: CellKind, layers: Int) {
    let model = model(cell, layers: layers)
    var random = RandomGenerator(seed: 2)
    let input = normals([5, 7, 6], using: &random), cotangent = normals([5, 7, 4], using: &random)
    let masks = masks(of: model, using: &random)
    let (logits, pullback) = valueWithPullback(at: model) { $0.logitsAtEveryStep(input, masks: masks) }
    let (expected, expectedPullback) = valueWithPullback(at: model) { $0.logitsByHand(input, masks: masks) }
    expect(logits, isCloseTo: expected, within: 2e-6, "logits")
    expectAgreement(of: pullback(cotangent), with: expectedPullback(cotangent), in: model)

    // After the last step alone, all of them in one call.
    let (last, lastPullback) = valueWithPullback(at: model) { $0(input, masks: masks) }
    expect(last, isCloseTo: logits.selected(6, alongAxis: 1), within: 1e-6, "last logits")
    let lastStep = cotangent.selected(6, alongAxis: 1)
    let onlyLast = Tensor.stack(
      (0..<7).map { $0 == 6 ? lastStep : .zeros([5, 4]) }, alongAxis: 1)
    expectAgreement(of: lastPullback(lastStep), with: expectedPullback(onlyLast), in: model)
  }

  @Test func theHeadSeesEachRowsOwnLastStepThroughTheMask() {
    let model = model(.lstm, layers: 2)
    var random = RandomGenerator(seed: 3)
    let input = normals([5, 7, 6], using: &random), masks = masks(of: model, using: &random)
    let lengths = [1, 7, 3, 4, 6]
    let logits = model(input, lengths: lengths, masks: masks), every = model.logitsAtEveryStep(input, masks: masks)
    for (row, length) in lengths.enumerated() {
      expect(
        logits.selected(row, alongAxis: 0),
        isCloseTo: every.selected(row, alongAxis: 0).selected(length - 1, alongAxis: 0), within: 1e-6, "row \(row)")
    }
  }

  @Test(arguments: CellKind.allCases, [false, true])
  func masksOfOnesChangeNoBit(cell: CellKind, folds: Bool) {
    let given = model(cell, layers: 2)
    let model = SequenceClassifier(input: given.input, layers: given.layers, head: given.head, foldsInput: folds)
    var random = RandomGenerator(seed: 4)
    let input = normals([5, 7, 6], using: &random), cotangent = normals([5, 7, 4], using: &random)
    let ones = DropoutMasks(
      layers: model.layers.map { layer in
        DropoutMasks.Layer(
          states: Tensor(repeating: 1, shape: [5, layer.hiddenSize]),
          recurrentWeights: Tensor(repeating: 1, shape: layer.weightHH.shape))
      })
    let (logits, pullback) = valueWithPullback(at: model) { $0.logitsAtEveryStep(input) }
    let (masked, maskedPullback) = valueWithPullback(at: model) { $0.logitsAtEveryStep(input, masks: ones) }
    #expect(bits(logits) == bits(masked))
    let gradient = pullback(cotangent), maskedGradient = maskedPullback(cotangent)
    for path in model.parameterPaths {
      #expect(bits(path.gradient(in: gradient)) == bits(path.gradient(in: maskedGradient)), "\(path.name)")
    }
  }

  @Test func aDroppedWeightHasNoGradient() throws {
    let model = model(.lstm, layers: 2)
    var random = RandomGenerator(seed: 5)
    let input = normals([5, 7, 6], using: &random), masks = masks(of: model, using: &random)
    let gradient = gradient(at: model) { $0(input, masks: masks).sum() }
    for (index, layer) in masks.layers.enumerated() {
      let mask = try #require(layer.recurrentWeights).floats
      let slopes = model.parameterPaths[3 + 3 * index].gradient(in: gradient).floats
      #expect(model.parameterPaths[3 + 3 * index].name == "lstm.weight_hh_l\(index)")
      #expect(zip(mask, slopes).allSatisfy { ($0 == 0) == ($1 == 0) })
    }
  }

  @Test func masksAreDrawnAsAsked() throws {
    var random = RandomGenerator(seed: 6)
    let model = SequenceClassifier(inputSize: 6, hiddenSize: 64, classes: 4, layers: 2, using: &random)
    let drawn = Dropout(states: 0.2, recurrentWeights: 0.5).masks(for: model, batchSize: 100, using: &random)
    let masks = try #require(drawn)
    #expect(masks.layers.count == 2)
    for layer in masks.layers {
      let states = try #require(layer.states), weights = try #require(layer.recurrentWeights)
      #expect(states.shape == [100, 64] && weights.shape == [256, 64])
      for (mask, rate) in [(states.floats, 0.2), (weights.floats, 0.5)] {
        let dropped = Double(mask.count { $0 == 0 }) / Double(mask.count)
        #expect(abs(dropped - rate) < 4 * (rate * (1 - rate) / Double(mask.count)).squareRoot())
        #expect(mask.allSatisfy { $0 == 0 || $0 == 1 / (1 - Float(rate)) })
      }
      #expect(states.selected(0, alongAxis: 0) != states.selected(1, alongAxis: 0), "each sequence has its own")
    }
    #expect(masks.layers[0].states != masks.layers[1].states)
  }

  @Test func nothingIsDrawnForARateOfZero() throws {
    var random = RandomGenerator(seed: 7)
    let model = model(.gru, layers: 1), before = random
    #expect(Dropout().masks(for: model, batchSize: 5, using: &random) == nil && random == before)
    let states = try #require(Dropout(states: 0.5).masks(for: model, batchSize: 5, using: &random))
    #expect(states.layers[0].states != nil && states.layers[0].recurrentWeights == nil)
    let weights = try #require(Dropout(recurrentWeights: 0.5).masks(for: model, batchSize: 5, using: &random))
    #expect(weights.layers[0].states == nil && weights.layers[0].recurrentWeights != nil)
  }

  private func expectAgreement(
    of gradient: SequenceClassifier.TangentVector, with expected: SequenceClassifier.TangentVector,
    in model: SequenceClassifier
  ) {
    for path in model.parameterPaths {
      expect(path.gradient(in: gradient), isCloseTo: path.gradient(in: expected), within: 5e-6, path.name)
    }
  }

  private func masks(of model: SequenceClassifier, using random: inout RandomGenerator) -> DropoutMasks {
    Dropout(states: 0.3, recurrentWeights: 0.4).masks(for: model, batchSize: 5, using: &random)
      ?? DropoutMasks(layers: [])
  }

  private func model(_ cell: CellKind, layers: Int) -> SequenceClassifier {
    var random = RandomGenerator(seed: 1)
    var model = SequenceClassifier(
      inputSize: 6, hiddenSize: 21, classes: 4, cell: cell, layers: layers, using: &random)
    for index in 0..<layers {
      model.layers[index].setBiasAndScales(using: &random)
    }
    return model
  }
}

extension SequenceClassifier {
  /// What `logitsAtEveryStep` computes, with every mask as a factor that is broadcast.
  @differentiable(reverse,wrt: self)
  fileprivate func logitsByHand(_ sequences: Tensor, masks: DropoutMasks) -> Tensor {
    var states = input(sequences)
    for index in 0..<withoutDerivative(at: layers.count) {
      let mask = withoutDerivative(at: masks.layers[index])
      let layer = layers[index]
      let weights = layer.weightHH * withoutDerivative(at: mask.recurrentWeights ?? .zero)
      let seen = withoutDerivative(at: (mask.states ?? .zero).reshaped(to: [5, 1, 21]))
      states =
        SequenceLayer(
          withoutDerivative(at: layer.kind), weightIH: layer.weightIH, weightHH: weights, bias: layer.bias,
          scales: layer.scales)(states)
        .hiddenStates * seen
    }
    return head(states)
  }
}

import Recurrent
import Tensors
import Testing

/// The whole model against PyTorch, on both ways through it: with the input layer folded into the LSTM and without.
@Suite("Sequence classifier against PyTorch")
struct ClassifierFixtureTests {
  private let cases: [ClassifierFixture.Case]

  init() throws { cases = try Fixture.load("classifier", as: ClassifierFixture.self).cases }

  @Test(arguments: [true, false])
  func forwardPass(foldsInput: Bool) throws {
    #expect(cases.map(\.name) == ["narrow input", "wide input"])
    for fixture in cases {
      let model = try fixture.model(foldsInput: foldsInput), input = fixture.input.tensor()
      let output = model.read(input)
      expect(output.hiddenStates, isCloseTo: fixture.hidden, within: 5e-7, "hidden states, \(fixture)")
      expect(output.finalState.cell, isCloseTo: fixture.finalCell, within: 5e-7, "cell state, \(fixture)")
      expect(model(input), isCloseTo: fixture.logits, within: 5e-7, "logits, \(fixture)")
      let lastOfEvery = model.logitsAtEveryStep(input).selected(fixture.input.shape[1] - 1, alongAxis: 1)
      expect(lastOfEvery, isCloseTo: fixture.logits, within: 5e-7, "last of the logits at every step, \(fixture)")
    }
  }

  @Test(arguments: [true, false])
  func lossAndGradients(foldsInput: Bool) throws {
    for fixture in cases {
      let model = try fixture.model(foldsInput: foldsInput), (loss, gradient) = fixture.lossAndGradient(of: model)
      #expect(abs(Double(loss.scalar) - fixture.loss) < 5e-7 * fixture.loss, "\(fixture)")
      let paths = model.parameterPaths
      #expect(Set(paths.map(\.name)) == Set(fixture.gradients.keys))
      for path in paths {
        let expected = try #require(fixture.gradients[path.name])
        expect(path.gradient(in: gradient), isCloseTo: expected, within: 2e-6, "\(path.name), \(fixture)")
      }
    }
  }
}

import Recurrent
import Tensors
import Testing
import _Differentiation

/// The fused LSTM against PyTorch: values, and gradients for given cotangents.
@Suite("LSTM against PyTorch")
struct LSTMFixtureTests {
  private let fixture: LSTMFixture

  init() throws { fixture = try Fixture.load("lstm") }

  @Test(arguments: [
    "full lengths", "given lengths", "reversed", "reversed, given lengths", "last hidden state only",
    "last hidden state only, given lengths",
  ])
  func valuesAndGradients(name: String) throws {
    let expected = try #require(fixture.cases.first { $0.name == name })
    func input(_ name: String) throws -> Tensor { try #require(fixture.inputs[name]).tensor() }
    func cotangent(_ name: String) throws -> Tensor {
      expected.cotangents.contains(name) ? try #require(fixture.cotangents[name]).tensor() : .zero
    }

    let layer = LSTM(weightIH: try input("weight_ih"), weightHH: try input("weight_hh"), bias: try input("bias"))
    let state = LSTMState(hidden: try input("h0"), cell: try input("c0"))
    let lengths = expected.lengths, reversed = expected.reversed
    let (output, pullback) = valueWithPullback(at: layer, try input("x"), state) {
      $0($1, initialState: $2, lengths: lengths, reversed: reversed)
    }
    expect(output.hiddenStates, isCloseTo: expected.hidden, within: 5e-7, "hidden states")
    expect(output.finalState.hidden, isCloseTo: expected.finalHidden, within: 5e-7, "final hidden state")
    expect(output.finalState.cell, isCloseTo: expected.finalCell, within: 5e-7, "final cell state")

    let (dLayer, dInput, dState) = pullback(
      .init(
        hiddenStates: try cotangent("hidden"),
        finalState: LSTMState(hidden: try cotangent("final_hidden"), cell: try cotangent("final_cell"))))
    let gradients = [
      "x": dInput, "weight_ih": dLayer.weightIH, "weight_hh": dLayer.weightHH, "bias": dLayer.bias,
      "h0": dState.hidden, "c0": dState.cell,
    ]
    #expect(Set(gradients.keys) == Set(expected.gradients.keys))
    for (name, gradient) in gradients {
      expect(gradient, isCloseTo: try #require(expected.gradients[name]), within: 1e-6, "gradient of \(name)")
    }
  }

  @Test func everyCaseIsChecked() { #expect(fixture.cases.count == 6) }
}

/// `lstm.json`.
private struct LSTMFixture: Decodable {
  let inputs, cotangents: [String: FixtureTensor]
  let cases: [Case]

  struct Case: Decodable {
    let name: String
    let lengths: [Int]
    let reversed: Bool
    let cotangents: [String]
    let hidden, finalHidden, finalCell: FixtureTensor
    let gradients: [String: FixtureTensor]

    enum CodingKeys: String, CodingKey {
      case name, lengths, reversed, cotangents, hidden, gradients
      case finalHidden = "final_hidden"
      case finalCell = "final_cell"
    }
  }
}

import Recurrent
import Tensors
import Testing
import _Differentiation

/// The fused recurrent layers against PyTorch: values, and gradients for given cotangents.
@Suite("Recurrent layers against PyTorch")
struct RecurrentFixtureTests {
  @Test(
    arguments: CellKind.allCases,
    [
      "full lengths", "given lengths", "reversed", "reversed, given lengths", "last hidden state only",
      "last hidden state only, given lengths",
    ])
  func valuesAndGradients(cell: CellKind, name: String) throws {
    let fixture: RecurrentFixture = try Fixture.load(cell.rawValue)
    let expected = try #require(fixture.cases.first { $0.name == name })
    func input(_ name: String) throws -> Tensor { try #require(fixture.inputs[name]).tensor() }
    func cotangent(_ name: String) throws -> Tensor {
      expected.cotangents.contains(name) ? try #require(fixture.cotangents[name]).tensor() : .zero
    }

    let layer = Layer(
      weightIH: try input("weight_ih"), weightHH: try input("weight_hh"), bias: try input("bias"),
      scales: cell.scales > 0 ? try input("scales") : .zero)
    let state = LSTMState(hidden: try input("h0"), cell: cell.hasCellState ? try input("c0") : .zero)
    let (output, pullback) = valueWithPullback(at: layer, try input("x"), state) { layer, x, state in
      recurrent(
        cell, x, initialState: state, weightIH: layer.weightIH, weightHH: layer.weightHH, bias: layer.bias,
        scales: layer.scales, lengths: expected.lengths, reversed: expected.reversed, precision: .fp32)
    }
    // Normalizing five numbers that are nearly alike brings out their rounding.
    let factor = cell == .layerNormLSTM ? 5.0 : 1
    expect(output.hiddenStates, isCloseTo: expected.hidden, within: factor * 5e-7, "hidden states")
    expect(output.finalState.hidden, isCloseTo: expected.finalHidden, within: factor * 5e-7, "final hidden state")

    let dCell = cell.hasCellState ? try cotangent("final_cell") : .zero
    let (dLayer, dInput, dState) = pullback(
      .init(
        hiddenStates: try cotangent("hidden"),
        finalState: LSTMState(hidden: try cotangent("final_hidden"), cell: dCell)))
    var gradients = [
      "x": dInput, "weight_ih": dLayer.weightIH, "weight_hh": dLayer.weightHH, "bias": dLayer.bias,
      "h0": dState.hidden,
    ]
    if let finalCell = expected.finalCell {
      expect(output.finalState.cell, isCloseTo: finalCell, within: factor * 5e-7, "final cell state")
      gradients["c0"] = dState.cell
    }
    if cell.scales > 0 { gradients["scales"] = dLayer.scales }
    #expect(Set(gradients.keys) == Set(expected.gradients.keys))
    for (name, gradient) in gradients {
      expect(gradient, isCloseTo: try #require(expected.gradients[name]), within: factor * 1e-6, "gradient of \(name)")
    }
  }

  @Test(arguments: CellKind.allCases)
  func everyCaseIsChecked(cell: CellKind) throws {
    #expect(try Fixture.load(cell.rawValue, as: RecurrentFixture.self).cases.count == 6)
  }

  private struct Layer: Differentiable {
    var weightIH, weightHH, bias, scales: Tensor
  }
}

/// `lstm.json` and the like, a file for each kind of cell.
private struct RecurrentFixture: Decodable {
  let inputs, cotangents: [String: FixtureTensor]
  let cases: [Case]

  struct Case: Decodable {
    let name: String
    let lengths: [Int]
    let reversed: Bool
    let cotangents: [String]
    let hidden, finalHidden: FixtureTensor
    let finalCell: FixtureTensor?
    let gradients: [String: FixtureTensor]

    enum CodingKeys: String, CodingKey {
      case name, lengths, reversed, cotangents, hidden, gradients
      case finalHidden = "final_hidden"
      case finalCell = "final_cell"
    }
  }
}

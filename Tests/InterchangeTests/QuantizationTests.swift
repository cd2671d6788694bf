import Interchange
import Recurrent
import Tensors
import Testing
import Training

/// What 8 bits leave of a network, and models that cannot be exported at all.
@Suite("Rounding to 8 bits")
struct QuantizationTests {
  /// Each row has 255 levels of its own, none is off by more than half of one, and the largest element is exact but for the
  /// rounding of a float.
  @Test func elementsAreRoundedToTheNearestLevelOfTheirRow() throws {
    var network = smallNetwork(classes: 3)
    let weights: [Float] = [1, -2, 127, 0.4, 0.6, 0, 0, 0, 0, 0, 1e-3, -5.02e-4, 2.54e-4, 0, -1e-3]
    network.head.weight = Tensor(weights, shape: [3, 5])
    let rounded = try smallModel(network).roundedToInt8().head.weight.floats
    #expect(Array(rounded[..<5]) == [1, -2, 127, 0, 1])
    #expect(Array(rounded[5..<10]) == [0, 0, 0, 0, 0])
    let last: [Float] = [127, -64, 32, 0, -127].map { $0 * (1e-3 / 127) }
    for (a, b) in zip(rounded[10...], last) { #expect(abs(a - b) < 1e-9) }
    #expect(try smallModel(network).roundedToInt8().head.bias == network.head.bias)
  }

  @Test(arguments: CellKind.allCases, [3, 9])
  func theRoundedNetworkIsCloseToTheNetwork(cell: CellKind, inputs: Int) throws {
    let model = smallModel(smallNetwork(cell, layers: 2, inputs: inputs)), steps = rawSteps(4, of: model)
    let rounded = try model.roundedToInt8()
    let difference = try largestDifference(model.read(steps), model.read(steps, by: rounded))
    #expect(difference > 1e-6 && difference < 0.1, "\(difference)")
    #expect(rounded.layers.map(\.bias.shape) == model.network.layers.map(\.bias.shape))
    #expect(rounded.layers[1].bias == model.network.layers[1].bias)
  }

  /// A batch, as accuracies are measured on, computes what a stream does.
  @Test(arguments: CellKind.allCases)
  func aBatchOfItIsAStreamOfIt(cell: CellKind) throws {
    let model = smallModel(smallNetwork(cell)), rounded = try model.roundedToInt8()
    var random = RandomGenerator(seed: 4)
    let input = Tensor(random.normals(count: 6 * 3), shape: [1, 6, 3])
    let batch = softmax(rounded.logitsAtEveryStep(input).reshaped(to: [6, 4])).floats
    let reader = Reader(rounded), stream = (0..<6).flatMap { reader.read(Array(input.floats[3 * $0..<3 * $0 + 3])) }
    #expect(try largestDifference([batch], [stream]) < 1e-6)
  }

  @Test func whatCannotBeExported() throws {
    let bidirectional = smallModel(smallNetwork(bidirectional: true))
    #expect(throws: ExportError.bidirectional) { try CNetwork(bidirectional, name: "net") }
    #expect(throws: ExportError.bidirectional) { try bidirectional.roundedToInt8() }
    #expect(
      "\(ExportError.bidirectional)"
        == "a bidirectional network cannot read a stream, which has no end to begin from; export one that reads forward alone"
    )
    var network = smallNetwork(layers: 2)
    network.layers[1].weightHH = Tensor(repeating: .nan, shape: network.layers[1].weightHH.shape)
    let error = #expect(throws: ExportError.self) { try CNetwork(smallModel(network), name: "net") }
    #expect(error == .notFinite("recurrent layer 2"))
    network = smallNetwork()
    network.head.bias = Tensor(repeating: .infinity, shape: [4])
    #expect(throws: ExportError.notFinite("the head")) { try CNetwork(smallModel(network), name: "net") }
    // With 9 features the input layer is not folded in.
    func damaged(_ tensor: inout Tensor) { tensor = Tensor(repeating: .infinity, shape: tensor.shape) }
    let damages: [(String, (inout SequenceClassifier) -> Void)] = [
      ("the input layer", { damaged(&$0.input.weight) }), ("the input layer", { damaged(&$0.input.bias) }),
      ("recurrent layer 1", { damaged(&$0.layers[0].weightIH) }),
      ("recurrent layer 1", { damaged(&$0.layers[0].bias) }),
      ("recurrent layer 1", { damaged(&$0.layers[0].scales) }), ("the head", { damaged(&$0.head.weight) }),
    ]
    for (index, (name, damage)) in damages.enumerated() {
      network = smallNetwork(.peepholeLSTM, inputs: 9)
      damage(&network)
      let error = #expect(throws: ExportError.self) { try CNetwork(smallModel(network), name: "net") }
      #expect(error == .notFinite(name), "damage \(index)")
    }
    // Finite weights, whose product when the input layer is folded in is not.
    network = smallNetwork()
    network.input.weight = Tensor(repeating: 1e30, shape: network.input.weight.shape)
    network.layers[0].weightIH = Tensor(repeating: 1e30, shape: network.layers[0].weightIH.shape)
    #expect(throws: ExportError.notFinite("recurrent layer 1")) { try CNetwork(smallModel(network), name: "net") }
  }
}

import Foundation
import Interchange
import Recurrent
import Tensors
import TestSupport
import Testing
import Training

/// Which layers are found, by which names; what stands for those that are not there; and what is written.
@Suite("Layers in other tools' weights")
struct WeightLayerTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func read(
    _ arrays: [String: SafetensorsArray], _ format: WeightFormat = .pytorch, cell: CellKind? = nil,
    names: WeightNames = WeightNames()
  ) throws -> ImportedWeights {
    try ImportedWeights(contentsOf: folder.file(arrays), format: format, cell: cell, names: names)
  }

  private func write(
    _ network: SequenceClassifier, _ format: WeightFormat = .pytorch, names: WeightNames = WeightNames(),
    foldsInput: Bool = false
  ) throws -> (arrays: [String: SafetensorsArray], metadata: [String: String]) {
    let file = folder.url.appending(path: "written.safetensors")
    try smallModel(network).exportWeights(to: file, format: format, names: names, foldsInput: foldsInput)
    return try Safetensors.loadArrays(from: file)
  }

  @Test func layersAreFoundByTheirShapes() throws {
    let imported = try read(somePyTorchArrays), network = imported.classifier
    #expect(imported.notes == ["lstm lstm, input layer in, head out"])
    #expect(network.input.weight.floats == (try somePyTorchArrays["in.weight"]?.floats()))
    #expect(network.head.bias.floats == (try somePyTorchArrays["out.bias"]?.floats()))
    let bias = try #require(try somePyTorchArrays["lstm.bias_ih_l0"]?.floats())
    #expect(network.layers[0].bias.floats == bias.map { 2 * $0 })

    let keras = try read(someKerasArrays, .keras)
    #expect(keras.notes == ["gru sequential/gru/gru_cell, input layer sequential/dense, head sequential/dense_1"])
    let mlx = try read(someMLXArrays, .mlx, cell: .irnn)
    #expect(mlx.notes == ["irnn rnn, input layer input, head head"] && mlx.classifier.cell == .irnn)
  }

  /// Where every layer is as wide as every other, names alone tell them apart; the end of a name is enough.
  @Test func layersAreFoundByTheirNames() throws {
    let arrays = [
      "net.a.weight": someArray(4, 4), "net.a.bias": someArray(4), "net.b.weight": someArray(4, 4),
      "net.b.bias": SafetensorsArray(shape: [4], floats: [1, 2, 3, 4]), "net.lstm.weight_ih_l0": someArray(16, 4),
      "net.lstm.weight_hh_l0": someArray(16, 4), "net.lstm.bias_ih_l0": someArray(16),
      "net.lstm.bias_hh_l0": someArray(16),
    ]
    let names = [
      WeightNames(head: "b"), WeightNames(input: "a"), WeightNames(input: "net.a", recurrent: ["lstm"], head: "net.b"),
    ]
    for names in names {
      #expect(try read(arrays, names: names).classifier.head.bias.floats == [1, 2, 3, 4], "\(names)")
    }
    #expect(try read(arrays, names: WeightNames(head: "a")).classifier.input.bias.floats == [1, 2, 3, 4])
  }

  @Test func theOrderOfLayersIsThatOfTheirNumbers() throws {
    let ten = ["l.2", "l.10", "l.9"]
    var arrays = ["head.weight": someArray(2, 4), "head.bias": someArray(2)]
    for (index, name) in ten.enumerated() {
      let bias = SafetensorsArray(shape: [16], floats: [Float](repeating: Float(index), count: 16))
      arrays["\(name).Wx"] = someArray(16, 4)
      arrays["\(name).Wh"] = someArray(16, 4)
      arrays["\(name).bias"] = bias
    }
    func biases(_ imported: ImportedWeights) -> [Float] { imported.classifier.layers.map { $0.bias.floats[0] } }
    #expect(try biases(read(arrays, .mlx)) == [0, 2, 1])
    #expect(try biases(read(arrays, .mlx, names: WeightNames(recurrent: ["l.9", "l.2", "l.10"]))) == [2, 0, 1])
    #expect(try read(arrays, .mlx).notes[0] == "lstm l.2 to l.10, input layer none, head head")
    // Keras counts from a name without a number.
    let counted = Dictionary(
      uniqueKeysWithValues: ["lstm_2", "lstm", "lstm_1"].enumerated().flatMap { index, name in
        let bias = SafetensorsArray(shape: [16], floats: [Float](repeating: Float(index), count: 16))
        return [
          ("m/\(name)/lstm_cell/kernel", someArray(4, 16)), ("m/\(name)/lstm_cell/recurrent_kernel", someArray(4, 16)),
          ("m/\(name)/lstm_cell/bias", bias),
        ]
      } + [("m/dense/kernel", someArray(4, 2)), ("m/dense/bias", someArray(2))])
    #expect(try biases(read(counted, .keras)) == [1, 2, 0])
  }

  @Test func theIdentityStandsForAnInputLayer() throws {
    var arrays = somePyTorchArrays.filter { !$0.key.hasPrefix("in.") }
    let imported = try read(arrays), network = imported.classifier
    #expect(imported.notes[1...] == ["no input layer: the identity of 5 features stands for one"])
    #expect(network.inputSize == 5 && network.input.weight.floats.reduce(0, +) == 5)
    // Going out, it is multiplied away again.
    let names = WeightNames(recurrent: ["lstm"], head: "out")
    let back = try write(network, names: names, foldsInput: true).arrays
    let bias = try #require(try arrays["lstm.bias_ih_l0"]?.floats())
    arrays["lstm.bias_ih_l0"] = SafetensorsArray(shape: [16], floats: bias.map { 2 * $0 })
    arrays["lstm.bias_hh_l0"] = SafetensorsArray(shape: [16], floats: [Float](repeating: 0, count: 16))
    #expect(back == arrays)
  }

  /// With a layer that does something, in each direction.
  @Test(arguments: WeightFormat.cells)
  func foldingTheInputLayerChangesNothingElse(cell: CellKind) throws {
    let network = smallNetwork(cell, layers: 2, inputs: 7, bidirectional: true), sequences = someSequences(features: 7)
    let arrays = try write(network, foldsInput: true).arrays
    #expect(arrays["recurrent.weight_ih_l0"]?.shape == [cell.gates * 5, 7] && arrays["input.weight"] == nil)
    let again = try read(arrays, cell: cell).classifier
    #expect(try largestDifference(again(sequences).floats, network(sequences).floats) < 1e-5)
  }

  @Test func zerosStandForBiases() throws {
    let imported = try read(somePyTorchArrays.filter { !$0.key.contains("bias") })
    let network = imported.classifier
    #expect((network.layers[0].bias.floats + network.head.bias.floats).allSatisfy { $0 == 0 })
    #expect(
      imported.notes[1...] == [
        "no biases of the recurrent layers: zeros stand for them", "no in.bias: zeros stand for it",
        "no out.bias: zeros stand for it",
      ])
    // Keras' GRU has to show what its bias is like.
    let error = #expect(throws: ModelFileError.self) {
      _ = try read(someKerasArrays.filter { $0.key != "sequential/gru/gru_cell/bias" }, .keras)
    }
    #expect(error.map { "\($0)".hasSuffix("gru_cell/bias is missing, expected shape [2, 12]") } == true)
  }

  @Test func otherElementTypesAreConverted() throws {
    var arrays = somePyTorchArrays
    let sixteenths = [Float](stride(from: -0.5, to: 0.5, by: 1 / 16))
    let doubles = sixteenths.flatMap { withUnsafeBytes(of: Double($0).bitPattern.littleEndian, Array.init) }
    let brains = sixteenths.flatMap { withUnsafeBytes(of: UInt16($0.bitPattern >> 16).littleEndian, Array.init) }
    arrays["lstm.bias_ih_l0"] = SafetensorsArray(dtype: .f64, shape: [16], bytes: doubles)
    arrays["lstm.bias_hh_l0"] = SafetensorsArray(dtype: .bf16, shape: [16], bytes: brains)
    arrays["in.bias"] = SafetensorsArray(dtype: .f16, shape: [5], bytes: [UInt8](repeating: 0x3C, count: 10))
    arrays["out.bias"] = SafetensorsArray(dtype: .f16, shape: [2], bytes: [0, 0x3C, 0, 0xC0])
    let imported = try read(arrays)
    #expect(imported.classifier.layers[0].bias.floats == sixteenths.map { 2 * $0 })
    #expect(imported.classifier.head.bias.floats == [1, -2])
    #expect(
      imported.notes[1...] == [
        "lstm.bias_hh_l0: BF16 became F32", "in.bias and 1 more: F16 became F32",
        "lstm.bias_ih_l0: F64 became F32, rounded",
      ])
  }

  @Test func namesAreThoseAskedFor() throws {
    let names = WeightNames(input: "net.0", recurrent: ["net.1"], head: "fc")
    #expect(
      try Set(write(smallNetwork(.rnn), names: names).arrays.keys) == [
        "net.0.weight", "net.0.bias", "net.1.weight_ih_l0", "net.1.weight_hh_l0", "net.1.bias_ih_l0",
        "net.1.bias_hh_l0", "fc.weight", "fc.bias",
      ])
    func layers(_ format: WeightFormat, _ named: [String]) throws -> Set<String> {
      let names = try write(smallNetwork(layers: 2), format, names: WeightNames(recurrent: named)).arrays.keys
      return Set(names.compactMap { $0.firstMatch(of: /^(.*)[.\/](Wx|lstm_cell\/kernel)$/).map { String($0.1) } })
    }
    #expect(try layers(.mlx, []) == ["recurrent.0", "recurrent.1"])
    #expect(try layers(.mlx, ["a"]) == ["a.0", "a.1"])
    #expect(try layers(.mlx, ["a", "b"]) == ["a", "b"])
    #expect(try layers(.keras, ["a"]) == ["a_0", "a_1"])
  }

  @Test func theMetadataSaysWhatToDoWithFeaturesAndClasses() throws {
    let metadata = try write(smallNetwork()).metadata
    #expect(metadata["format"] == "pt" && metadata["classes"] == #"["0","1","2","3"]"#)
    #expect(metadata["features"]?.hasPrefix(#"{"mean":[100,107,114],"scale":[0.025,"#) == true)
    #expect(try write(smallNetwork(), .mlx).metadata["format"] == "mlx")
  }
}

import Foundation
import Recurrent
import Tensors
import TestSupport
import Testing
import Training

/// Model files of networks with other cells, several layers, and products in bf16.
@Suite("Model files of every cell")
struct CellFileTests {
  private let folder: TemporaryFolder
  private let file: URL

  init() throws {
    folder = try TemporaryFolder()
    file = folder.file("model.safetensors")
  }

  @Test(arguments: CellKind.allCases, [1, 2])
  func comesBackToTheBit(cell: CellKind, layers: Int) throws {
    let model = smallTrainedModel(cell, layers: layers)
    try model.save(to: file)
    let loaded = try TrainedModel(contentsOf: file)
    #expect(loaded.classifier.cell == cell && loaded.classifier.layers.count == layers)
    #expect(loaded.classifier.precision == .fp32)
    #expect(loaded.classifier.bits == model.classifier.bits)
    let again = folder.file("again.safetensors")
    try loaded.save(to: again)
    #expect(try Data(contentsOf: again) == Data(contentsOf: file))
  }

  /// A device without bf16 gets the same parameters, and computes with them in single precision.
  @Test func thePrecisionComesBackWhereTheDeviceHasIt() throws {
    let model = smallTrainedModel(.gru, layers: 2, precision: .bf16)
    try model.save(to: file)
    let here = try TrainedModel(contentsOf: file)
    #expect(here.classifier.precision == (Device.cpu.supports(.bf16) ? .bf16 : .fp32))
    let device = Device(threads: 1, instructionSet: .avx2)
    let narrow = try TrainedModel(contentsOf: file, on: device)
    #expect(!device.supports(.bf16) && narrow.classifier.precision == .fp32)
    for loaded in [here, narrow] { #expect(loaded.classifier.bits == model.classifier.bits) }
  }

  @Test func stacksHavePyTorchsNamesAndLayout() throws {
    try smallTrainedModel(.gru, layers: 2).save(to: file)
    let ofLayers = (0..<2).flatMap { index in
      [
        ("gru.weight_ih_l\(index)", [36, 12]), ("gru.weight_hh_l\(index)", [36, 12]), ("gru.bias_ih_l\(index)", [36]),
        ("gru.bias_hh_l\(index)", [36]),
      ]
    }
    let others = [("input.weight", [12, 8]), ("input.bias", [12]), ("head.weight", [3, 12]), ("head.bias", [3])]
    let shapes = Dictionary(uniqueKeysWithValues: ofLayers + others)
    #expect(try Safetensors.loadArrays(from: file).arrays.mapValues(\.shape) == shapes)
  }

  @Test func peepholesHaveAnArrayOfTheirOwn() throws {
    let model = smallTrainedModel(.peepholeLSTM, layers: 2)
    try model.save(to: file)
    let (arrays, metadata) = try Safetensors.loadArrays(from: file)
    #expect(Set(arrays.keys).count == 14)
    for (index, layer) in model.classifier.layers.enumerated() {
      #expect(try arrays["peephole_lstm.scale_l\(index)"]?.floats() == layer.scales.floats)
    }
    let wrong: [(SafetensorsArray?, String)] = [
      (nil, "peephole_lstm.scale_l1 is missing, expected shape [36]"),
      (SafetensorsArray(shape: [48], floats: [Float](repeating: 0, count: 48)), "has shape [48], expected [36]"),
      (SafetensorsArray(shape: [36], floats: [Float](repeating: .nan, count: 36)), "numbers that are not finite"),
    ]
    for (array, message) in wrong {
      var changed = arrays
      changed["peephole_lstm.scale_l1"] = array
      try Safetensors.save(arrays: changed, metadata: metadata, to: file)
      let error = #expect(throws: ModelFileError.self) { _ = try TrainedModel(contentsOf: file) }
      #expect(error.map { "\($0)".contains(message) } == true, "\(String(describing: error))")
    }
  }

  /// The bias of the cell state belongs to no gate, and none of PyTorch's two arrays has it.
  @Test func aNormalizedCellStateHasABiasOfItsOwn() throws {
    let model = smallTrainedModel(.layerNormLSTM), bias = model.classifier.layers[0].bias.floats
    try model.save(to: file)
    let (arrays, metadata) = try Safetensors.loadArrays(from: file)
    #expect(try arrays["layer_norm_lstm.bias_ih_l0"]?.floats() == Array(bias[..<48]))
    #expect(try arrays["layer_norm_lstm.bias_hh_l0"]?.floats() == [Float](repeating: 0, count: 48))
    #expect(try arrays["layer_norm_lstm.bias_c_l0"]?.floats() == Array(bias[48...]) && bias.count == 60)
    #expect(arrays["layer_norm_lstm.scale_l0"]?.shape == [108])

    // Both biases of the gates count as their sum: the bias is that of both normalizations.
    let changes = ["layer_norm_lstm.bias_hh_l0": (48, 2), "layer_norm_lstm.bias_c_l0": (12, 3)].mapValues {
      SafetensorsArray(shape: [$0], floats: [Float](repeating: Float($1), count: $0))
    }
    try Safetensors.save(arrays: arrays.merging(changes) { $1 }, metadata: metadata, to: file)
    let loaded = try TrainedModel(contentsOf: file).classifier.layers[0].bias.floats
    #expect(loaded == bias[..<48].map { $0 + 2 } + [Float](repeating: 3, count: 12))
    try Safetensors.save(
      arrays: arrays.filter { $0.key != "layer_norm_lstm.bias_c_l0" }, metadata: metadata, to: file)
    let error = #expect(throws: ModelFileError.self) { _ = try TrainedModel(contentsOf: file) }
    #expect(error.map { "\($0)".contains("layer_norm_lstm.bias_c_l0 is missing, expected shape [12]") } == true)
  }

  @Test func whatHasNoScalesAcceptsNone() throws {
    try smallTrainedModel(.lstm).save(to: file)
    var (arrays, metadata) = try Safetensors.loadArrays(from: file)
    arrays["lstm.scale_l0"] = SafetensorsArray(shape: [36], floats: [Float](repeating: 0, count: 36))
    try Safetensors.save(arrays: arrays, metadata: metadata, to: file)
    let error = #expect(throws: ModelFileError.self) { _ = try TrainedModel(contentsOf: file) }
    #expect(error.map { "\($0)".contains("lstm.scale_l0 is unexpected") } == true)
  }

  /// PyTorch's two biases of r and z count as their sum; those of n are both needed.
  @Test func aGRUsBiasesAreInBothOfPyTorchsArrays() throws {
    let model = smallTrainedModel(.gru), bias = model.classifier.layers[0].bias.floats
    try model.save(to: file)
    let metadata = try Safetensors.loadArrays(from: file).metadata
    var arrays = try Safetensors.loadArrays(from: file).arrays
    #expect(try arrays["gru.bias_ih_l0"]?.floats() == Array(bias[..<36]))
    #expect(try arrays["gru.bias_hh_l0"]?.floats() == [Float](repeating: 0, count: 24) + bias[36...])

    arrays["gru.bias_ih_l0"] = SafetensorsArray(shape: [36], floats: (0..<36).map { Float($0) })
    arrays["gru.bias_hh_l0"] = SafetensorsArray(shape: [36], floats: (0..<36).map { Float(100 * $0) })
    try Safetensors.save(arrays: arrays, metadata: metadata, to: file)
    let loaded = try TrainedModel(contentsOf: file).classifier.layers[0].bias.floats
    #expect(Array(loaded[..<24]) == (0..<24).map { Float(101 * $0) })
    #expect(Array(loaded[24..<36]) == (24..<36).map { Float($0) })
    #expect(Array(loaded[36...]) == (24..<36).map { Float(100 * $0) })
  }

  @Test(arguments: [
    (#""layers":2"#, #""layers":0"#, "found 0 recurrent layers, expected from 1 to 64"),
    (#""layers":2"#, #""layers":65"#, "found 65 recurrent layers, expected from 1 to 64"),
    (#""layers":2"#, #""layers":-1"#, "found -1 recurrent layers"),
    (#""layers":2"#, #""layers":"two""#, "layers.layers"), (#""layers":2,"#, "", "layers.layers"),
    (#""cell":"gru""#, #""cell":"transformer""#, "layers.cell"), (#""cell":"gru","#, "", "layers.cell"),
    (#""precision":"fp32""#, #""precision":"fp8""#, "layers.precision"),
    (#""precision":"fp32","#, "", "layers.precision"),
    // What the arrays are not.
    (#""layers":2"#, #""layers":1"#, "gru.weight_ih_l1 is unexpected"),
    (#""layers":2"#, #""layers":3"#, "gru.weight_ih_l2 is missing"),
    (#""cell":"gru""#, #""cell":"lstm""#, "lstm.weight_ih_l0 is missing"),
  ])
  func hostileDescriptionsAreRefused(found: String, replacement: String, message: String) throws {
    try smallTrainedModel(.gru, layers: 2).save(to: file)
    let (arrays, metadata) = try Safetensors.loadArrays(from: file)
    let text = metadata["unroll.model"] ?? ""
    // The last key of an object has no comma behind it.
    let found = text.contains(found) || !found.hasSuffix(",") ? found : "," + found.dropLast()
    try #require(text.contains(found), "\(text)")
    let changed = metadata.merging(["unroll.model": text.replacing(found, with: replacement)]) { $1 }
    try Safetensors.save(arrays: arrays, metadata: changed, to: file)
    let error = #expect(throws: ModelFileError.self) { _ = try TrainedModel(contentsOf: file) }
    #expect(error.map { "\($0)".contains(message) } == true, "\(String(describing: error))")
  }
}

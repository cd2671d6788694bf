import Datasets
import Foundation
import Recurrent
import Tensors
import TestSupport
import Testing
import Training

@Suite("Model files")
struct TrainedModelTests {
  private let folder: TemporaryFolder
  private let file: URL
  private let model = smallTrainedModel()

  init() throws {
    folder = try TemporaryFolder()
    file = folder.file("model.safetensors")
    try model.save(to: file)
  }

  @Test func comesBackToTheBit() throws {
    let loaded = try TrainedModel(contentsOf: file)
    #expect(loaded.classifier.bits == model.classifier.bits)
    #expect(loaded.classNames == model.classNames)
    #expect(loaded.input == model.input && loaded.target == model.target)
    #expect(loaded.dataset == model.dataset)
    let again = folder.file("again.safetensors")
    try loaded.save(to: again)
    #expect(try Data(contentsOf: again) == Data(contentsOf: file))
  }

  /// Files from before there were such things have neither, and are as they were.
  @Test func whatWasSetApartAndTemperaturesAreOptional() throws {
    let text = try Safetensors.loadArrays(from: file).metadata["unroll.model"] ?? ""
    #expect(text.contains("preprocessing") && !text.contains("validation") && !text.contains("temperatures"))
    let plain = try TrainedModel(contentsOf: file)
    #expect(plain.validation == nil && plain.temperatures == nil)
    let saved = try saveWithTemperatures()
    let loaded = try TrainedModel(contentsOf: file)
    #expect(loaded.validation == ValidationSplit(count: 40, of: 240, seed: UInt64.max))
    #expect(loaded.temperatures?.map(\.bitPattern) == saved.temperatures?.map(\.bitPattern))
    #expect(loaded.classifier.bits == model.classifier.bits)
  }

  @Test func longerSequencesKeepTheLastTemperature() {
    #expect(model.temperatures(steps: 3) == nil)
    var calibrated = model
    calibrated.temperatures = [0.7, 1.3, 1, 1, 1, 1.1, 1, 2]
    #expect(calibrated.temperatures(steps: 3) == [0.7, 1.3, 1])
    #expect(calibrated.temperatures(steps: 10) == [0.7, 1.3, 1, 1, 1, 1.1, 1, 2, 2, 2])
  }

  @Test(arguments: [
    (#""count":40"#, #""count":-1"#, "-1 sequences set apart"),
    (#""count":40"#, #""count":4000000000"#, "4000000000 sequences set apart"),
    (#""count":40"#, #""count":"many""#, "validation.count"), (#""count":40,"#, "", "validation.count is missing"),
    (#""seed":18446744073709551615"#, #""seed":-1"#, "a model's description"),
    (#""total":240"#, #""total":40"#, "40 of 40 sequences"), (#""total":240"#, #""total":-1"#, "40 of -1 sequences"),
    (#""total":240"#, #""total":4000000000"#, "40 of 4000000000"),
    (#""total":240"#, #""total":"all""#, "validation.total"), (#","total":240"#, "", "validation.total is missing"),
    ("[0.7,", "[0.7,1,", "9 temperatures"), ("[0.7,", "[", "7 temperatures"), ("[0.7,", "[0,", "a temperature of 0.0"),
    ("[0.7,", "[-1,", "a temperature of -1.0"), ("[0.7,", "[1e-38,", "a temperature of 1e-38"),
    ("[0.7,", "[1e30,", "a temperature of 1e+30"), ("[0.7,", "[1e400,", "a model's description"),
    ("[0.7,", "[\"NaN\",", "temperatures"), ("[0.7,", "[null,", "temperatures"),
  ])
  func hostileOptionsAreRefused(found: String, replacement: String, message: String) throws {
    try saveWithTemperatures()
    try change { _, metadata in
      let text = metadata["unroll.model"] ?? ""
      try #require(text.contains(found), "\(text)")
      metadata["unroll.model"] = text.replacing(found, with: replacement)
    }
    let error = #expect(throws: ModelFileError.self) { _ = try TrainedModel(contentsOf: file) }
    #expect(error.map { "\($0)".contains(message) } == true, "\(String(describing: error))")
  }

  @Test func whatAFileSaysStaysOnOneLine() throws {
    try change { arrays, metadata in
      metadata["unroll.model"] = metadata["unroll.model"]?.replacing("\"sequence-classifier\"", with: #""a\nb""#)
      arrays["c\nd"] = SafetensorsArray(shape: [1], floats: [0])
    }
    let error = #expect(throws: ModelFileError.self) { _ = try TrainedModel(contentsOf: file) }
    #expect(error.map { "\($0)".hasSuffix("found architecture a b, expected sequence-classifier") } == true)
    try change { _, metadata in
      metadata["unroll.model"] = metadata["unroll.model"]?.replacing(#""a\nb""#, with: "\"sequence-classifier\"")
    }
    let other = #expect(throws: ModelFileError.self) { _ = try TrainedModel(contentsOf: file) }
    #expect(other.map { "\($0)".hasSuffix(": c d is unexpected") } == true, "\(String(describing: other))")
  }

  @discardableResult
  private func saveWithTemperatures() throws -> TrainedModel {
    var model = model
    model.validation = ValidationSplit(count: 40, of: 240, seed: UInt64.max)
    model.temperatures = [0.7, 1.3, 1e-2, 1, 1, 1.1, 100, 1]
    try model.save(to: file)
    return model
  }

  @Test func hasPyTorchsNamesAndLayout() throws {
    let arrays = try Safetensors.loadArrays(from: file).arrays
    let shapes = [
      "input.weight": [12, 8], "input.bias": [12], "lstm.weight_ih_l0": [48, 12], "lstm.weight_hh_l0": [48, 12],
      "lstm.bias_ih_l0": [48], "lstm.bias_hh_l0": [48], "head.weight": [3, 12], "head.bias": [3],
    ]
    #expect(arrays.mapValues(\.shape) == shapes)
    #expect(try arrays["lstm.bias_hh_l0"]?.floats() == [Float](repeating: 0, count: 48))
    #expect(try arrays["lstm.weight_hh_l0"]?.floats() == model.classifier.layers[0].weightHH.floats)
    #expect(try arrays["head.weight"]?.floats() == model.classifier.head.weight.floats)
  }

  @Test func bothBiasesAreAdded() throws {
    try change { arrays, _ in
      arrays["lstm.bias_ih_l0"] = SafetensorsArray(shape: [48], floats: (0..<48).map { Float($0) })
      arrays["lstm.bias_hh_l0"] = SafetensorsArray(shape: [48], floats: (0..<48).map { Float(100 * $0) })
    }
    let loaded = try TrainedModel(contentsOf: file)
    #expect(loaded.classifier.layers[0].bias.floats == (0..<48).map { Float(101 * $0) })
  }

  @Test(arguments: CellKind.allCases, Precision.allCases)
  func stacksOfAnyCellComeBackAsTheyWere(cell: CellKind, precision: Precision) throws {
    let saved = stackedModel(cell, precision)
    try saved.save(to: file)
    let loaded = try TrainedModel(contentsOf: file).classifier
    #expect(loaded.cell == cell && loaded.layers.count == 2)
    #expect(loaded.precision == (Device.cpu.supports(precision) ? precision : .fp32))
    #expect(loaded.bits == saved.classifier.bits)
  }

  /// PyTorch's new gate has a bias on either side of the reset gate, which are not to be added.
  @Test func aGRUsBiasesAreInBothOfPyTorchs() throws {
    let saved = stackedModel(.gru, .fp32)
    try saved.save(to: file)
    let arrays = try Safetensors.loadArrays(from: file).arrays, bias = saved.classifier.layers[1].bias.floats
    #expect(try arrays["gru.bias_ih_l1"]?.floats() == Array(bias[..<36]))
    #expect(try arrays["gru.bias_hh_l1"]?.floats() == [Float](repeating: 0, count: 24) + bias[36...])
    try change { arrays, _ in
      arrays["gru.bias_ih_l0"] = SafetensorsArray(shape: [36], floats: (0..<36).map { Float($0) })
      arrays["gru.bias_hh_l0"] = SafetensorsArray(shape: [36], floats: (0..<36).map { Float(100 * $0) })
    }
    let loaded = try TrainedModel(contentsOf: file).classifier.layers[0].bias.floats
    let summed: [Float] = (0..<24).map { Float(101 * $0) }
    let ofInput: [Float] = (24..<36).map { Float($0) }, ofHidden: [Float] = (24..<36).map { Float(100 * $0) }
    #expect(loaded == summed + ofInput + ofHidden)
  }

  @Test(arguments: [
    ("\"layers\":1", "\"layers\":0"), ("\"layers\":1", "\"layers\":65"), ("\"layers\":1", "\"layers\":-1"),
    ("\"cell\":\"lstm\"", "\"cell\":\"elman\""), ("\"cell\":\"lstm\"", "\"cell\":\"gru\""),
    ("\"precision\":\"fp32\"", "\"precision\":\"fp8\""), ("\"precision\":\"fp32\",", ""),
  ])
  func aDescriptionThatCannotBeIsRefused(part: String, replacement: String) throws {
    try change { _, metadata in
      let text = try #require(metadata["unroll.model"])
      let changed = text.replacingOccurrences(of: part, with: replacement)
      #expect(changed != text, "\(text)")
      metadata["unroll.model"] = changed
    }
    #expect(throws: ModelFileError.self) { _ = try TrainedModel(contentsOf: file) }
  }

  private func stackedModel(_ cell: CellKind, _ precision: Precision) -> TrainedModel {
    var random = RandomGenerator(seed: 4), model = smallTrainedModel()
    model.classifier = SequenceClassifier(
      inputSize: 8, hiddenSize: 12, classes: 3, cell: cell, layers: 2, precision: precision, using: &random)
    for index in 0..<2 {
      model.classifier.layers[index].bias = Initializer.normal().tensor([cell.biases * 12], using: &random, on: .cpu)
    }
    return model
  }

  @Test func everythingWrongIsNamed() throws {
    try change { arrays, _ in
      arrays["input.weight"] = SafetensorsArray(shape: [8, 12], floats: [Float](repeating: 0, count: 96))
      arrays["lstm.bias_hh_l0"] = nil
      arrays["head.bias"] = SafetensorsArray(dtype: .i32, shape: [3], bytes: [UInt8](repeating: 0, count: 12))
      arrays["input.bias"] = SafetensorsArray(shape: [12], floats: [Float](repeating: .infinity, count: 12))
      arrays["lstm.weight_ih_l1"] = SafetensorsArray(shape: [1], floats: [0])
    }
    let problems = [
      "input.weight has shape [8, 12], expected [12, 8]", "input.bias holds numbers that are not finite",
      "lstm.bias_hh_l0 is missing, expected shape [48]", "head.bias holds I32, expected F32",
      "lstm.weight_ih_l1 is unexpected",
    ]
    let error = ModelFileError.wrongArrays(path: file.path, problems: problems)
    #expect(throws: error) { _ = try TrainedModel(contentsOf: file) }
    #expect("\(error)" == "\(file.path): \(problems.joined(separator: "; "))")
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func oneBadNumberIsEnough(number: Float) throws {
    try change { arrays, _ in
      var floats = try arrays["lstm.weight_hh_l0"]?.floats() ?? []
      floats[17] = number
      arrays["lstm.weight_hh_l0"] = SafetensorsArray(shape: [48, 12], floats: floats)
    }
    let error = ModelFileError.wrongArrays(
      path: file.path, problems: ["lstm.weight_hh_l0 holds numbers that are not finite"])
    #expect(throws: error) { _ = try TrainedModel(contentsOf: file) }
  }

  /// What a file says of itself may be anything; it must neither crash nor make room for what is not there.
  @Test(arguments: [
    (#""hidden":12"#, #""hidden":65536"#), (#""hidden":12"#, #""hidden":0"#), (#""hidden":12"#, #""hidden":-4"#),
    (#""hidden":12"#, #""hidden":9223372036854775807"#), (#""hidden":12"#, #""hidden":"twelve""#),
    (#""width":12"#, #""width":13"#), (#""classes":3"#, #""classes":4"#), (#""classes":3"#, #""classes":2"#),
    (#""inputs":8"#, #""inputs":9"#), (#""height":8"#, #""height":1000000000000"#),
    (#""view":"rows""#, #""view":"waves""#), (#""scale":0.003921569"#, #""scale":1e400"#),
    (#""view":"rows""#, #""view":"pixels""#),
    (#""architecture":"sequence-classifier""#, #""architecture":"transformer""#), (#"{"#, #"["#),
  ])
  func hostileDescriptionsAreRefused(found: String, replacement: String) throws {
    try change { _, metadata in
      let text = metadata["unroll.model"] ?? ""
      try #require(text.contains(found), "\(text)")
      metadata["unroll.model"] = text.replacing(found, with: replacement)
    }
    #expect(throws: ModelFileError.self) { _ = try TrainedModel(contentsOf: file) }
  }

  @Test func otherFilesAreRefused() throws {
    try change { _, metadata in metadata["unroll.format"] = "model-99" }
    let error = #expect(throws: ModelFileError.self) { _ = try TrainedModel(contentsOf: file) }
    #expect(error.map { "\($0)" } == "\(file.path): not a model of Unroll: found format model-99, expected model-1")
    try change { _, metadata in metadata = [:] }
    #expect(throws: ModelFileError.self) { _ = try TrainedModel(contentsOf: file) }
    #expect(throws: ModelFileError.self) { _ = try Checkpoint.load(from: file, on: .cpu) }
    try AtomicFile.write("no model", to: file)
    #expect(throws: SafetensorsError.self) { _ = try TrainedModel(contentsOf: file) }
    #expect(throws: FileError.self) { _ = try TrainedModel(contentsOf: folder.file("nothing")) }
  }

  private typealias Arrays = [String: SafetensorsArray]

  private func change(_ change: (inout Arrays, inout [String: String]) throws -> Void) throws {
    var (arrays, metadata) = try Safetensors.loadArrays(from: file)
    try change(&arrays, &metadata)
    try Safetensors.save(arrays: arrays, metadata: metadata, to: file)
  }
}

import Foundation
import InterchangeONNX
import Recurrent
import Tensors
import TestSupport
import Testing
import Training

#if ONNX
  /// Files of ONNX, written and read.
  @Suite("ONNX files")
  struct FileTests {
    private let folder: TemporaryFolder
    private let file: URL

    init() throws {
      folder = try TemporaryFolder()
      file = folder.file("model.onnx")
    }

    @Test(arguments: exportableCells, [true, false])
    func comesBackToTheBit(cell: CellKind, bidirectional: Bool) throws {
      let model = randomModel(cell, layers: 2, bidirectional: bidirectional)
      try ONNX.save(model, to: file)
      let read = try #require(try ONNX.load(from: file).model(path: file.path))
      #expect(read.classifier.bits == model.classifier.bits)
      #expect(read.classNames == model.classNames && read.temperatures == model.temperatures)

      let graph = try ONNXGraph(model)
      let bytes = try graph.encoded()
      #expect(try ONNXGraph(encoded: bytes, path: "file") == graph)
      #expect(try ONNXGraph(encoded: bytes, path: "file").encoded() == bytes)
      #expect(try Array(Data(contentsOf: file)) == bytes)
    }

    @Test func aWholeAttributeOfAnyKindComesBack() throws {
      var graph = ONNXGraph(operatorSet: 17)
      graph.nodes = [
        .init(
          operation: "Any", inputs: ["", "a"], outputs: ["b", ""],
          attributes: [
            "integer": .integer(0), "integers": .integers([0, -1, .max]), "float": .float(0),
            "floats": .floats([1, -0.5]),
            "text": .text(""), "texts": .texts(["a", ""]),
            "tensor": .tensor(ONNXConstant(shape: [2, 1], .int32([.min, 7]))),
          ])
      ]
      graph.constants = [
        ("int64", ONNXConstant(shape: [], .int64([.min]))), ("float", ONNXConstant(shape: [0, 3], .float([]))),
      ]
      #expect(try ONNXGraph(encoded: graph.encoded(), path: "file") == graph)
    }

    /// What PyTorch's two exporters make of such networks, beside what they compute there.
    @Test(arguments: try TorchFile.all())
    func filesOfPyTorchAreRead(torch: TorchFile) throws {
      let network = try ONNX.load(from: torch.url)
      #expect(network.classifier.cell.rawValue == torch.cell)
      let input = Tensor(torch.input.flatMap { $0.flatMap { $0 } }, shape: [2, 7, 3])
      let logits = network.classifier(input).floats, expected = torch.logits.flatMap { $0 }
      try #require(logits.count == expected.count)
      for (a, b) in zip(logits, expected) { #expect(abs(a - b) < 1e-5, "\(logits)\n\(expected)") }
      #expect(network.classNames == nil)
      #expect(try network.model(path: torch.url.path) == nil)
    }

    @Test func otherFilesAreRefused() throws {
      let good = try ONNXGraph(randomModel(.rnn)).encoded()
      for bytes in [[], Array("no model".utf8), Array(good.prefix(good.count / 2)), Array(good.dropLast())] {
        try AtomicFile.write(bytes, to: file)
        let error = #expect(throws: ONNXError.self) { _ = try ONNX.load(from: file) }
        #expect(error.map { "\($0)".hasPrefix("\(file.path): found ") } == true, "\(String(describing: error))")
      }
      #expect(throws: FileError.self) { _ = try ONNX.load(from: folder.file("nothing")) }
      #expect(throws: FileError.self) { _ = try ONNX.load(from: folder.url) }
      #expect(throws: FileError.self) { try ONNX.save(randomModel(.rnn), to: folder.file("none/model.onnx")) }
      #expect(throws: ONNXError.noOperator(.layerNormLSTM)) {
        try ONNX.save(randomModel(.layerNormLSTM), to: folder.file("new.onnx"))
      }
      #expect(try folder.contents() == ["model.onnx"])
    }

    @Test func aHugeFileIsNotRead() throws {
      try AtomicFile.write([UInt8](), to: file)
      try #require(truncate(file.path, 1 << 40) == 0)
      let error = #expect(throws: ONNXError.self) { _ = try ONNX.load(from: file) }
      #expect(error.map { "\($0)".contains("found 1099511627776 bytes") } == true)
    }

    /// Seeded damage to bytes, and to graphs beneath them: whatever comes, a file is read or refused, and never more.
    @Test func damagedFilesAreReadOrRefused() throws {
      let cells = [CellKind.lstm, .peepholeLSTM, .coupledLSTM, .gru, .irnn]
      let own = try cells.enumerated().map { index, cell in
        try ONNXGraph(randomModel(cell, layers: 1 + index % 2, bidirectional: index % 2 == 0))
      }
      let torch = try TorchFile.all().map { torch in
        try ONNXGraph(encoded: Array(Data(contentsOf: torch.url)), path: torch.name)
      }
      let whole = own + torch, encoded = try whole.map { try $0.encoded() }
      var random = RandomGenerator(seed: 5)
      var read = [0, 0], refused = [0, 0]
      for round in 0..<20_000 {
        let damagesGraph = round % 2, index = round / 2 % whole.count
        do {
          let graph =
            damagesGraph == 1
            ? whole[index].damaged(using: &random)
            : try ONNXGraph(encoded: damaged(encoded[index], using: &random), path: "file")
          let network = try graph.network()
          #expect(network.classifier.classes > 0)
          _ = try? network.model(path: "file")
          read[damagesGraph] += 1
        } catch {
          #expect(error is ONNXError || error is ONNXRefusal)
          refused[damagesGraph] += 1
        }
      }
      #expect((read + refused).allSatisfy { $0 > 1000 }, "\(read) read, \(refused) refused")
    }

    /// One to three changes: bits flipped, bytes replaced, removed or repeated, the end cut off.
    private func damaged(_ bytes: [UInt8], using random: inout RandomGenerator) -> [UInt8] {
      var bytes = bytes
      for _ in 0...random.below(3) where !bytes.isEmpty {
        let place = random.below(bytes.count)
        switch random.below(12) {
        case 0..<5: bytes[place] ^= 1 << UInt8(random.below(8))
        case 5..<8: bytes[place] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)]
        case 8: bytes[place] = UInt8(random.below(256))
        case 9: bytes.remove(at: place)
        case 10: bytes.insert(contentsOf: bytes[place...].prefix(9), at: place)
        default: bytes.removeLast(min(random.below(20), bytes.count))
        }
      }
      return bytes
    }
  }

  extension RandomGenerator {
    fileprivate mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
  }

  extension ONNXGraph {
    /// One or two changes: a node takes another tensor, or is another operator, settings change, constants get another
    /// shape or extreme numbers.
    fileprivate func damaged(using random: inout RandomGenerator) -> ONNXGraph {
      var graph = self
      let extremes = [Int.min, -2, -1, 0, 1, 2, 3, 65_537, .max]
      let names = constants.map(\.name) + nodes.flatMap(\.outputs) + inputs.map(\.name)
      for _ in 0...random.below(2) {
        let place = random.below(nodes.count), other = nodes[random.below(nodes.count)]
        let extreme = extremes[random.below(extremes.count)]
        switch random.below(7) {
        case 0:
          if graph.nodes[place].inputs.isEmpty { break }
          graph.nodes[place].inputs[random.below(graph.nodes[place].inputs.count)] = names[random.below(names.count)]
        case 1: graph.nodes[place].operation = other.operation
        case 2: graph.nodes[place].attributes = other.attributes
        case 3:
          let keys = graph.nodes[place].attributes.keys.sorted() + ["axis", "input_forget", "start", "layout"]
          graph.nodes[place].attributes[keys[random.below(keys.count)]] =
            random.below(2) == 0 ? .integer(extreme) : .integers([extreme, 0, 1])
        case 4: graph.nodes[place].inputs = Array(other.inputs.reversed())
        case 5:
          let constant = random.below(constants.count), shape = Array(constants[constant].value.shape.reversed())
          graph.constants[constant].value = ONNXConstant(shape: shape, constants[constant].value.elements)
        default:
          let constant = random.below(constants.count), shape = constants[constant].value.shape
          let count = shape.reduce(1, *)
          graph.constants[constant].value = ONNXConstant(
            shape: shape,
            random.below(2) == 0
              ? .int64([Int64](repeating: Int64(extreme), count: count))
              : .float([Float](repeating: [0, .infinity, .greatestFiniteMagnitude][random.below(3)], count: count)))
        }
      }
      return graph
    }
  }
#else
  /// A build without protocol buffers.
  @Suite("No ONNX files")
  struct NoFileTests {
    @Test func saysHowToBuildIt() throws {
      let folder = try TemporaryFolder(), file = folder.file("model.onnx")
      #expect(!ONNX.isBuiltIn)
      let error = #expect(throws: ONNXError.notBuiltIn) { try ONNX.save(randomModel(.lstm), to: file) }
      #expect(error.map { "\($0)".contains("swift build -c release --traits ONNX") } == true)
      #expect(try folder.contents().isEmpty)
      try AtomicFile.write("anything", to: file)
      #expect(throws: ONNXError.notBuiltIn) { _ = try ONNX.load(from: file) }
    }
  }
#endif

import Foundation
import InterchangeONNX
import Recurrent
import Tensors
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

    /// Seeded damage, at the bytes and beneath them: whatever comes, a file is read or refused, and never more.
    @Test func damagedFilesAreReadOrRefused() throws {
      let cells = [CellKind.lstm, .peepholeLSTM, .coupledLSTM, .gru, .irnn]
      let files = try cells.enumerated().map { index, cell in
        try ONNXGraph(randomModel(cell, layers: 1 + index % 2, bidirectional: index % 2 == 0)).encoded()
      }
      let torch = try TorchFile.all().map { Array(try Data(contentsOf: $0.url)) }
      let whole = files + torch
      var random = RandomGenerator(seed: 5)
      var (read, refused) = (0, 0)
      for round in 0..<20_000 {
        let bytes = mutate(whole[round % whole.count], using: &random)
        do {
          let network = try ONNXGraph(encoded: bytes, path: "file").network()
          #expect(network.classifier.classes > 0)
          _ = try? network.model(path: "file")
          read += 1
        } catch {
          #expect(error is ONNXError || error is ONNXRefusal)
          refused += 1
        }
      }
      #expect(read > 1000 && refused > 3000, "\(read) read, \(refused) refused")
    }

    /// One to four changes: bits flipped, bytes replaced, removed or repeated, the end cut off.
    private func mutate(_ bytes: [UInt8], using random: inout RandomGenerator) -> [UInt8] {
      func below(_ limit: Int, _ random: inout RandomGenerator) -> Int { Int(random.next() % UInt64(limit)) }
      var bytes = bytes
      for _ in 0...below(4, &random) where !bytes.isEmpty {
        // Weights are most of a file, and any number will do there: half of the changes go to what stands around them.
        let edge = min(bytes.count, 600),
          place = below(2, &random) == 0 ? below(edge, &random) : below(bytes.count, &random)
        switch below(6, &random) {
        case 0: bytes[place] ^= 1 << UInt8(below(8, &random))
        case 1: bytes[place] = [0, 1, 0x7f, 0x80, 0xff][below(5, &random)]
        case 2: bytes[place] = UInt8(below(256, &random))
        case 3: bytes.remove(at: place)
        case 4: bytes.insert(contentsOf: bytes[place...].prefix(9), at: place)
        default: bytes.removeLast(min(below(20, &random), bytes.count))
        }
      }
      return bytes
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

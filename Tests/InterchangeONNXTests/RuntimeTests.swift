#if ONNX
  import Foundation
  import InterchangeONNX
  import Recurrent
  import Tensors
  import TestSupport
  import Testing
  import Training

  private let python = ProcessInfo.processInfo.environment["UNROLL_PYTHON"]

  /// Files held against the packages `onnx` and `onnxruntime`, by a Python that has them, which `UNROLL_PYTHON` names.
  @Suite("ONNX Runtime", .enabled(if: python != nil, "needs UNROLL_PYTHON"))
  struct RuntimeTests {
    private struct Case: Encodable {
      let name: String
      let cell: CellKind
      let file: String
      let sequences: [[[Float]]]
      let prefixes: [[[Float]]]
      let lengths: [Int]
      let temperatures: [Float]?
    }

    private struct Result: Decodable {
      let name: String
      let differences: [String: Double]
    }

    /// Every cell in every shape; logits after 1 to 30 steps of 1 and of 7 sequences, by lengths, and calibrated.
    @Test func computesWhatUnrollDoes() throws {
      let folder = try TemporaryFolder()
      var cases: [Case] = []
      for cell in exportableCells {
        for (layers, bidirectional) in [(1, false), (2, false), (1, true), (2, true)] {
          let name = "\(layers) × \(cell.rawValue)\(bidirectional ? ", bidirectional" : "")"
          let model = randomModel(
            cell, layers: layers, bidirectional: bidirectional, seed: UInt64(cases.count), calibrated: layers == 1)
          cases.append(try write(model, name: name, takesLengths: true, to: folder.file("\(cases.count).onnx")))
        }
      }
      let plain = randomModel(.lstm, layers: 2)
      cases.append(try write(plain, name: "no lengths", takesLengths: false, to: folder.file("plain.onnx")))

      let list = folder.file("cases.json")
      try AtomicFile.write(try JSONText.encode(cases), to: list)
      let results = try JSONText.decode([Result].self, from: try runScript(list))
      #expect(results.map(\.name) == cases.map(\.name))
      var worst: [String: Double] = [:]
      for (result, given) in zip(results, cases) {
        var expected: Set = ["logits", "probabilities"]
        if given.name != "no lengths" { expected.formUnion(["logits by lengths", "probabilities by lengths"]) }
        if !given.name.contains("bidirectional") { expected.insert("logits_every_step") }
        if given.cell == .coupledLSTM { expected.insert("logits by input_forget") }
        #expect(Set(result.differences.keys) == expected, "\(result.name)")
        for (comparison, difference) in result.differences {
          #expect(difference <= 1e-5, "\(result.name): \(comparison)")
          worst[comparison] = max(worst[comparison] ?? 0, difference)
        }
      }
      for (comparison, difference) in worst.sorted(by: { $0.key < $1.key }) {
        print("ONNX Runtime, \(comparison): \(difference)")
      }
    }

    /// Writes the file of a model, and what Unroll makes of random sequences.
    private func write(_ model: TrainedModel, name: String, takesLengths: Bool, to file: URL) throws -> Case {
      try ONNX.save(model, to: file, takesLengths: takesLengths)
      let (batch, steps) = (7, 30), features = model.classifier.inputSize, scaling = model.featureScaling
      var random = RandomGenerator(seed: 3)
      let raw = random.normals(count: batch * steps * features).map { 40 + 60 * $0 }
      let scaled = raw.enumerated().map { index, value in
        (value - scaling.mean[index % features]) * scaling.scale[index % features]
      }
      let sequences = Tensor(scaled, shape: [batch, steps, features])
      let prefixes = (1...steps).map { step in
        model.classifier(sequences.sliced(alongAxis: 1, 0..<step)).floats.chunked(by: model.classifier.classes)
      }
      return Case(
        name: name, cell: model.classifier.cell, file: file.path,
        sequences: raw.chunked(by: features).chunked(by: steps), prefixes: prefixes,
        lengths: [30, 1, 7, 29, 2, 15, 30],
        temperatures: model.temperatures)
    }

    /// Runs the script on a list of cases, and returns what it prints.
    private func runScript(_ list: URL) throws -> String {
      let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Support/onnx_runtime.py")
      let process = Process(), output = Pipe()
      process.executableURL = URL(fileURLWithPath: python ?? "")
      process.arguments = [script.path, list.path]
      process.standardOutput = output
      try process.run()
      let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0, "the script failed; what it says is above")
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  extension Array {
    fileprivate func chunked(by size: Int) -> [[Element]] {
      stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
  }
#endif

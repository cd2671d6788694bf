import Foundation
import Interchange
import Recurrent
import Tensors
import TestSupport
import Testing
import Training

/// Weights to and fro with the other tool itself, by the scripts of `Tests/Interop`. An environment variable for each
/// tool names a Python that has it; without, the test is skipped and says so.
@Suite("Weights to and fro")
struct WeightPeerTests {
  @Test(.enabled(if: python("UNROLL_TORCH") != nil, "needs UNROLL_TORCH, the path of a Python with PyTorch"))
  func pytorch() throws { try travel(.pytorch, "torch_peer.py", python("UNROLL_TORCH"), cases: 16) }

  @Test(.enabled(if: python("UNROLL_KERAS") != nil, "needs UNROLL_KERAS, the path of a Python with Keras"))
  func keras() throws { try travel(.keras, "keras_peer.py", python("UNROLL_KERAS"), cases: 16) }

  @Test(.enabled(if: python("UNROLL_MLX") != nil, "needs UNROLL_MLX, the path of a Python with MLX"))
  func mlx() throws { try travel(.mlx, "mlx_peer.py", python("UNROLL_MLX"), cases: 8) }

  private func travel(_ format: WeightFormat, _ script: String, _ python: String?, cases count: Int) throws {
    let python = try #require(python), folder = try TemporaryFolder()
    let scripts = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Interop")
    func run(_ command: String) throws -> String {
      let arguments = ["-B", scripts.appending(path: script).path, command, folder.url.path]
      let (status, output) = try InterchangeTests.run(python, arguments, in: folder.url)
      let text = String(decoding: output, as: UTF8.self)
      try #require(status == 0, "\(text)")
      return text.split(separator: "\n").last.map(String.init) ?? ""
    }
    func file(_ name: String) -> URL { folder.url.appending(path: "\(name).safetensors") }

    let summary = try run("make")
    let cases = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
      .filter { $0.hasSuffix(".answers.safetensors") }.map { String($0.dropLast(".answers.safetensors".count)) }
    try #require(cases.count == count)
    var read: [String: [Float]] = [:], worstRead: Float = 0, worstWritten: Float = 0
    for name in cases {
      let answers = try Answers(contentsOf: file("\(name).answers"))
      let cell = CellKind(rawValue: String(name.prefix { $0 != "-" }))
      let network = try ImportedWeights(contentsOf: file(name), format: format, cell: cell).classifier
      let logits = network(answers.sequences).floats
      let difference = try largestDifference(logits, answers.logits)
      #expect(difference < 1e-5, "\(name), read")
      worstRead = max(worstRead, difference)
      read[name] = logits
      try smallModel(network).exportWeights(to: file("\(name).exported"), format: format)
    }
    _ = try run("answer")
    for (name, logits) in read {
      let again = try #require(try Safetensors.loadArrays(from: file("\(name).again")).arrays["logits"]).floats()
      let difference = try largestDifference(again, logits)
      #expect(difference < 1e-5, "\(name), written")
      worstWritten = max(worstWritten, difference)
    }
    print("\(format.rawValue): logits within \(worstRead) reading and \(worstWritten) writing; \(summary)")
  }
}

/// The interpreter that a variable of the environment names, if any.
private func python(_ variable: String) -> String? {
  ProcessInfo.processInfo.environment[variable].flatMap { $0.isEmpty ? nil : $0 }
}

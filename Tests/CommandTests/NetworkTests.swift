import Foundation
import Testing
import Unroll

/// Other cells, several layers, products in bf16, and the instruction sets that these need.
@Suite("Networks")
struct NetworkTests {
  private let sandbox: Sandbox
  private static let avx2 = ["UNROLL_MAX_ISA": "avx2"]

  init() throws {
    sandbox = try Sandbox()
  }

  private func train(_ flags: String..., environment: [String: String] = [:]) throws -> Outcome {
    try sandbox.unroll(["train", "bars", "--output", "run", "--quiet"] + quickly + flags, environment: environment)
  }

  /// Trained, written, gone on with and read again.
  @Test(arguments: ["peephole-lstm", "coupled-lstm", "layer-norm-lstm", "irnn"])
  func otherCells(cell: String) throws {
    expectQuietSuccess(try train("--cell", cell))
    expectQuietSuccess(try sandbox.unroll("train", "--resume", "run", "--quiet"))
    let model = try TrainedModel(contentsOf: sandbox.file("run/model.safetensors")).classifier
    #expect(model.cell.rawValue == cell)
    // Peepholes start at 0 and gains at 1, and training moves them.
    let start: Float = cell == "layer-norm-lstm" ? 1 : 0
    #expect(model.layers[0].scales.floats.contains { $0 != start } == (model.cell.scales > 0))
    expectQuietSuccess(try sandbox.unroll("evaluate", "run", "--json"))
  }

  @Test func aStackOfGRUs() throws {
    expectQuietSuccess(try train("--cell", "gru", "--layers", "2"))
    let model = try TrainedModel(contentsOf: sandbox.file("run/model.safetensors")).classifier
    #expect(model.cell == .gru && model.layers.count == 2 && model.precision == .fp32)
    let text = try sandbox.text("run/config.json")
    let configuration = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let plan = try #require(configuration["plan"] as? [String: Any])
    #expect(plan["cell"] as? String == "gru" && plan["layers"] as? Int == 2 && plan["precision"] as? String == "fp32")
    let evaluation = try sandbox.unroll("evaluate", "run", "--json")
    expectQuietSuccess(evaluation)
    #expect(try evaluation.object()["count"] as? Int == 90)
  }

  @Test func aBidirectionalNetwork() throws {
    expectQuietSuccess(try train("--bidirectional", "--layers", "2", "--validation", "40"))
    let model = try TrainedModel(contentsOf: sandbox.file("run/model.safetensors")).classifier
    #expect(model.isBidirectional && model.layers.count == 2)
    #expect(try sandbox.text("run/config.json").contains("\"objective\" : \"random-prefix\""))
    let steps = try sandbox.unroll("steps", "run", "--json"),
      evaluation = try sandbox.unroll("evaluate", "run", "--json")
    for outcome in [steps, evaluation, try sandbox.unroll("early", "run", "--json")] { expectQuietSuccess(outcome) }
    for truncation in ["steps", "steps_blank_front"] {
      let rows = try #require(steps.object()[truncation] as? [[String: Any]])
      #expect(rows.count == 8)
      #expect(rows.last?["accuracy"] as? Double == (try evaluation.object()["accuracy"] as? Double))
    }
    let prediction = try sandbox.unroll("predict", "run", "0", "--steps", "3", "--json")
    expectQuietSuccess(prediction)
    let beliefs = try prediction.predictions()[0]["beliefs"] as? [Any]
    #expect(beliefs?.count == 3)

    expect(try sandbox.unroll("inspect", "run"), failsWith: 65, saying: "run: a bidirectional network")

    let before = try sandbox.contents("run")
    expectQuietSuccess(try sandbox.unroll("train", "--resume", "run", "--quiet"))
    #expect(try sandbox.data("run/model.safetensors") == before["model.safetensors"], "the checkpoint is that network")
  }

  @Test(arguments: [("--cell", "gru", "lstm"), ("--layers", "3", "2"), ("--precision", "bf16", "fp32")])
  func aRunGoesOnAsItBegan(flag: String, value: String, begun: String) throws {
    expectQuietSuccess(try train("--cell", "lstm", "--layers", "2"))
    let before = try sandbox.contents("run")
    let outcome = try sandbox.unroll("train", "--resume", "run", flag, value)
    expect(outcome, failsWith: 64, saying: "\(flag) \(value) contradicts the run, which began with \(begun)")
    #expect(try sandbox.contents("run") == before)
  }

  @Test func bf16NeedsItsInstructions() throws {
    let outcome = try train("--precision", "bf16", environment: Self.avx2)
    expect(outcome, failsWith: 64, saying: "--precision bf16", "AVX512_BF16", "avx2", "fp32 alone")
    #expect(try sandbox.names() == ["bars"], "a run that cannot begin leaves no folder")
    let bench = try sandbox.unroll("bench", "--precision", "bf16", environment: Self.avx2)
    expect(bench, failsWith: 64, saying: "--precision bf16")
  }

  @Test(.enabled(if: Device.cpu.supports(.bf16), "the processor has no AVX512_BF16"))
  func aModelInBF16IsReadInSinglePrecisionElsewhere() throws {
    expectQuietSuccess(try train("--precision", "bf16", "--epochs", "8"))
    let here = try sandbox.unroll("evaluate", "run", "--json")
    let elsewhere = try sandbox.unroll("evaluate", "run", "--json", environment: Self.avx2)
    for outcome in [here, elsewhere] { expectQuietSuccess(outcome) }
    let entropies = try [here, elsewhere].map { try #require($0.object()["cross_entropy"] as? Double) }
    #expect(abs(entropies[0] - entropies[1]) < 0.02 && entropies[0] != entropies[1], "\(entropies)")
    // To go on with the run is another thing.
    let resumed = try sandbox.unroll("train", "--resume", "run", environment: Self.avx2)
    expect(resumed, failsWith: 64, saying: "--precision bf16")
  }

  @Test(arguments: ["nonsense", "avx", " avx2"])
  func anInstructionSetThatNobodyKnows(value: String) throws {
    for arguments in [["train", "bars", "--output", "run"], ["evaluate", "run"], ["steps", "run"], ["bench"]] {
      let outcome = try sandbox.unroll(arguments, environment: ["UNROLL_MAX_ISA": value])
      expect(outcome, failsWith: 64, saying: "UNROLL_MAX_ISA=\(value)", "expected one of baseline, avx2, avx512")
    }
    #expect(try sandbox.names() == ["bars"])
    for arguments in [["--help"], [], ["train", "--help"], ["data", "list"]] {
      expectQuietSuccess(try sandbox.unroll(arguments, environment: ["UNROLL_MAX_ISA": value]))
    }
  }

  @Test(arguments: ["", "AVX2", "baseline"])
  func instructionSetsThatAreKnown(value: String) throws {
    let arguments = ["train", "bars", "--output", "run", "--quiet"] + quickly
    expectQuietSuccess(try sandbox.unroll(arguments, environment: ["UNROLL_MAX_ISA": value]))
  }
}

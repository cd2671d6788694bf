import Foundation
import Testing
import Unroll

@Suite("Other tools' weights")
struct ImportTests {
  private let sandbox: Sandbox
  private let size = ["--height", "8", "--width", "8", "--dataset", "bars"]

  init() throws {
    sandbox = try Sandbox()
    expectQuietSuccess(try sandbox.unroll(["train", "bars", "--output", "run", "--quiet"] + quickly))
  }

  @Test(arguments: ["pytorch", "keras", "mlx"])
  func whatIsExportedComesBack(format: String) throws {
    let before = try sandbox.contents("run")
    let exported = try sandbox.unroll("export", "run", "--\(format)", "weights.safetensors")
    expectQuietSuccess(exported)
    #expect(exported.output.contains("head") && exported.output.hasSuffix("\n\nWritten: weights.safetensors\n"))
    let imported = try sandbox.unroll(
      ["import", "weights.safetensors", "--from", format, "--output", "again.safetensors"] + size)
    expectQuietSuccess(imported)
    #expect(imported.output.hasSuffix("\n8 features → lstm of 8 units → 3 classes\nWritten: again.safetensors\n"))
    let evaluations = try ["run", "again.safetensors"].map { try sandbox.unroll("evaluate", $0, "--json").output }
    #expect(evaluations[0] == evaluations[1])
    #expect(try sandbox.contents("run") == before)
  }

  @Test func theOtherToolsNames() throws {
    let exported = try sandbox.unroll(
      "export", "run/model.safetensors", "--pytorch", "w.safetensors", "--recurrent", "net.lstm", "--head", "fc",
      "--fold-input", "--json")
    expectQuietSuccess(exported)
    let arrays = try #require(exported.object()["arrays"] as? [String: [Int]])
    #expect(
      arrays == [
        "fc.weight": [3, 8], "fc.bias": [3], "net.lstm.weight_ih_l0": [32, 8], "net.lstm.weight_hh_l0": [32, 8],
        "net.lstm.bias_ih_l0": [32], "net.lstm.bias_hh_l0": [32],
      ])
    let imported = try sandbox.unroll(
      ["import", "w.safetensors", "--from", "pytorch", "--output", "again.safetensors", "--head", "fc", "--quiet"]
        + size)
    expectQuietSuccess(imported)
    #expect(imported.output.isEmpty)
  }

  @Test func whatFlagsSayAboutImagesIsInTheModel() throws {
    expectQuietSuccess(try sandbox.unroll("export", "run", "--pytorch", "w.safetensors"))
    let imported = try sandbox.unroll(
      ["import", "w.safetensors", "--from", "pytorch", "--output", "again.safetensors"]
        + ["--classes", "ä,b,c", "--view", "columns", "--mean", "0.5", "--std", "0.25"] + size)
    expectQuietSuccess(imported)
    let model = try TrainedModel(contentsOf: sandbox.file("again.safetensors"))
    #expect(model.classNames == ["ä", "b", "c"] && model.dataset == "bars")
    // A pixel of 255 is (1 − 0.5) / 0.25, one of 0 is −0.5 / 0.25.
    #expect(
      model.input.images
        == Preprocessing(view: .columns, height: 8, width: 8, scale: 1 / (255 * Float(0.25)), shift: -2))
  }

  @Test func whatDoesNotFitIsRefused() throws {
    expectQuietSuccess(try sandbox.unroll("export", "run", "--pytorch", "w.safetensors"))
    func outcome(_ file: String, _ more: String...) throws -> Outcome {
      try sandbox.unroll(["import", file, "--from", "pytorch", "--output", "again.safetensors"] + more)
    }
    expect(try outcome("w.safetensors"), failsWith: 65, saying: "reads 8 features", "28×28", "--view")
    expect(
      try outcome("w.safetensors", "--height", "8", "--width", "8", "--classes", "a,b"), failsWith: 65,
      saying: "--classes has 2 names", "3 classes")
    expect(try outcome("no.safetensors"), failsWith: 66, saying: "no.safetensors")
    expect(try outcome("run/summary.json"), failsWith: 65, saying: "not a safetensors file")
    expect(try outcome("w.safetensors", "--head", "fc"), failsWith: 65, saying: "--head fc", "input")
    #expect(try !sandbox.names().contains("again.safetensors"))
    let peepholes = try sandbox.unroll(
      ["train", "bars", "--cell", "peephole-lstm", "--output", "peepholes", "--quiet"] + quickly)
    expectQuietSuccess(peepholes)
    expect(try sandbox.unroll("export", "peepholes", "--mlx", "m.safetensors"), failsWith: 65, saying: "peephole-lstm")
    expect(try sandbox.unroll("export", "run", "--mlx", "no/m.safetensors"), failsWith: 73, saying: "no/m.safetensors")
  }

  @Test(arguments: [
    ["import"], ["import", "w", "--from", "pytorch"], ["import", "w", "--output", "m"],
    ["import", "w", "--from", "tensorflow", "--output", "m"], ["import", "w", "--from", "mlx", "--output", ""],
    ["import", "w", "--from", "mlx", "--output", "m", "--cell", "peephole-lstm"],
    ["import", "w", "--from", "mlx", "--output", "m", "--std", "0"],
    ["import", "w", "--from", "mlx", "--output", "m", "--mean", "nan"],
    ["import", "w", "--from", "mlx", "--output", "m", "--height", "0"],
    ["import", "w", "--from", "mlx", "--output", "m", "--classes", "a,a"],
    ["import", "w", "--from", "mlx", "--output", "m", "--recurrent", "a,"],
    ["import", "w", "--from", "mlx", "--output", "m", "--head", ""],
    ["export", "run", "--pytorch", "a", "--keras", "b"], ["export", "run", "--pytorch", ""],
    ["export", "run", "--c", "a.c", "--fold-input"], ["export", "run", "--c", "a.c", "--head", "fc"],
    ["export", "run", "--mlx", "a", "--input", "x", "--fold-input"], ["export", "run", "--mlx", "a", "--int8"],
  ])
  func wrongUsage(arguments: [String]) throws {
    expect(try sandbox.unroll(arguments), failsWith: 64, saying: "(see unroll")
    #expect(try sandbox.names() == ["bars", "run"])
  }
}

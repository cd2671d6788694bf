import Foundation
import Testing
import Unroll

@Suite("Exporting")
struct ExportTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
    let trained = try sandbox.unroll(["train", "bars", "--output", "run", "--quiet", "--no-steps"] + quickly)
    expectQuietSuccess(trained)
  }

  @Test func bothFilesAreWritten() throws {
    let outcome = try sandbox.unroll("export", "run", "--c", "net.c")
    expectQuietSuccess(outcome)
    let (header, source) = (try sandbox.data("net.h"), try sandbox.data("net.c"))
    #expect(
      outcome.output.hasPrefix(
        "Written: net.h (\(grouped(header.count)) bytes), net.c (\(grouped(source.count)) bytes)\nIn a program: "))
    #expect(outcome.output.split(separator: "\n").count == 2)
    #expect(try sandbox.names() == ["bars", "net.c", "net.h", "run"], "nothing else is left")
    // As the library writes them.
    let model = try TrainedModel(contentsOf: sandbox.file("run/model.safetensors"))
    let network = try CNetwork(PortableModel(model), name: "net")
    #expect(network.header(named: "net.h") == String(decoding: header, as: UTF8.self))
    #expect(network.source(named: "net.c", header: "net.h") == String(decoding: source, as: UTF8.self))
    #expect(outcome.output.contains("\(grouped(network.constantBytes)) bytes of constants"))
  }

  @Test func namesComeFromTheFileOrFromTheFlag() throws {
    for (arguments, name) in [
      (["--c", "my net-2.c"], "my_net_2"), (["--c", "net.c", "--name", "Bars"], "Bars"), (["--c", "2.c"], "model_2"),
    ] {
      let outcome = try sandbox.unroll(["export", "run/model.safetensors", "--json"] + arguments)
      expectQuietSuccess(outcome)
      let object = try outcome.object()
      #expect(object["name"] as? String == name && object["weights"] as? String == "float32")
      let files = try #require(object["files"] as? [[String: Any]]).compactMap { $0["path"] as? String }
      #expect(files == [arguments[1].replacing(".c", with: ".h"), arguments[1]])
      #expect(try sandbox.text(files[0]).contains("void \(name)_step("))
      #expect(try sandbox.text(files[1]).contains("#include \"\(files[0])\""))
    }
  }

  /// The table is that of `unroll steps`, beside that of the rounded network.
  @Test func whatRoundingCostsIsMeasured() throws {
    let outcome = try sandbox.unroll("export", "run", "--c", "net.c", "--int8")
    expectQuietSuccess(outcome)
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[3] == "rows  accuracy  with 8 bits  difference")
    #expect(lines.count == 14 && lines[5].hasPrefix("   1"))
    let output = try sandbox.unroll("export", "run", "--c", "net.c", "--int8", "--json").output
    let steps = try JSONDecoder().decode(Exported.self, from: Data(output.utf8)).steps
    let expected = try sandbox.unroll("steps", "run", "--json").output
    #expect(try steps.float32 == JSONDecoder().decode(Steps.self, from: Data(expected.utf8)).steps)
    #expect(steps.int8.count == 8 && steps.int8 != steps.float32)
    let source = try sandbox.text("net.c")
    #expect(
      source.contains("static const signed char head_weights[") && source.contains("static const float head_scales["))

    let model = try TrainedModel(contentsOf: sandbox.file("run/model.safetensors"))
    let test = SequenceData(
      try DatasetStore().open(sandbox.file("bars").path).load(.test).images, try #require(model.input.images), on: .cpu)
    let rounded = try PortableModel(model).roundedToInt8().accuracyBySteps(test, truncation: .end)
    for (found, expected) in zip(steps.int8, rounded) {
      #expect(found.accuracy == expected.accuracy && abs(found.crossEntropy - expected.crossEntropy) < 1e-12)
    }
  }

  /// A weight that adds the same to every logit changes no answer, and leaves the small ones beside it nothing in 8 bits.
  @Test func theTableShowsWhatIsLost() throws {
    var model = try TrainedModel(contentsOf: sandbox.file("run/model.safetensors"))
    var weights = model.classifier.head.weight.floats
    for label in 0..<3 { weights[label * 8] = 1000 }
    model.classifier.head.weight = Tensor(weights, shape: [3, 8])
    try model.save(to: sandbox.file("odd.safetensors"))
    let output = try sandbox.unroll("export", "odd.safetensors", "--c", "net.c", "--int8", "--json").output
    let steps = try JSONDecoder().decode(Exported.self, from: Data(output.utf8)).steps
    let differences = zip(steps.int8, steps.float32).map { $0.accuracy - $1.accuracy }
    #expect(differences.contains { $0 != 0 })
    let table = try sandbox.unroll("export", "odd.safetensors", "--c", "net.c", "--int8").output
    let rows = table.split(separator: "\n").suffix(8).map { $0.split(separator: " ").last }
    #expect(rows.map { $0.map(String.init) } == differences.map { String(format: "%+.2f", 100 * $0) })
  }

  private struct Exported: Decodable {
    struct Accuracies: Decodable {
      let float32, int8: [StepAccuracy]
    }
    let steps: Accuracies
  }

  private struct Steps: Decodable {
    let steps: [StepAccuracy]
  }

  @Test func whatCannotBeMeasuredIsSaid() throws {
    try FileManager.default.moveItem(at: sandbox.file("bars"), to: sandbox.file("elsewhere"))
    let outcome = try sandbox.unroll("export", "run", "--c", "net.c", "--int8")
    expectQuietSuccess(outcome)
    #expect(outcome.output.contains("What 8 bits cost was not measured: "))
    #expect(outcome.output.contains("name one with --data.\n"))
    #expect(try sandbox.names().contains("net.c"))
    let object = try sandbox.unroll("export", "run", "--c", "net.c", "--int8", "--json").object()
    #expect(object["steps"] == nil && object["not_measured"] as? String != nil)
    let measured = try sandbox.unroll("export", "run", "--c", "net.c", "--int8", "--data", "elsewhere", "--json")
    expectQuietSuccess(measured)
    #expect(try measured.object()["steps"] != nil)
    expect(
      try sandbox.unroll("export", "run", "--c", "new.c", "--int8", "--data", "nowhere"), failsWith: 66,
      saying: "nowhere")
    #expect(try !sandbox.names().contains { $0.hasPrefix("new") })
  }

  @Test(arguments: [
    ([], "name a format: --c PATH"), (["--c", ""], "--c: names nothing"),
    (["--c", "net"], "must name a file that ends in .c"),
    (["--c", "net.h"], "ends in .c"), (["--c", #"a"b.c"#], "without quotes"), (["--c", "folder/"], "ends in .c"),
    (["--c", "net.c", "--name", "2net"], "--name 2net: must be an identifier of C"),
    (["--c", "net.c", "--name", ""], "--name : must be an identifier of C"),
    (["--c", "net.c", "--data", "bars"], "--data: needs --int8"),
    (["--c", "net.c", "--int8", "--data", ""], "--data: names nothing"), (["--int8"], "name a format"),
  ])
  func wrongUsage(arguments: [String], message: String) throws {
    expect(
      try sandbox.unroll(["export", "run"] + arguments), failsWith: 64, saying: message, "(see unroll export --help)")
    #expect(try sandbox.names() == ["bars", "run"])
  }

  @Test func whatCannotBeExported() throws {
    expectQuietSuccess(
      try sandbox.unroll(
        ["train", "bars", "--bidirectional", "--output", "both", "--quiet", "--no-steps"] + quickly))
    expect(
      try sandbox.unroll("export", "both", "--c", "net.c"), failsWith: 65,
      saying: "a bidirectional network cannot read a stream", "export one that reads forward alone")
    expect(try sandbox.unroll("export", "nowhere", "--c", "net.c"), failsWith: 66, saying: "nowhere")
    expect(try sandbox.unroll("export", "run", "--c", "nowhere/net.c"), failsWith: 73, saying: "nowhere/net.h")
    #expect(try sandbox.names() == ["bars", "both", "run"])
  }

  /// Both files or none: a folder stands where the source file should be.
  @Test func nothingIsHalfWritten() throws {
    try FileManager.default.createDirectory(at: sandbox.file("net.c"), withIntermediateDirectories: false)
    try sandbox.write(Data("earlier".utf8), to: "net.h")
    expect(try sandbox.unroll("export", "run", "--c", "net.c"), failsWith: 73, saying: "net.c")
    #expect(try sandbox.text("net.h") == "earlier")
    #expect(try sandbox.names() == ["bars", "net.c", "net.h", "run"])
  }
}

/// A count with commas.
private func grouped(_ count: Int) -> String {
  let digits = Array(String(count))
  return digits.indices.map { ((digits.count - $0) % 3 == 0 && $0 > 0 ? "," : "") + String(digits[$0]) }.joined()
}

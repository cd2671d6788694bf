import Foundation
import Testing
import Unroll

/// `unroll export --onnx` and `unroll import` of its file, in builds with ONNX and without.
@Suite("ONNX on the command line")
struct ONNXTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
    let trained = try sandbox.unroll(["train", "bars", "--output", "run", "--quiet", "--no-steps"] + quickly)
    expectQuietSuccess(trained)
  }

  @Test(.enabled(if: ONNX.isBuiltIn, "needs the trait ONNX"))
  func toONNXAndBack() throws {
    let written = try sandbox.unroll("export", "run", "--onnx", "net.onnx")
    expectQuietSuccess(written)
    #expect(written.output == "Written: net.onnx (IR version 8, operators of version 17)\n")
    let read = try sandbox.unroll("import", "net.onnx", "--output", "again.safetensors")
    expectQuietSuccess(read)
    #expect(read.output.hasSuffix("Written: again.safetensors\n"))
    #expect(try sandbox.data("again.safetensors") == sandbox.data("run/model.safetensors"))

    let plain = try sandbox.unroll("export", "run", "--onnx", "plain.onnx", "--no-lengths", "--json")
    expectQuietSuccess(plain)
    #expect(try plain.object()["operator_set"] as? Int == 17)
    #expect(try sandbox.data("plain.onnx").count < sandbox.data("net.onnx").count)
    try sandbox.write(Data("nothing".utf8), to: "bad.onnx")
    expect(
      try sandbox.unroll("import", "bad.onnx", "--output", "bad.safetensors"), failsWith: 65, saying: "a whole file")
    #expect(try !sandbox.names().contains("bad.safetensors"))
  }

  @Test(.enabled(if: !ONNX.isBuiltIn, "for builds without the trait ONNX"))
  func aBuildWithoutONNXSaysHowToGetIt() throws {
    let export = try sandbox.unroll("export", "run", "--onnx", "net.onnx")
    expect(export, failsWith: 64, saying: "swift build -c release --traits ONNX")
    #expect(try sandbox.names() == ["bars", "run"])
    try sandbox.write(Data("anything".utf8), to: "net.onnx")
    expect(
      try sandbox.unroll("import", "net.onnx", "--output", "net.safetensors"), failsWith: 64, saying: "--traits ONNX")
    #expect(try sandbox.unroll("export", "--help").output.contains("this one is"))
  }

  @Test func flagsThatContradictAreRefused() throws {
    expect(
      try sandbox.unroll("export", "run", "--c", "net.c", "--no-lengths"), failsWith: 64,
      saying: "--no-lengths: needs --onnx")
    expect(
      try sandbox.unroll("import", "net.onnx", "--from", "keras", "--output", "a"), failsWith: 64,
      saying: "--from: is about safetensors files")
    expect(try sandbox.unroll("import", "net.safetensors", "--output", "a"), failsWith: 64, saying: "--from")
  }
}

import ArgumentParser
import Foundation
import Unroll

/// The flags of `unroll export` that are about ONNX.
struct ONNXExport: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      ONNX.isBuiltIn
        ? "Writes a file of ONNX." : "Writes a file of ONNX, if unroll is built with --traits ONNX; this one is not.",
      valueName: "path"))
  var onnx: String?

  @Flag(help: "The graph of ONNX has no input for the true lengths of padded sequences.")
  var noLengths = false

  /// - Throws: `ValidationError` if there is something about a file of ONNX, and none is written.
  func checkUse() throws {
    if noLengths, onnx == nil { throw ValidationError("--no-lengths: needs --onnx") }
  }

  /// Writes the file that is asked for, if any.
  func export(_ model: TrainedModel, json: Bool) throws {
    guard let onnx else { return }
    try ONNX.save(model, to: URL(fileURLWithPath: onnx), takesLengths: !noLengths)
    let report = Report(file: onnx)
    if json {
      try Export.writeJSON(report)
    } else {
      try StandardStream.output.writeLine(
        "Written: \(onnx) (IR version \(report.irVersion), operators of version \(report.operatorSet))")
    }
  }

  /// What `--json` prints.
  private struct Report: Encodable {
    let file: String
    var irVersion = ONNX.irVersion
    var operatorSet = ONNX.operatorSet

    enum CodingKeys: String, CodingKey {
      case file
      case irVersion = "ir_version"
      case operatorSet = "operator_set"
    }
  }
}

import ArgumentParser
import Foundation
import Unroll

/// `unroll export`
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a model in a format that other tools read.",
    discussion: """
      --c: a library of two files in C99, PATH and the header beside it, that reads a sequence one step at a time. It \
      needs <math.h> and nothing else, takes no memory, and scales raw features itself. With --int8 its weights have 8 \
      bits, with a scale for each row of a matrix; where the test set is on this machine, the accuracy after each number of \
      steps is shown with and without.

      --pytorch, --keras, --mlx: the weights as a safetensors file with that tool's names and layout, which its own module \
      of the same layers loads.

      --onnx: a graph of standard operators, which scales raw features itself and gives logits, probabilities and, of a \
      network that reads in one direction, logits after every step; docs/onnx.md says more.
      """)

  @Argument(help: "A run folder or a .safetensors file.")
  var model: String

  @Option(help: ArgumentHelp("Writes C: a file that ends in .c, and its header beside it.", valueName: "path"))
  var c: String?

  @Option(
    help: ArgumentHelp(
      "What the functions in C begin with. (default: the file's name, made an identifier)", valueName: "name"))
  var name: String?

  @OptionGroup var weights: WeightExport

  @OptionGroup var onnx: ONNXExport

  @Flag(name: .customLong("int8"), help: "Weights in C have 8 bits instead of 32.")
  var roundsToInt8 = false

  @Option(help: ArgumentHelp("Folder with the data set's files, instead of the cache.", valueName: "dir"))
  var data: String?

  @Flag(help: "Writes JSON to standard output, and nothing else there.")
  var json = false

  /// The flags that choose a format, each with what was given.
  private var formats: [(flag: String, path: String?)] { [("--c", c), ("--onnx", onnx.onnx)] + weights.formats }

  func validate() throws {
    let chosen = formats.filter { $0.path != nil }.map(\.flag)
    guard chosen.count == 1 else {
      throw ValidationError(
        chosen.isEmpty
          ? "name a format: \(formats.map { "\($0.flag) PATH" }.joined(separator: ", "))"
          : "\(chosen.joined(separator: " and ")): one format at a time")
    }
    for (flag, path) in formats + [("--data", data)] where path == "" {
      throw ValidationError("\(flag): names nothing")
    }
    if c == nil {
      if name != nil { throw ValidationError("--name: needs --c") }
      if roundsToInt8 { throw ValidationError("--int8: needs --c") }
    }
    try weights.checkUse()
    try onnx.checkUse()
    if data != nil, !roundsToInt8 { throw ValidationError("--data: needs --int8, whose accuracy is measured on it") }
    if let c {
      guard CNetwork.isFileName(URL(fileURLWithPath: c).lastPathComponent) else {
        throw ValidationError(
          "--c \(c): must name a file that ends in .c, without quotes, backslashes and question marks in its name")
      }
    }
    if let name, !CNetwork.isIdentifier(name) {
      throw ValidationError(
        "--name \(name): must be an identifier of C: letters a to z, digits and underscores, beginning with a letter")
    }
  }

  func run() throws {
    let model = try loadModel(self.model)
    if let c { try exportC(model, to: URL(fileURLWithPath: c)) }
    try weights.export(PortableModel(model), json: json)
    try onnx.export(model, json: json)
  }

  private func exportC(_ model: TrainedModel, to source: URL) throws {
    let portable = PortableModel(model)
    let network = try CNetwork(
      portable, name: name ?? CNetwork.name(forFile: source.lastPathComponent),
      weights: roundsToInt8 ? .int8 : .float32)
    let cost = roundsToInt8 ? try RoundingCost(of: model, rounded: portable.roundedToInt8(), data: data) : nil
    try network.write(to: source)
    let report = try CExportReport(network, at: source, cost: cost)
    if json {
      try Self.writeJSON(report)
    } else {
      try StandardStream.output.write(report.text(Terminal(.output)))
    }
  }
}

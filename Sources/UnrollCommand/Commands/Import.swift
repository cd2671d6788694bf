import ArgumentParser
import Foundation
import Unroll

extension WeightFormat: ExpressibleByArgument {}

/// `unroll import`
struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes a model of weights that another tool has trained.",
    discussion: """
      The file is a safetensors file: a PyTorch module's state_dict, a Keras model's weights by their paths, or an MLX \
      module's weights; docs/pytorch.md shows how to write each. The layers are a linear one without an activation, or \
      none; LSTM, GRU or plain recurrent layers of one size; and a linear head that reads the last hidden state. They are \
      found by names and shapes, and can be named.

      What weights do not show, flags say: what images are like and how they are read, what is done to pixels, and what \
      classes are called.

      A file that ends in .onnx is a graph of ONNX, of unroll export or PyTorch's exporter; that of unroll export says all \
      of this itself. docs/onnx.md says which graphs are read.
      """)

  @Argument(help: "A safetensors file, or a file of ONNX.")
  var file: String

  @Option(name: .customLong("from"), help: "Whose weights they are, in a safetensors file.")
  var format: WeightFormat?

  @Option(help: ArgumentHelp("The model file to write.", valueName: "path"))
  var output: String

  @Option(
    help: "The cell, lstm, gru, rnn (tanh) or irnn (relu). (default: what the shapes show; a plain one has to be named)"
  )
  var cell: CellKind?

  @OptionGroup var layers: LayerNameOptions

  @Option(help: ArgumentHelp("What the classes are called: \"cat,dog\". (default: 0, 1, …)", valueName: "names"))
  var classes: NameList?

  @Option(help: "How an image is read as a sequence.")
  var view = SequenceView.rows

  @Option(help: "Rows of an image, in pixels.")
  var height = 28

  @Option(help: "Pixels of a row.")
  var width = 28

  @Option(help: "What is taken from a pixel's brightness, from 0 to 1, before the network reads it.")
  var mean: Float = 0

  @Option(name: .customLong("std"), help: "What the rest is divided by.")
  var deviation: Float = 1

  @Option(help: ArgumentHelp("The data set that it is for: a known name or a folder.", valueName: "dataset"))
  var dataset = "mnist"

  @Flag(help: "Prints nothing.")
  var quiet = false

  func validate() throws {
    if isONNX {
      for (flag, isGiven) in layers.given + [("--from", format != nil), ("--cell", cell != nil)] where isGiven {
        throw ValidationError("\(flag): is about safetensors files; a file of ONNX says so itself")
      }
    } else if format == nil {
      throw ValidationError("--from: say whose weights they are, pytorch, keras or mlx")
    }
    if output.isEmpty { throw ValidationError("--output: names no file") }
    if let cell, !WeightFormat.cells.contains(cell) {
      throw ValidationError(
        "--cell \(cell.rawValue): other tools have \(WeightFormat.cells.map(\.rawValue).joined(separator: ", "))")
    }
    try checkRange("--height", height, 1...4096)
    try checkRange("--width", width, 1...4096)
    try checkRange("--mean", mean, -1000...1000)
    guard deviation >= 1e-6 && deviation <= 1000 else {
      throw ValidationError("--std \(deviation): must be from 0.000001 to 1000")
    }
  }

  /// Whether the file is one of ONNX, by its name.
  private var isONNX: Bool { file.lowercased().hasSuffix(".onnx") }

  func run() throws {
    let (model, notes) = try isONNX ? modelOfONNX() : modelOfWeights()
    try model.save(to: URL(fileURLWithPath: output))
    guard !quiet else { return }
    let network = model.classifier
    let text = """
      \(network.inputSize) features → \(network.layers.count == 1 ? "" : "\(network.layers.count) × ")\
      \(network.cell.rawValue) of \(network.hiddenSize) units\(network.isBidirectional ? ", in both directions" : "") → \
      \(network.classes) classes
      """
    try StandardStream.output.write((notes + [text, "Written: \(output)"]).joined(separator: "\n") + "\n")
  }

  private func modelOfWeights() throws -> (TrainedModel, notes: [String]) {
    guard let format else { throw UsageError(description: "--from: missing") }
    let weights = try ImportedWeights(
      contentsOf: URL(fileURLWithPath: file), format: format, cell: cell, names: layers.names)
    return (try model(of: weights.classifier), weights.notes)
  }

  private func modelOfONNX() throws -> (TrainedModel, notes: [String]) {
    let network = try ONNX.load(from: URL(fileURLWithPath: file))
    if let model = try network.model(path: file) { return (model, []) }
    return (try model(of: network.classifierWithScaling), [])
  }

  /// The network with what the flags say about it.
  ///
  /// - Throws: `InputError.unfit` if they do not fit it.
  private func model(of network: SequenceClassifier) throws -> TrainedModel {
    // A pixel's brightness is its byte over 255.
    let preprocessing = Preprocessing(
      view: view, height: height, width: width, scale: 1 / (255 * deviation), shift: -mean / deviation)
    let features = preprocessing.layout.features
    guard features == network.inputSize else {
      throw InputError.unfit(
        """
        \(file): reads \(network.inputSize) features at a step, but \(view.rawValue) of \(height)×\(width) pixels have \
        \(features); say how images are read with --view, --height and --width
        """)
    }
    let names = classes?.values ?? (0..<network.classes).map(String.init)
    guard names.count == network.classes else {
      throw InputError.unfit("--classes has \(names.count) names, but \(file) has \(network.classes) classes")
    }
    return TrainedModel(classifier: network, classNames: names, preprocessing: preprocessing, dataset: dataset)
  }
}

import ArgumentParser
import Foundation
import Unroll

/// The flags of `unroll export` that are about other tools' weights.
struct WeightExport: ParsableArguments {
  @Option(help: ArgumentHelp("Writes weights for PyTorch: a state_dict in safetensors.", valueName: "path"))
  var pytorch: String?

  @Option(help: ArgumentHelp("Writes weights for Keras, by their paths, in safetensors.", valueName: "path"))
  var keras: String?

  @Option(help: ArgumentHelp("Writes weights for MLX in safetensors.", valueName: "path"))
  var mlx: String?

  @OptionGroup var layers: LayerNameOptions

  @Flag(help: "Multiplies the input layer into the recurrent layer's weights, for a module without an input layer.")
  var foldInput = false

  /// The flags that choose a format, each with what was given.
  var formats: [(flag: String, path: String?)] { [("--pytorch", pytorch), ("--keras", keras), ("--mlx", mlx)] }

  /// - Throws: `ValidationError` if there is something about layers, and no file that it could be about.
  func checkUse() throws {
    guard formats.allSatisfy({ $0.path == nil }) else {
      if foldInput, layers.input != nil { throw ValidationError("--input and --fold-input exclude each other") }
      return
    }
    for (flag, isGiven) in layers.given + [("--fold-input", foldInput)] where isGiven {
      throw ValidationError("\(flag): needs \(formats.map(\.flag).joined(separator: ", or "))")
    }
  }

  /// Writes the file that is asked for, if any.
  func export(_ model: PortableModel, json: Bool) throws {
    for (path, format) in [(pytorch, WeightFormat.pytorch), (keras, .keras), (mlx, .mlx)] {
      guard let path else { continue }
      let url = URL(fileURLWithPath: path)
      try model.exportWeights(to: url, format: format, names: layers.names, foldsInput: foldInput)
      let arrays = try Safetensors.loadHeader(from: url).entries.sorted { $0.name < $1.name }
      if json {
        try Export.writeJSON(Report(file: path, shapes: arrays))
      } else {
        var table = TextTable(header: ["array", "shape"])
        for array in arrays { table.append([array.name, array.shape.map(String.init).joined(separator: "×")]) }
        try StandardStream.output.write("\(table.text(style: Terminal(.output).style))\n\nWritten: \(path)\n")
      }
    }
  }

  /// What `--json` prints.
  private struct Report: Encodable {
    let file: String
    let arrays: [String: [Int]]

    init(file: String, shapes: [SafetensorsHeader.Entry]) {
      self.file = file
      arrays = Dictionary(uniqueKeysWithValues: shapes.map { ($0.name, $0.shape) })
    }
  }
}

/// What the layers are called in another tool.
struct LayerNameOptions: ParsableArguments {
  @Option(help: ArgumentHelp("What the linear layer in front is called in the other tool.", valueName: "name"))
  var input: String?

  @Option(
    help: ArgumentHelp(
      "What the recurrent layers are called there: PyTorch's are one, others one by one, \"lstm1,lstm2\".",
      valueName: "names"))
  var recurrent: NameList?

  @Option(help: ArgumentHelp("What the linear layer behind them is called there.", valueName: "name"))
  var head: String?

  func validate() throws {
    for (flag, name) in [("--input", input), ("--head", head)] where name == "" {
      throw ValidationError("\(flag): names no layer")
    }
  }

  /// The flags, and whether each was given.
  var given: [(flag: String, isGiven: Bool)] {
    [("--input", input != nil), ("--recurrent", recurrent != nil), ("--head", head != nil)]
  }

  /// The names, as the library takes them.
  var names: WeightNames { WeightNames(input: input, recurrent: recurrent?.values ?? [], head: head) }
}

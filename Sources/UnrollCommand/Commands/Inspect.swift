import ArgumentParser
import Foundation
import Unroll

/// `unroll inspect`
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what goes on inside a model while it reads one image.",
    discussion: """
      Gates, candidate, cell state and hidden state of every layer, the belief after each step, and which steps moved \
      the answer: as a page for the browser (inspect.html), a picture for a slide (inspect.svg), data (inspect.json) \
      and, in short, as text.

      An image is a number N for image N of the test set (from 0), a PNG or PGM file of any size, or FILE#N for image \
      N of an IDX file, as for unroll predict.
      """)

  @Argument(help: "A run folder or a .safetensors file.", completion: .file(extensions: ["safetensors"]))
  var model: String

  @Option(
    help: ArgumentHelp("A number of a test image, a PNG or PGM file, or FILE#N.", valueName: "image"),
    completion: .file(extensions: ["png", "pgm"]))
  var image = "0"

  @Option(
    help: ArgumentHelp("Folder with the data set's files, for a numbered test image.", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Folder for the three files. (default: the run folder, or the current one for a .safetensors file)",
      valueName: "dir"), completion: .directory)
  var output: String?

  @Flag(help: "Prints nothing.")
  var quiet = false

  @Flag(help: "Writes the data to standard output as JSON too, and nothing else there.")
  var json = false

  func validate() throws {
    for (flag, path) in [("--output", output), ("--data", data)] where path == "" {
      throw ValidationError("\(flag): names no folder")
    }
  }

  func run() throws {
    let model = try loadModel(self.model)
    guard let preprocessing = model.input.images else {
      throw InputError.unfit("\(self.model): reads series of numbers; unroll inspect shows how images are read")
    }
    guard !model.classifier.isBidirectional else {
      throw InputError.unfit(
        "\(self.model): a bidirectional network, which has no state after a step; inspect one that reads forward alone")
    }
    var source = ImageSource(model: model, preprocessing, data: data)
    let report = InspectReport(
      of: model, preprocessing, reading: try source.pixels(of: image), named: image, label: try source.label(of: image))
    let folder = RunFolder(path: output ?? (isFolder(self.model) ? self.model : "."))
    let data = try Self.json(report)
    try createFolders(to: folder.url)
    try AtomicFile.write(report.page.html, to: folder.inspectionPage)
    try AtomicFile.write(report.poster.svg(), to: folder.inspectionPicture)
    try AtomicFile.write(data + "\n", to: folder.inspectionData)
    if json {
      try StandardStream.output.writeLine(data)
    } else if !quiet {
      let files = [folder.inspectionPage, folder.inspectionPicture, folder.inspectionData].map(\.relativePath)
      try StandardStream.output.write(
        report.text(Terminal(.output)) + "\nWritten: \(files.joined(separator: ", "))\n")
    }
  }
}

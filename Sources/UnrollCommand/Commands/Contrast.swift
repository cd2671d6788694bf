import ArgumentParser
import Foundation
import Unroll

/// `unroll contrast`
struct Contrast: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a static network for contrast, and shows what it makes of a part of the sequence.",
    discussion: """
      A multilayer perceptron takes in the whole image at once. It is trained on the images that MODEL has learned \
      from, and then both are asked after each number of steps: the recurrent network reads what is there; the static \
      one, which must be given all of them, gets blank ones for the rest. For a run folder, contrast.csv and \
      contrast.svg are written, unless --data names other images.
      """)

  @Argument(
    help: "A run folder or a .safetensors file, of a recurrent network.", completion: .file(extensions: ["safetensors"])
  )
  var model: String

  @Option(
    help: ArgumentHelp("Folder with the data set's files, instead of the cache.", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Option(help: "Units of each of the two hidden layers. \(standard(\.hiddenSizes[0], in: ContrastDesign()))")
  var hidden: Int?

  @Option(help: "How often the training set is read. \(standard(\.epochs, in: ContrastDesign()))")
  var epochs: Int?

  @Option(help: "The learning rate at its peak. \(standard(\.learningRate, in: ContrastDesign()))")
  var learningRate: Float?

  @Option(help: "Where all randomness comes from. \(standard(\.seed, in: ContrastDesign()))")
  var seed: UInt64?

  @Option(help: "Threads; they do not change the result. (default: one per core)")
  var threads: Int?

  @Flag(help: "Shows no progress.")
  var quiet = false

  @Flag(help: "Writes JSON to standard output, and nothing else there.")
  var json = false

  func validate() throws {
    try checkRange("--hidden", hidden, 1...16_384)
    try checkRange("--epochs", epochs, 1...100_000)
    try checkRange("--threads", threads, 1...1024)
    try check("--learning-rate", learningRate, .learningRate)
    if data == "" { throw ValidationError("--data: names no folder") }
  }

  func run() throws {
    let device = threads.map { Device(threads: $0) } ?? .cpu
    let model = try loadModel(self.model, on: device)
    guard model.input.images != nil else {
      throw InputError.unfit("\(self.model): reads series of numbers; a static network is compared on images")
    }
    let source = ModelData(of: model, from: data)
    let train = try source.train(on: device), test = try source.test(on: device)
    var progress = ProgressLine(isQuiet: quiet)
    var trainer = StaticTrainer(
      design, data: train, rows: trainingRows(of: model, in: train), classes: model.classNames.count)
    while trainer.done < trainer.updates {
      let loss = try trainer.step()
      progress.update("update \(trainer.done)/\(trainer.updates)  loss \(fixed(Double(loss), 4))")
    }
    progress.update("reading the test set after every number of steps")
    let report = ContrastReport(
      of: model, on: test, beside: trainer.model, design, parameters: trainer.model.parameterCount)
    progress.clear()
    if json {
      try Self.writeJSON(report)
    } else {
      try StandardStream.output.write(report.text(Terminal(.output)))
    }
    if isFolder(self.model) && isOwnData(of: model, from: data) { try report.write(to: RunFolder(path: self.model)) }
  }

  private var design: ContrastDesign {
    var design = ContrastDesign()
    if let hidden { design.hiddenSizes = [hidden, hidden] }
    if let epochs { design.epochs = epochs }
    if let learningRate { design.learningRate = learningRate }
    if let seed { design.seed = seed }
    return design
  }

  /// What the recurrent network has learned from; all, where that is not known.
  private func trainingRows(of model: TrainedModel, in train: SequenceData) -> [Int] {
    model.validation?.rows(labels: train.labels).training ?? Array(0..<train.count)
  }
}

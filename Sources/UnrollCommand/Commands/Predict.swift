import ArgumentParser
import Foundation
import Unroll

/// `unroll predict`
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads images or series step by step, and prints what the model believes after each.",
    discussion: """
      An image is a PNG or PGM file of any size, a number N for image N of the test set (from 0), or FILE#N for image N \
      of an IDX file. A picture of another size than the model's is prepared as MNIST's were: cropped to its ink, scaled \
      into 20×20 pixels, and placed with its centre of mass in the middle. Dark ink on a light ground is inverted.

      For a model that reads series, name files of them, whose sequences are all read; FILE#N for one of them (from 0), or a \
      number N for sequence N of the test set. Of a single sequence the belief after each step is shown, of several the \
      answers. Separated values have the columns of the training file; without that of the class or the number, say \
      --no-labels.

      Where sequences were set apart in training (--validation), probabilities are calibrated on them.
      """)

  @Argument(help: "A run folder or a .safetensors file.", completion: .file(extensions: ["safetensors"]))
  var model: String

  @Argument(
    help: ArgumentHelp(
      "PNG or PGM files, files of series, numbers of test sequences, or FILE#N.", valueName: "sequence"),
    completion: .file(extensions: ["png", "pgm"] + SeriesSource.extensions))
  var images: [String]

  @Option(help: ArgumentHelp("Reads only the first K steps.", valueName: "k"))
  var steps: Int?

  @Option(
    help: ArgumentHelp("Folder with the data set's files, for numbered test sequences.", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Flag(
    name: .customLong("no-labels"),
    help: "Separated values have no column with the class or the number: all columns are values.")
  var isUnlabeled = false

  @Option(help: "Whether the first line of separated values names the columns. (default: as in training)")
  var csvHeader: Bool?

  @Flag(help: "Writes JSON to standard output, and nothing else there.")
  var json = false

  func validate() throws {
    if let steps, steps < 1 { throw ValidationError("--steps \(steps): must be at least 1") }
    if images.isEmpty { throw ValidationError("name at least one image") }
  }

  func run() throws {
    let model = try loadModel(self.model)
    switch model.input {
    case .images(let preprocessing):
      for (flag, isGiven) in [("--no-labels", isUnlabeled), ("--csv-header", csvHeader != nil)] where isGiven {
        throw UsageError(description: "\(flag): for series; \(self.model) reads images")
      }
      try predictImages(model, preprocessing)
    case .series(let preprocessing): try predictSeries(model, preprocessing)
    }
  }

  private func predictImages(_ model: TrainedModel, _ preprocessing: Preprocessing) throws {
    let layout = preprocessing.layout
    if let steps, steps > layout.steps {
      throw UsageError(description: "--steps \(steps): the model reads \(layout.steps) steps of an image")
    }
    var source = ImageSource(model: model, preprocessing, data: data)
    let predictions = try images.map { image in
      let pixels = try source.pixels(of: image)
      let one = LabeledImages(height: preprocessing.height, width: preprocessing.width, pixels: pixels, labels: [0])
      let data = SequenceData(one, preprocessing, on: .cpu).prefix(steps: steps ?? layout.steps)
      return Prediction(image, model.classifier.answersAfterEveryStep(data), row: 0, of: model)
    }
    try show(predictions, of: model, isDetailed: true)
  }

  private func predictSeries(_ model: TrainedModel, _ preprocessing: SeriesPreprocessing) throws {
    var source = SeriesInput(
      model: model, preprocessing, data: data, hasLabels: !isUnlabeled, hasHeader: csvHeader)
    let parts = try images.map { name in
      let (names, sequences) = try source.sequences(of: name)
      let data = SequenceData(sequences, preprocessing, target: model.target, on: .cpu)
      return (names, data.prefix(steps: min(steps ?? data.steps, data.steps)))
    }
    let count = parts.reduce(0) { $0 + $1.0.count }
    guard case .classes = model.target else {
      let estimates = parts.flatMap { names, data in
        zip(names, model.classifier.estimatesAfterEveryStep(data, target: model.target))
          .enumerated().map { Estimate($1.0, Array($1.1.prefix(data.lengths?[$0] ?? data.steps))) }
      }
      return try show(estimates, of: model, isDetailed: count == 1)
    }
    let predictions = parts.flatMap { names, data in
      let answers = model.classifier.answersAfterEveryStep(data)
      return names.enumerated().map { row, name in Prediction(name, answers, row: row, of: model) }
    }
    try show(predictions, of: model, isDetailed: count == 1)
  }

  private func show(_ answers: [some ShownAnswer], of model: TrainedModel, isDetailed: Bool) throws {
    if json { return try Self.writeJSON(Results(predictions: answers)) }
    let style = Terminal(.output).style
    for answer in answers {
      let text =
        isDetailed ? answer.summary + "\n" + answer.table(model, style).text(style: style) + "\n" : answer.summary
      try StandardStream.output.write(text + "\n")
    }
  }
}

/// What `--json` prints.
private struct Results<Answer: ShownAnswer>: Encodable {
  /// In the order in which the sequences were given.
  let predictions: [Answer]
}

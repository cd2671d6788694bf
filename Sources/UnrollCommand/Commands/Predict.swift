import ArgumentParser
import Foundation
import Unroll

/// `unroll predict`
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads images step by step, and prints what the model believes after each.",
    discussion: """
      An image is a PNG or PGM file of any size, a number N for image N of the test set (from 0), or FILE#N for image N \
      of an IDX file. A picture of another size than the model's is prepared as MNIST's were: cropped to its ink, scaled \
      into 20×20 pixels, and placed with its centre of mass in the middle. Dark ink on a light ground is inverted.

      Where images were set apart in training (--validation), probabilities are calibrated on them.
      """)

  @Argument(help: "A run folder or a .safetensors file.", completion: .file(extensions: ["safetensors"]))
  var model: String

  @Argument(
    help: ArgumentHelp("PNG or PGM files, numbers of test images, or FILE#N.", valueName: "image"),
    completion: .file(extensions: ["png", "pgm"]))
  var images: [String]

  @Option(help: ArgumentHelp("Reads only the first K steps.", valueName: "k"))
  var steps: Int?

  @Option(
    help: ArgumentHelp("Folder with the data set's files, for numbered test images.", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Flag(help: "Writes JSON to standard output, and nothing else there.")
  var json = false

  func validate() throws {
    if let steps, steps < 1 { throw ValidationError("--steps \(steps): must be at least 1") }
    if images.isEmpty { throw ValidationError("name at least one image") }
  }

  func run() throws {
    let model = try loadModel(self.model)
    let layout = model.preprocessing.layout
    if let steps, steps > layout.steps {
      throw UsageError(description: "--steps \(steps): the model reads \(layout.steps) steps of an image")
    }
    var source = ImageSource(model: model, data: data)
    let predictions = try images.map { image in
      Prediction(image, pixels: try source.pixels(of: image), steps: steps ?? layout.steps, of: model)
    }
    if json {
      return try Self.writeJSON(Results(predictions: predictions))
    }
    let style = Terminal(.output).style
    for prediction in predictions { try StandardStream.output.write(prediction.text(model, style)) }
  }
}

/// What `--json` prints.
private struct Results: Encodable {
  /// In the order in which the images were given.
  let predictions: [Prediction]
}

/// What a model believes of an image after each step.
private struct Prediction: Encodable {
  struct Belief: Encodable {
    let step: Int
    let probabilities: [Float]
  }
  let image: String
  /// The answer after the last step that was read, and its probability.
  let answer: String
  let probability: Float
  let beliefs: [Belief]

  init(_ image: String, pixels: [UInt8], steps: Int, of model: TrainedModel) {
    let size = model.preprocessing
    let images = LabeledImages(height: size.height, width: size.width, pixels: pixels, labels: [0])
    let answers = model.classifier.answersAfterEveryStep(
      SequenceData(images, model.preprocessing, on: .cpu).prefix(steps: steps))
    let probabilities = answers.probabilities(temperatures: model.temperatures.map { Array($0.prefix(steps)) })
    beliefs = (0..<steps).map { step in
      Belief(
        step: step + 1, probabilities: Array(probabilities[step * answers.classes..<(step + 1) * answers.classes]))
    }
    self.image = image
    let last = Array(probabilities.suffix(answers.classes))
    let best = last.indices.max { last[$0] < last[$1] } ?? 0
    answer = model.classNames[best]
    probability = last[best]
  }

  func text(_ model: TrainedModel, _ style: TerminalStyle) -> String {
    let text = "\(image): \(answer) (\(percent(Double(probability))))\n"
    var table = TextTable(header: [model.preprocessing.view.stepName, "answer", "belief", "", "next"])
    for belief in shownCounts(upTo: beliefs.count).map({ beliefs[$0 - 1] }) {
      let order = belief.probabilities.indices.sorted { belief.probabilities[$0] > belief.probabilities[$1] }
      let best = Double(belief.probabilities[order[0]])
      let next = order.dropFirst().first.map {
        "\(model.classNames[$0]) \(percent(Double(belief.probabilities[$0])))"
      }
      table.append([
        String(belief.step), model.classNames[order[0]], style.bar(best, width: 30), percent(best), next ?? "",
      ])
    }
    return text + table.text(style: style) + "\n\n"
  }
}

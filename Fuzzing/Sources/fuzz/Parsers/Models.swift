import Foundation
@testable import Training
import Unroll

extension Parser {
  static let model = Parser(
    name: "model",
    // The first byte chooses the arrays. Then come two texts of a file's metadata, a line each: what the model is, and,
    // of a checkpoint, where its run is.
    seeds: modelFiles.enumerated().map { index, file in
      let lines = [descriptionKey, positionKey].compactMap { file.metadata[$0] }
      return [UInt8(index)] + Array(lines.joined(separator: "\n").utf8)
    },
    words: [
      "\"architecture\"", "\"layers\"", "\"classes\"", "\"number\"", "\"preprocessing\"", "\"series\"", "\"dataset\"",
      "\"source\"", "\"validation\"", "\"temperatures\"", "\"bidirectional\"", "\"view\"", "\"permuted\"",
      "\"patches\"", "\"rows-and-columns\"", "\"pixels\"", "\"csv\"", "\"fill\"", "\"missing\"", "\"optimizer\"",
      "\"sgd\"", "\"bf16\"", "\"distortion\"", "\"weight_averaging\"", "null", "true", "1e39", "-1",
      "9223372036854775807", "[]", "{}", "\n",
    ]
  ) { bytes in
    guard let first = bytes.first else { return }
    let file = modelFiles[Int(first) % modelFiles.count]
    let lines = bytes.dropFirst().split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    var metadata = file.metadata
    (metadata[descriptionKey], metadata[positionKey]) = (lines[0], lines.count > 1 ? lines[1] : nil)
    refusingModel {
      let model: TrainedModel
      if metadata[positionKey] == nil {
        model = try TrainedModel(arrays: file.arrays, metadata: metadata, path: "name", on: .cpu)
      } else {
        model = try Checkpoint.load(arrays: file.arrays, metadata: metadata, path: "name", on: .cpu).model
      }
      check(model.classifier)
    }
  }
}

private let descriptionKey = "unroll.model", positionKey = "unroll.checkpoint"

/// A small classifier of images of 3 × 2 pixels.
func someModel(_ cell: CellKind = .lstm) -> TrainedModel {
  var random = RandomGenerator(seed: 1)
  return TrainedModel(
    classifier: SequenceClassifier(inputSize: 2, hiddenSize: 2, classes: 2, cell: cell, using: &random),
    classNames: ["a", "b"], preprocessing: Preprocessing(height: 3, width: 2), dataset: "name",
    validation: ValidationSplit(count: 1, of: 5, seed: 1), temperatures: [1, 2, 0.5])
}

/// A small estimator of numbers from series, in both directions.
private var someEstimator: TrainedModel {
  var random = RandomGenerator(seed: 2)
  return TrainedModel(
    classifier: SequenceClassifier(
      inputSize: 2, hiddenSize: 1, classes: 1, cell: .gru, layers: 2, bidirectional: true, using: &random),
    target: .number(mean: 1, deviation: 2),
    input: .series(
      SeriesPreprocessing(
        scaling: FeatureScaling(mean: [0, 1], scale: [1, 0.5]), fill: [0, 1], missing: .carry, steps: 4)),
    dataset: "x.csv", source: SeriesSource(train: "x.csv", asksForNumber: true, csv: CSVFormat(target: .numbers())))
}

/// What model files hold.
private let modelFiles = [
  contents { file in try someModel().save(to: file) }, contents { file in try someEstimator.save(to: file) },
  contents { file in
    var plan = TrainingPlan(seed: 3)
    (plan.hiddenSize, plan.validationCount, plan.weightAveraging) = (2, 1, 0.5)
    plan.distortion = Distortion(shift: 1)
    let images = LabeledImages(height: 3, width: 2, pixels: [UInt8](repeating: 7, count: 24), labels: [0, 1, 0, 1])
    let data = SequenceData(images, Preprocessing(height: 3, width: 2), on: .cpu)
    try Trainer(plan, data: data, outputs: 2).checkpoint.save(as: someModel(), to: file)
  },
]

private func contents(
  of write: (URL) throws -> Void
) -> (arrays: [String: SafetensorsArray], metadata: [String: String]) {
  written(write) { file in try Safetensors.loadArrays(from: file) }
}

// Reads handwritten digits row by row, and stops as soon as it is sure what it sees.
//
//     swift run -c release StopEarly                  # learns MNIST first, for some seconds
//     swift run -c release StopEarly FOLDER           # the same with a data set of your own, in IDX files
//     swift run -c release StopEarly runs/2026-11-24  # takes the model of a run of unroll train

import Foundation
import Unroll

/// Learns for one epoch, asked for the class after every row, and makes its probabilities believable.
func quicklyTrained(on images: ImageDataset) throws -> TrainedModel {
  let byRow = Preprocessing(height: images.train.height, width: images.train.width)
  let data = SequenceData(images.train, byRow, on: .cpu)
  var plan = TrainingPlan(recipe: .modern)
  plan.epochs = 1
  plan.validationCount = data.count / 12
  let trainer = try Trainer(plan, data: data, outputs: images.classes.count)
  let epoch = try trainer.trainEpoch()
  print("learned from \(trainer.sequencesPerEpoch) images in \(Int(epoch.seconds.rounded(.up))) s")

  let split = plan.validation(of: data.count)
  let apart = split.rows(labels: data.labels).validation
  let temperatures = trainer.result.answersAfterEveryStep(data, rows: apart).temperatures()
  return TrainedModel(
    classifier: trainer.result, classNames: images.classes, preprocessing: byRow, dataset: images.name,
    validation: split, temperatures: temperatures)
}

/// The model of a run or else a new one, and the images of its data set.
func load(_ argument: String) throws -> (TrainedModel, ImageDataset) {
  let run = RunFolder(path: argument)
  let trained = run.isTaken ? try TrainedModel(contentsOf: run.model) : nil
  let images = try DatasetStore().load(trained?.dataset ?? argument, showsProgress: true)
  return (try trained ?? quicklyTrained(on: images), images)
}

func percent(_ share: Double) -> String { ValueFormat.percent.string(share, decimals: 1) }

let model: TrainedModel, images: ImageDataset
do {
  (model, images) = try load(CommandLine.arguments.dropFirst().first ?? "mnist")
} catch {
  print(error)
  exit(66)
}

let preprocessing = model.input.images ?? Preprocessing(height: images.test.height, width: images.test.width)
let test = SequenceData(images.test, preprocessing, on: .cpu)
let rule = StoppingRule.confidence(0.97)
let reader = Reader(model.classifier, temperatures: model.temperatures, stopping: rule, steps: test.steps)
let shades = Array(" ░▒▓█"), isTerminal = isatty(STDOUT_FILENO) == 1

for image in 0..<4 {
  let sequence = test.batch([image]).sequences
  reader.reset()
  print("")
  for row in 0..<test.steps where !reader.isSure {
    let pixels = sequence.selected(row, alongAxis: 1).floats, belief = reader.read(pixels)
    let answer = belief.indices.max { belief[$0] < belief[$1] } ?? 0
    let ink = pixels.map { String(repeating: shades[min(max(Int(5 * $0), 0), 4)], count: 2) }.joined()
    print("\(ink) │ \(model.classNames[answer]) \(TerminalStyle().bar(Double(belief[answer]), width: 10))")
    if isTerminal { usleep(40_000) }
  }
  print("sure after \(reader.stepsRead) of \(test.steps) rows; it is \(model.classNames[test.labels[image]])")
}

let answers = AnswerTrace(of: model.classifier.answersAfterEveryStep(test), temperatures: model.temperatures)
let early = answers.point(of: rule)
let right = percent(early.accuracy), read = percent(early.earliness)
let all = percent(answers.accuracies[test.steps - 1])
print("")
print("of \(test.count) test images, \(right) are right after \(read) of the rows, and \(all) after all of them")

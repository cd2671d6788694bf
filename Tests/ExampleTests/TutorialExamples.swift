import Foundation
import Unroll

// The code of the tutorial's pages, to the letter, but for what each page's first lines name: data sets and files. Each
// page is a program of its own, which goes on from the file that the one before has written.

/// Training-a-network.md
func trainingPage(dataset: String, file: URL) throws -> (network: SequenceClassifier, test: SequenceData) {
  // Training-a-network.md: begin
  func percent(_ share: Double) -> String {
    ValueFormat.percent.string(share, decimals: 1)
  }

  let images = try DatasetStore().load(dataset, showsProgress: true)
  let byRow = Preprocessing(height: images.train.height, width: images.train.width)
  let train = SequenceData(images.train, byRow, on: .cpu)
  print("\(train.count) sequences, \(train.steps) steps of \(train.features) numbers")

  var plan = TrainingPlan(recipe: .modern)
  plan.epochs = 3
  plan.validationCount = train.count / 12

  let trainer = try Trainer(plan, data: train, outputs: images.classes.count)
  while !trainer.isFinished {
    let epoch = try trainer.trainEpoch()
    print("epoch \(epoch.epoch): \(percent(epoch.validationAccuracy ?? 0)) right")
  }
  let network = trainer.result

  let test = SequenceData(images.test, byRow, on: .cpu)
  let evaluation = network.evaluate(test)
  print("\(evaluation.correct) of \(evaluation.count) test images are right")
  for (label, name) in images.classes.enumerated() {
    print("class \(name): \(percent(evaluation.recall(of: label) ?? 0)) found")
  }

  for row in network.accuracyBySteps(test, truncation: .end) {
    print("after \(row.step) rows: \(percent(row.accuracy)) right")
  }

  let model = TrainedModel(
    classifier: network, classNames: images.classes, preprocessing: byRow,
    dataset: dataset, validation: plan.validation(of: train.count))
  try model.save(to: file)
  // Training-a-network.md: end
  return (network, test)
}

/// Reading-as-a-stream.md
func readingPage(file: URL) throws -> (reader: Reader, trace: Trace) {
  // Reading-as-a-stream.md: begin
  func percent(_ share: Float) -> String {
    ValueFormat.percent.string(Double(share), decimals: 1)
  }

  let model = try TrainedModel(contentsOf: file)
  let images = try DatasetStore().load(model.dataset).test

  let scaling = model.featureScaling
  func features(ofRow row: Int) -> [Float] {
    let pixels = images.pixels[row * images.width..<(row + 1) * images.width]
    return zip(0..., pixels).map { (Float($1) - scaling.mean[$0]) * scaling.scale[$0] }
  }

  let reader = Reader(model.classifier)
  for row in 0..<images.height {
    let belief = reader.read(features(ofRow: row))  // a probability for each class
    let answer = belief.indices.max { belief[$0] < belief[$1] } ?? 0
    print("after \(row + 1) rows: \(model.classNames[answer]), \(percent(belief[answer]))")
  }

  reader.reset()
  for row in images.height..<2 * images.height { reader.read(features(ofRow: row)) }
  print("the second image: \(reader.probabilities.map(percent))")

  let rows = (0..<images.height).flatMap(features)
  let trace = model.classifier.trace(Tensor(rows, shape: [images.height, images.width]))
  print("the answer is \(model.classNames[trace.answer])")

  var table = TextTable(header: ["row", "probability", "kept", "added"])
  let belief = trace.probabilities.selected(trace.answer, alongAxis: 1).floats
  let kept = trace.layers[0]["forget gate"]?.values.sum(alongAxis: 1).floats ?? []
  for (row, added) in trace.contributions.enumerated() {
    let share = kept[row] / Float(model.classifier.hiddenSize)
    let number = ValueFormat.number.string(Double(added), decimals: 2)
    table.append(["\(row + 1)", percent(belief[row]), percent(share), number])
  }
  print(table.text())
  // Reading-as-a-stream.md: end
  return (reader, trace)
}

/// Stopping-early.md
func stoppingPage(file: URL) throws -> (comparison: StoppingComparison, reader: Reader) {
  // Stopping-early.md: begin
  func percent(_ share: Double) -> String {
    ValueFormat.percent.string(share, decimals: 1)
  }

  var model = try TrainedModel(contentsOf: file)
  let images = try DatasetStore().load(model.dataset)
  let byRow = Preprocessing(height: images.train.height, width: images.train.width)
  let train = SequenceData(images.train, byRow, on: .cpu)
  let test = SequenceData(images.test, byRow, on: .cpu)

  let apart = model.validation?.rows(labels: train.labels).validation ?? []
  let answers = model.classifier.answersAfterEveryStep(train, rows: apart)
  let testAnswers = model.classifier.answersAfterEveryStep(test)

  let temperatures = answers.temperatures()
  for row in testAnswers.calibration(temperatures: temperatures) {
    print("\(row.step) rows: off by \(percent(row.errorBefore)), now \(percent(row.errorAfter))")
  }

  let comparison = StoppingComparison(
    validation: AnswerTrace(of: answers, temperatures: temperatures),
    test: AnswerTrace(of: testAnswers, temperatures: temperatures))
  for entry in comparison.rules + [comparison.fixed, comparison.oracle] {
    guard let point = entry.onTest else { continue }
    let (right, read) = (percent(point.accuracy), percent(point.earliness))
    print("\(entry.name): \(right) right after \(read) of the rows")
  }

  let rule = comparison.best?.rule ?? .confidence(0.97)
  let reader = Reader(model.classifier, temperatures: temperatures, stopping: rule)
  let sequence = test.batch([0]).sequences
  for row in 0..<test.steps where !reader.isSure {
    reader.read(sequence.selected(row, alongAxis: 1).floats)
  }
  print("sure after \(reader.stepsRead) of \(test.steps) rows")

  model.temperatures = temperatures
  try model.save(to: file)
  // Stopping-early.md: end
  return (comparison, reader)
}

/// Your-own-sequences.md
func seriesPage(path: String, file: URL) throws -> (model: TrainedModel, test: SequenceData, answers: [String]) {
  // Your-own-sequences.md: begin
  let source = try SeriesSource(at: path)
  let series = try source.load()
  print("\(series.train.count) sequences to learn from, \(series.test.count) to be examined on")

  var plan = TrainingPlan(recipe: .modern)
  plan.adapt(toSeries: series.train.count, crossValidates: !source.asksForNumber)
  let split = plan.validation(of: series.train.count)
  let learned = split.rows(labels: series.trainingLabels).training

  let preprocessing = SeriesPreprocessing(
    fitting: series.train, rows: learned, normalizes: true, missing: .carry)
  let target = series.target(learnedFrom: learned)
  let train = SequenceData(series.train, preprocessing, target: target, on: .cpu)
  let test = SequenceData(series.test, preprocessing, target: target, on: .cpu)

  let trainer = try Trainer(plan, data: train, outputs: target.outputs)
  while !trainer.isFinished { _ = try trainer.trainEpoch() }
  let network = trainer.result

  switch target {
  case .classes: print("test accuracy \(network.evaluate(test).accuracy)")
  case .number:
    let errors = network.errorBySteps(test, target: target)
    print("off by \(errors[test.steps - 1].meanAbsoluteError) on average")
  }

  let unseen = try plan.crossValidation(of: train)?.answers(
    to: train, plan: plan, classes: target.outputs)

  let model = TrainedModel(
    classifier: network, target: target, input: .series(preprocessing), dataset: path,
    source: source, validation: split, temperatures: unseen?.temperatures())
  try model.save(to: file)

  let fresh = LabeledSequences(
    features: 1, lengths: [5, 3], values: [1, 2, 3, 4, 5, 9, 8, 7], targets: .none)
  let batch = SequenceData(fresh, preprocessing, target: target, on: .cpu).batch(0..<fresh.count)
  let logits = network(batch.sequences, lengths: batch.lengths)
  let answers = logits.argmaxOfRows().map { target.classNames[$0] }
  print(answers)
  // Your-own-sequences.md: end
  return (model, test, answers)
}

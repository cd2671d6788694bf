import Unroll

/// The library example of README.md, to the letter, but for the data set's name, which is given here.
func readmeExample(dataset: String) throws -> (model: SequenceClassifier, test: SequenceData, reader: Reader) {
  // README: begin
  let digits = try DatasetStore().load(dataset, showsProgress: true)
  let byRow = Preprocessing(height: digits.train.height, width: digits.train.width)
  let train = SequenceData(digits.train, byRow, on: .cpu), test = SequenceData(digits.test, byRow, on: .cpu)

  var random = RandomGenerator(seed: 1)
  var model = SequenceClassifier(
    inputSize: train.features, hiddenSize: 128, classes: digits.classes.count, using: &random)
  var optimizer = Adam(for: model, learningRate: 2e-3)
  let order = random.permutation(count: train.count)
  for start in stride(from: 0, to: train.count, by: 64) {
    let batch = train.batch(order[start..<min(start + 64, train.count)])  // [64, 28, 28], [64]
    let (loss, gradient) = valueWithGradient(at: model) { model in
      softmaxCrossEntropy(logits: model(batch.sequences), labels: batch.targets)
    }
    optimizer.update(&model, along: gradient)
    if start % 6400 == 0 { print("loss \(loss.scalar) after \(start) images") }
  }
  print("test accuracy \(model.evaluate(test).accuracy)")

  let reader = Reader(model), image = test.batch([0]).sequences, label = test.labels[0]
  for row in 0..<test.steps {
    let belief = reader.read(image.selected(row, alongAxis: 1).floats)  // a probability per class, so far
    print("after row \(row + 1), class \(label) has probability \(belief[label])")
  }
  // README: end
  return (model, test, reader)
}

import Datasets
import Recurrent
import Tensors
import Testing
import Training

@Suite("Static networks")
struct StaticTrainerTests {
  private func design(_ change: (inout ContrastDesign) -> Void = { _ in }) -> ContrastDesign {
    var design = ContrastDesign(hiddenSizes: [6], epochs: 2)
    design.batchSize = 20
    change(&design)
    return design
  }

  /// At a learning rate of next to nothing the losses of an epoch, each by its batch's size, are the loss of all rows: each
  /// is read once, and none of the others.
  @Test func anEpochReadsEachOfItsRowsOnce() throws {
    let data = bars(60).sequences(), rows = Array(7..<52)
    var trainer = StaticTrainer(design { $0.learningRate = 1e-20 }, data: data, rows: rows, classes: 3)
    #expect(trainer.updates == 6, "two epochs of 20, 20 and 5 rows")
    let all = data.batch(rows)
    let expected = softmaxCrossEntropy(logits: trainer.model(all.sequences), labels: all.targets).scalar
    for _ in 0..<2 {
      let sum = try [20, 20, 5].reduce(0) { sum, count in sum + Float(count) * (try trainer.step()) }
      #expect(abs(sum / 45 - expected) < 1e-5, "\(sum / 45), not \(expected)")
    }
    #expect(trainer.done == trainer.updates)
  }

  /// Part by part, as images whose other rows were erased.
  @Test func ofAPartTheRestIsBlank() {
    var random = RandomGenerator(seed: 4)
    let model = MultilayerPerceptron(sizes: [64, 12, 3], using: &random)
    // More than one batch of the evaluation.
    let images = bars(300, seed: 3)
    let found = model.accuracyOnParts(of: images.sequences())
    let expected = (1...8).map { steps in
      let pixels = images.pixels.enumerated().map { $0 % 64 < 8 * steps ? $1 : 0 }
      let part = LabeledImages(height: 8, width: 8, pixels: pixels, labels: images.labels).sequences()
      let answers = model(part.batch(0..<300).sequences).argmaxOfRows()
      return Double(zip(answers, part.labels).count { $0 == $1 }) / 300
    }
    #expect(found == expected)
    #expect(Set(found).count > 4, "or else another number of steps would not be seen")
  }

  @Test func divergenceIsTold() {
    var trainer = StaticTrainer(
      design { ($0.learningRate, $0.epochs) = (1e38, 9) }, data: bars(60).sequences(), rows: Array(0..<60), classes: 3)
    let error = #expect(throws: TrainingError.self) {
      while trainer.done < trainer.updates { _ = try trainer.step() }
    }
    guard case .diverged(let epoch, let step, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect((epoch - 1) * 3 + step - 1 == trainer.done, "the update that the loss would have led to is not made")
  }
}

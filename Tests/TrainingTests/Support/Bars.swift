import Datasets
import Recurrent
import Tensors
import Training

/// Images of 8 × 8 pixels with a horizontal, a vertical or a diagonal bar, some noise around it: three classes in turn.
func bars(_ count: Int, seed: UInt64 = 1) -> LabeledImages {
  var random = RandomGenerator(seed: seed)
  var pixels: [UInt8] = []
  for image in 0..<count {
    let place = Int(random.next() % 8)
    for y in 0..<8 {
      for x in 0..<8 {
        let isInk = [y == place, x == place, x == y][image % 3]
        pixels.append(isInk ? 255 : UInt8(random.next() % 30))
      }
    }
  }
  return LabeledImages(height: 8, width: 8, pixels: pixels, labels: (0..<count).map { UInt8($0 % 3) })
}

extension LabeledImages {
  /// Read row by row.
  func sequences(on device: Device = .cpu) -> SequenceData {
    SequenceData(self, Preprocessing(height: height, width: width), on: device)
  }
}

/// A small plan, by Adam for the answer after the last step.
func smallPlan(_ recipe: Recipe = .modern, _ change: (inout TrainingPlan) -> Void = { _ in }) -> TrainingPlan {
  var plan = TrainingPlan(recipe: recipe)
  plan.hiddenSize = 12
  plan.batchSize = 32
  plan.epochs = 2
  plan.objective = .last
  plan.optimizer = .adam
  plan.learningRate = 4e-3
  plan.weightDecay = nil
  change(&plan)
  return plan
}

/// A small network with random weights and biases, so that blank steps change its state too.
func smallModel(_ cell: CellKind = .lstm, layers: Int = 1, precision: Precision = .fp32) -> SequenceClassifier {
  var random = RandomGenerator(seed: 1)
  var model = SequenceClassifier(
    inputSize: 8, hiddenSize: 12, classes: 3, cell: cell, layers: layers, precision: precision,
    layerInitializer: .normal(), using: &random)
  for index in 0..<layers {
    model.layers[index].bias = Initializer.normal().tensor([cell.biases * 12], using: &random, on: .cpu)
    if cell.scales > 0 {
      model.layers[index].scales = Initializer.normal().tensor([cell.scales * 12], using: &random, on: .cpu)
    }
  }
  return model
}

/// A small network with what a file says about it.
func smallTrainedModel(
  _ cell: CellKind = .lstm, layers: Int = 1, precision: Precision = .fp32
) -> TrainedModel {
  TrainedModel(
    classifier: smallModel(cell, layers: layers, precision: precision), classNames: ["—", "|", "\\"],
    preprocessing: Preprocessing(height: 8, width: 8), dataset: "bars")
}

extension SequenceClassifier {
  /// All parameters to the bit, by name.
  var bits: [String: [UInt32]] {
    Dictionary(
      uniqueKeysWithValues: parameterPaths.map { ($0.name, $0.parameter(of: self).floats.map(\.bitPattern)) })
  }
}

extension OptimizerState {
  /// All averages to the bit, by name.
  var bits: [String: [UInt32]] { tensors.mapValues { $0.floats.map(\.bitPattern) } }
}

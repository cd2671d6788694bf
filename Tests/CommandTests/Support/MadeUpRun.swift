import Foundation
import Unroll

/// A run folder of a few small files, as `unroll train` would have left them, with numbers that a test can foresee.
struct MadeUpRun {
  var dataset: String
  var objective = "every"
  var recipe = "modern"
  var validation = 60
  var learningRate = "0.004"
  var threads = 3
  /// Right answers after each step.
  var accuracies = [0.25, 0.375, 0.5, 0.75, 0.9, 0.95, 0.96, 0.964]
  /// The logits that the network answers to every image, or no network.
  var logits: [Float]? = [0, 1, 0]

  /// Writes the files, each of which `change` may replace or leave out.
  func write(to folder: URL, _ change: (inout [String: String?]) -> Void = { _ in }) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var files = files
    change(&files)
    for case (let name, let text?) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
    if let logits { try model(logits).save(to: folder.appending(path: "model.safetensors")) }
  }

  /// A network whose head has no weights answers by its bias alone; a last temperature of a half doubles its logits.
  private func model(_ logits: [Float]) -> TrainedModel {
    var random = RandomGenerator(seed: 1)
    var network = SequenceClassifier(inputSize: 8, hiddenSize: 4, classes: 3, using: &random)
    network.head = Linear(weight: .zeros([3, 4]), bias: Tensor(logits))
    return TrainedModel(
      classifier: network, classNames: ["0", "1", "2"], preprocessing: Preprocessing(height: 8, width: 8),
      dataset: dataset, temperatures: [1, 1, 1, 1, 1, 1, 1, 0.5])
  }

  private var files: [String: String?] {
    let steps = accuracies.enumerated().map { index, accuracy in
      "\(index + 1),\(accuracy),\(accuracy - 0.03),\(accuracy + 0.03),0.5,1.25\n"
    }
    let header = "step,accuracy,low,high,confidence,cross_entropy\n"
    let front = accuracies.indices.map { "\($0 + 1),0.125,0.1,0.15,0.5,1.25\n" }
    let calibration = accuracies.indices.map { "\($0 + 1),0.9,0.05,0.01,2.0,1.9\n" }
    let last = accuracies[accuracies.count - 1]
    return [
      "config.json": """
      {"dataset":"\(dataset)","instruction_set":"avx2","started":"2026-01-02T03:04:05Z","system":"A system","threads":\(threads),
      "version":"0.1.0","plan":{"batch_size":50,"cell":"lstm","epochs":2,"hidden_size":4,"layers":1,
      "learning_rate":\(learningRate),"objective":"\(objective)","optimizer":"adam","precision":"fp32",
      "recipe":"\(recipe)","schedule":"constant","seed":7,"validation_count":\(validation)}}

      """,
      "summary.json": """
      {"test_accuracy":\(last),"train_seconds":12.5,"epoch_seconds":[6,6.5],"epochs":2,"seed":7,"threads":\(threads),
      "peak_resident_bytes":41000000,"version":"0.1.0"}

      """,
      "metrics.jsonl": """
      {"epoch":1,"loss":1.5,"accuracy":0.5,"validation_loss":1.25,"validation_accuracy":0.6,"learning_rate":0.004,\
      "seconds":6,"sequences_per_second":30}
      {"epoch":2,"loss":"Infinity","accuracy":0.7,"validation_loss":"NaN","validation_accuracy":0.8,"learning_rate":0.004,\
      "seconds":6.5,"sequences_per_second":28}

      """,
      "steps.csv": header + steps.joined(), "steps-blank-front.csv": header + front.joined(),
      "calibration.csv": "step,temperature,ece_before,ece_after,cross_entropy_before,cross_entropy_after\n"
        + calibration.joined(),
      "early.csv": """
      split,rule,threshold,accuracy,earliness,harmonic_mean
      validation,confidence,0.99,0.97,0.8,0.3
      validation,confidence,0.5,0.966,0.5,0.66
      validation,confidence,0.1,0.5,0.2,0.6
      test,confidence,0.99,0.95,0.81,0.3
      test,confidence,0.5,0.9375,0.515625,0.66
      test,confidence,0.1,0.5,0.2,0.6
      validation,margin,0.3,0.966,0.6,0.66
      test,margin,0.3,0.9,0.61,0.66
      validation,fixed,8.0,0.97,1.0,0.0
      validation,fixed,1.0,0.3,0.125,0.5
      test,fixed,8.0,0.9625,1.0,0.0
      test,fixed,1.0,0.25,0.125,0.5
      validation,oracle,8.0,0.99,0.3,0.8
      test,oracle,8.0,0.99,0.3,0.8

      """,
    ]
  }
}

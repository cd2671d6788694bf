import Foundation
import Interchange
import Recurrent
import Tensors
import TestSupport
import Testing
import Training

/// Sequences and the logits that another tool gives for them; see `Tests/Interop/cases.py`.
struct Answers {
  let sequences: Tensor
  let logits: [Float]

  init(contentsOf url: URL) throws {
    let arrays = try Safetensors.loadArrays(from: url).arrays
    let sequences = try #require(arrays["sequences"])
    self.sequences = Tensor(try sequences.floats(), shape: sequences.shape)
    logits = try #require(arrays["logits"]).floats()
  }
}

/// The largest difference of two lists of as many numbers, at least one.
func largestDifference(_ found: [Float], _ expected: [Float]) throws -> Float {
  try #require(found.count == expected.count && !found.isEmpty, "\(found.count) numbers, expected \(expected.count)")
  return zip(found, expected).map { abs($0 - $1) }.max() ?? .nan
}

/// An array of the numbers from 1 on, small and of both signs.
func someArray(_ shape: Int...) -> SafetensorsArray {
  let count = shape.reduce(1, *)
  return SafetensorsArray(shape: shape, floats: (0..<count).map { Float(($0 * 7) % 11 - 5) / 8 })
}

/// The state_dict of a PyTorch module: a linear layer `in` 3→5, an LSTM `lstm` of 4 units, a linear layer `out` 4→2.
let somePyTorchArrays = [
  "in.weight": someArray(5, 3), "in.bias": someArray(5), "lstm.weight_ih_l0": someArray(16, 5),
  "lstm.weight_hh_l0": someArray(16, 4), "lstm.bias_ih_l0": someArray(16), "lstm.bias_hh_l0": someArray(16),
  "out.weight": someArray(2, 4), "out.bias": someArray(2),
]

/// The same sizes in Keras, with a GRU.
let someKerasArrays = [
  "sequential/dense/kernel": someArray(3, 5), "sequential/dense/bias": someArray(5),
  "sequential/gru/gru_cell/kernel": someArray(5, 12), "sequential/gru/gru_cell/recurrent_kernel": someArray(4, 12),
  "sequential/gru/gru_cell/bias": someArray(2, 12), "sequential/dense_1/kernel": someArray(4, 2),
  "sequential/dense_1/bias": someArray(2),
]

/// The same sizes in MLX, with a plain network.
let someMLXArrays = [
  "input.weight": someArray(5, 3), "input.bias": someArray(5), "rnn.Wxh": someArray(4, 5), "rnn.Whh": someArray(4, 4),
  "rnn.bias": someArray(4), "head.weight": someArray(2, 4), "head.bias": someArray(2),
]

/// Some sequences, [2, 6, features].
func someSequences(features: Int) -> Tensor {
  var random = RandomGenerator(seed: 3)
  return Tensor(random.normals(count: 12 * features), shape: [2, 6, features])
}

extension TemporaryFolder {
  /// A file of arrays.
  func file(_ arrays: [String: SafetensorsArray]) throws -> URL {
    let file = url.appending(path: "\(UUID().uuidString).safetensors")
    try Safetensors.save(arrays: arrays, to: file)
    return file
  }
}

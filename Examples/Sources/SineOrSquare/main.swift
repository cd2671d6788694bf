// Tells sine waves from square waves. Each wave is made up, with a length and a pitch of its own and much noise on it. The
// network is a struct, and the loop that trains it is one's own.

import Foundation
import Unroll

/// A gated recurrent unit reads a wave, and a linear layer answers from its last state.
struct WaveReader: Differentiable {
  var gru: GRU
  var head: Linear

  init(using random: inout RandomGenerator) {
    gru = GRU(inputSize: 1, hiddenSize: 32, using: &random)
    head = Linear(inputSize: 32, outputSize: shapes.count, using: &random)
  }

  /// From waves [batch, steps, 1] to logits [batch, shapes]. What stands behind the end of a wave is not read.
  @differentiable(reverse,wrt: self)
  func callAsFunction(_ waves: Tensor, lengths: [Int]?) -> Tensor {
    head(gru(waves, lengths: lengths).finalState)
  }
}

/// Waves of 20 to 60 steps. Both shapes are equally loud, so that it takes more than a look at how far they swing.
func makeWaves(_ count: Int, using random: inout RandomGenerator) -> SequenceBatch {
  let longest = 60
  let lengths = (0..<count).map { _ in 20 + random.integer(below: longest - 19) }
  let classes = (0..<count).map { _ in Int32(random.integer(below: shapes.count)) }
  var values = [Float](repeating: 0, count: count * longest)
  for wave in 0..<count {
    let period = random.uniform(in: 8..<20), phase = random.uniform()
    for step in 0..<lengths[wave] {
      let sine = sin(2 * .pi * (phase + Float(step) / period))
      let value = classes[wave] == 0 ? sine : sine < 0 ? -0.7 : 0.7
      values[wave * longest + step] = value + 0.3 * random.normal()
    }
  }
  return SequenceBatch(
    sequences: Tensor(values, shape: [count, longest, 1]), targets: Tensor(classes), lengths: lengths)
}

/// A wave as a line of blocks.
func picture(_ wave: ArraySlice<Float>) -> String {
  let blocks = Array("▁▂▃▄▅▆▇█")
  return String(wave.map { blocks[min(max(Int(4 + 2.5 * $0), 0), 7)] })
}

let shapes = ["sine", "square"]
var random = RandomGenerator(seed: 1)
let unseen = makeWaves(1000, using: &random)
var model = WaveReader(using: &random)
var optimizer = Adam(for: model, learningRate: 5e-3)

for update in 1...400 {
  let waves = makeWaves(64, using: &random)
  let (loss, gradient) = valueWithGradient(at: model) { model in
    softmaxCrossEntropy(logits: model(waves.sequences, lengths: waves.lengths), labels: waves.targets)
  }
  optimizer.update(&model, along: gradient)
  if update % 50 == 0 {
    let answers = model(unseen.sequences, lengths: unseen.lengths).argmaxOfRows()
    let right = zip(answers, unseen.targets.elements(as: Int32.self)).count { $0 == Int($1) }
    print("after \(update) updates the loss is \(loss.scalar), and \(right) of 1000 unseen waves are told right")
  }
}

let waves = makeWaves(8, using: &random), steps = waves.sequences.shape[1]
let beliefs = softmax(model(waves.sequences, lengths: waves.lengths)).floats, values = waves.sequences.floats
for (wave, shape) in waves.targets.elements(as: Int32.self).enumerated() {
  let belief = Int(100 * beliefs[wave * shapes.count + Int(shape)]), length = waves.lengths?[wave] ?? steps
  print("\(shapes[Int(shape)]), believed to \(belief) %:  \(picture(values[wave * steps..<wave * steps + length]))")
}

import Unroll
import Foundation
import _Differentiation
let threads = Int(CommandLine.arguments.dropFirst().first ?? "2")!
let B = Int(CommandLine.arguments.dropFirst(2).first ?? "128")!
let device = Device(threads: threads)
print(device)
var random = RandomGenerator(seed: 1)
var model = SequenceClassifier(inputSize: 28, hiddenSize: 128, classes: 10, using: &random, on: device)
print(SequenceClassifier.parameterPaths.map(\.name), model.parameterCount)
let N = 2048
let bytes = Tensor((0..<N*784).map { _ in UInt8(truncatingIfNeeded: random.next()) }, shape: [N, 784], on: device)
let layout = SequenceLayout(steps: 28, features: 28, stepStride: 28, featureStride: 1)
var optimizer = Adam(for: model)
func now() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e6 }
var tb = 0.0, tf = 0.0, tg = 0.0, to = 0.0
var n = 0
let rounds = 200
for step in 0..<rounds {
  if step == 20 { tb = 0; tf = 0; tg = 0; to = 0; n = 0 }
  let t0 = now()
  let rows = (0..<B).map { Int32(($0 + step * B) % N) }
  let x = gatherSequences(from: bytes, rows: rows, layout: layout, scale: 1/255.0)
  let labels = Tensor(rows.map { $0 % 10 }, on: device)
  let t1 = now()
  let (loss, pb) = valueWithPullback(at: model) { m in softmaxCrossEntropy(logits: m(x), labels: labels) }
  let t2 = now()
  let g = pb(Tensor(1, on: device))
  let t3 = now()
  optimizer.update(&model, along: g)
  let t4 = now()
  tb += t1-t0; tf += t2-t1; tg += t3-t2; to += t4-t3; n += 1
  if step % 50 == 0 { print(step, loss.scalar, device.systemAllocations, device.copiesOnWrite) }
}
let total = (tb+tf+tg+to)/Double(n)
print("batch \(tb/Double(n)) forward \(tf/Double(n)) backward \(tg/Double(n)) opt \(to/Double(n)) ms; epoch \(total*60000/Double(B)/1000) s; \(12.6e-3*Double(B)/total) GFLOP/s")

import Foundation
import Tensors
import Testing
import _Differentiation

/// Memory that has been given back is used again.
@Suite("Buffer pool")
struct PoolTests {
  @Test func aStepAfterTheFirstTakesNothingFromTheSystem() {
    // One thread, so that all of its page faults are this thread's and none are those of other tests.
    let device = Device(threads: 1)
    var step = Step(on: device)
    for _ in 0..<3 { step.run() }
    let allocations = device.systemAllocations, faults = pageFaultsOfThisThread()
    for _ in 0..<20 { step.run() }
    #expect(device.systemAllocations == allocations)
    // The step's buffers are some 1,000 pages. A few faults are the test's own and the Swift runtime's.
    #expect(pageFaultsOfThisThread() - faults < 20)
    #expect(device.copiesOnWrite == 0)
  }

  @Test func severalThreadsTakeNoMoreThanOne() {
    let device = Device(threads: 3)
    var step = Step(on: device)
    for _ in 0..<3 { step.run() }
    let allocations = device.systemAllocations
    for _ in 0..<20 { step.run() }
    #expect(device.systemAllocations == allocations)
  }

  @Test func aBufferIsUsedAgainForATensorOfAboutItsSize() {
    let device = Device(threads: 1)
    _ = Tensor.zeros([1000], on: device)
    #expect(device.systemAllocations == 1)
    _ = Tensor.zeros([1000], on: device)
    _ = Tensor.zeros([24, 40], on: device)
    #expect(device.systemAllocations == 1)
    let both = [Tensor.zeros([1000], on: device), Tensor.zeros([1000], on: device)]
    #expect(device.systemAllocations == 2)
    withExtendedLifetime(both) {}
  }

  @Test(arguments: [64, 65, 80, 81, 1000, 1024, 1025, 12_345, 100_000])
  func aBufferHoldsItsTensorAndAtMostAQuarterMore(count: Int) {
    let device = Device(threads: 1)
    _ = Tensor.zeros([count], on: device)
    let needed = count * MemoryLayout<Float>.size
    #expect((needed...needed + needed / 4).contains(device.systemBytes))
  }
}

/// A training step of an LSTM with a linear head, down to the update.
private struct Step {
  private var weights: [Tensor]
  private var firstMoments, secondMoments: [Tensor]
  private let input, labels: Tensor

  init(on device: Device) {
    let (batch, steps, inputs, hidden, classes) = (32, 20, 28, 60, 10)
    let shapes = [[4 * hidden, inputs], [4 * hidden, hidden], [4 * hidden], [classes, hidden], [classes]]
    var random = RandomGenerator(seed: 1)
    func normals(_ shape: [Int]) -> Tensor {
      Tensor(random.normals(count: shape.reduce(1, *)).map { $0 * 0.1 }, shape: shape, on: device)
    }
    weights = shapes.map(normals)
    firstMoments = shapes.map { Tensor.zeros($0, on: device) }
    secondMoments = shapes.map { Tensor.zeros($0, on: device) }
    input = normals([batch, steps, inputs])
    labels = Tensor((0..<batch).map { Int32($0 % classes) }, on: device)
  }

  mutating func run() {
    let (input, labels) = (input, labels)
    let gradients = gradient(at: weights) { weights in
      let output = lstm(input, weightIH: weights[0], weightHH: weights[1], bias: weights[2])
      let logits = linear(output.finalState.hidden, weight: weights[3], bias: weights[4])
      return softmaxCrossEntropy(logits: logits, labels: labels)
    }
    let step = AdamStep(
      rate: 1e-3, correction: 1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, decay: 0)
    for index in weights.indices {
      weights[index].update(
        adam: step, gradient: gradients.base[index], firstMoment: &firstMoments[index],
        secondMoment: &secondMoments[index])
    }
  }
}

/// Minor page faults of the calling thread so far; of the process where the system does not count threads.
private func pageFaultsOfThisThread() -> Int {
  var usage = rusage()
  #if os(Linux)
    getrusage(1, &usage)  // RUSAGE_THREAD, which the Glibc module lacks
  #else
    getrusage(RUSAGE_SELF, &usage)
  #endif
  return usage.ru_minflt
}

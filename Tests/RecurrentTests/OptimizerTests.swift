import Recurrent
import Tensors
import Testing
import _Differentiation

/// What optimizers promise besides their arithmetic, which `OptimizerFixtureTests` checks.
@Suite("Optimizers")
struct OptimizerTests {
  @Test(arguments: Kind.allCases)
  fileprivate func anUpdateCopiesNothing(kind: Kind) {
    let device = Device(threads: 2)
    var task = Task(on: device)
    var optimizer = kind.optimizer(for: task.model)
    for _ in 0..<5 { task.step(&optimizer) }
    #expect(device.copiesOnWrite == 0)
  }

  @Test func anUpdateOfASharedModelLeavesTheOtherWhole() {
    let device = Device(threads: 1)
    var task = Task(on: device)
    var optimizer = Kind.adam.optimizer(for: task.model)
    let before = task.model, beforeBits = task.bits
    task.step(&optimizer)
    #expect(before.parameterPaths.map { bits($0.parameter(of: before)) } == beforeBits)
    #expect(task.bits != beforeBits)
    #expect(device.copiesOnWrite == before.parameterPaths.count)
  }

  @Test(arguments: Kind.allCases)
  fileprivate func aRestoredStateGoesOnToTheSameBits(kind: Kind) {
    let device = Device(threads: 1)
    var through = Task(on: device)
    var optimizer = kind.optimizer(for: through.model)
    for _ in 0..<3 { through.step(&optimizer) }

    var resumed = through
    var restored = kind.optimizer(for: resumed.model)
    restored.state = optimizer.state
    #expect(restored.state == optimizer.state)
    for _ in 0..<3 {
      through.step(&optimizer)
      resumed.step(&restored)
    }
    #expect(resumed.bits == through.bits)

    var forgetful = Task(on: device)
    var fresh = kind.optimizer(for: forgetful.model)
    for _ in 0..<3 { forgetful.step(&fresh) }
    fresh = kind.optimizer(for: forgetful.model)
    for _ in 0..<3 { forgetful.step(&fresh) }
    #expect((forgetful.bits == through.bits) == kind.isStateless, "the state has to matter")
  }

  @Test func aStateSavedEarlierIsNotChangedByLaterUpdates() {
    var task = Task(on: Device(threads: 1))
    var optimizer = Kind.adam.optimizer(for: task.model)
    task.step(&optimizer)
    let saved = optimizer.state, averages = saved.tensors.mapValues(\.floats)
    task.step(&optimizer)
    #expect(saved.step == 1)
    #expect(saved.tensors.mapValues(\.floats) == averages)
    #expect(optimizer.state.tensors.mapValues(\.floats) != averages)
  }

  @Test func statesNameWhatTheyRemember() {
    let task = Task(on: Device(threads: 1))
    let names = task.model.parameterPaths.map(\.name)
    let adam = Kind.adamW.optimizer(for: task.model).state
    #expect(Set(adam.tensors.keys) == Set(names.flatMap { ["first_moment.\($0)", "second_moment.\($0)"] }))
    #expect(Set(Kind.nesterov.optimizer(for: task.model).state.tensors.keys) == Set(names.map { "velocity.\($0)" }))
    #expect(adam.tensors["second_moment.head.weight"] == Tensor.zeros([3, 8]))
  }

  @Test(arguments: Kind.allCases)
  fileprivate func aParameterWithoutGradientStaysAsItIs(kind: Kind) {
    let device = Device(threads: 1)
    var task = Task(on: device)
    var optimizer = kind.optimizer(for: task.model)
    let before = task.bits
    var gradient = SequenceClassifier.TangentVector.zero
    gradient.head.bias = Tensor([1, -1, 2] as [Float], on: device)
    optimizer.update(&task.model, along: gradient)
    #expect(task.bits.dropLast() == before.dropLast())
    #expect(task.bits.last != before.last)
  }

  @Test(arguments: Kind.allCases)
  fileprivate func theLearningRateOfTheNextStepCanBeSet(kind: Kind) {
    var task = Task(on: Device(threads: 1))
    var optimizer = kind.optimizer(for: task.model)
    let before = task.bits
    optimizer.learningRate = 0
    task.step(&optimizer)
    #expect(task.bits == before)
    optimizer.learningRate = 0.1
    task.step(&optimizer)
    #expect(task.bits != before)
    #expect(optimizer.learningRate == 0.1)
  }
}

private enum Kind: String, CaseIterable {
  case adam, adamW, sgd, momentum, nesterov, averaging

  var isStateless: Bool { self == .sgd }

  func optimizer(for model: SequenceClassifier) -> any Optimizer<SequenceClassifier> {
    switch self {
    case .adam: Adam(for: model, learningRate: 0.01)
    case .adamW: AdamW(for: model, learningRate: 0.01, weightDecay: 0.1)
    case .sgd: SGD(for: model, learningRate: 0.1)
    case .momentum: SGD(for: model, learningRate: 0.1, momentum: 0.9)
    case .nesterov: SGD(for: model, learningRate: 0.1, momentum: 0.9, nesterov: true)
    case .averaging: WeightAveraging(Adam(for: model, learningRate: 0.01), for: model, decay: 0.9)
    }
  }
}

/// A model and what it learns.
private struct Task {
  var model: SequenceClassifier
  private let input, labels: Tensor

  init(on device: Device) {
    var random = RandomGenerator(seed: 1)
    model = SequenceClassifier(inputSize: 5, hiddenSize: 8, classes: 3, using: &random, on: device)
    input = normals([4, 6, 5], using: &random, on: device)
    labels = Tensor([0, 2, 1, 1] as [Int32], on: device)
  }

  /// As the documentation of `Optimizer` writes it.
  mutating func step(_ optimizer: inout any Optimizer<SequenceClassifier>) {
    let (input, labels) = (input, labels)
    let (_, gradient) = valueWithGradient(at: model) { softmaxCrossEntropy(logits: $0(input), labels: labels) }
    optimizer.update(&model, along: gradient)
  }

  var bits: [[UInt32]] {
    model.parameterPaths.map { path in path.parameter(of: model).floats.map(\.bitPattern) }
  }
}

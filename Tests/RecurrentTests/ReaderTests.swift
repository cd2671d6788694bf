import Recurrent
import Tensors
import Testing

/// A trained model that reads one step at a time.
@Suite("Reader")
struct ReaderTests {
  /// Batches and streams of other numbers of rows go through other tiles, and a sum has the same order in all of them.
  @Test(arguments: InstructionSet.supported, [true, false])
  func aStreamHasTheBitsOfTheBatch(instructionSet: InstructionSet, foldsInput: Bool) {
    let device = Device(threads: 2, instructionSet: instructionSet)
    for cell in CellKind.allCases {
      for layers in 1...2 {
        expectSameBits(model(cell, layers: layers, foldsInput: foldsInput, on: device), foldsInput: foldsInput)
      }
    }
  }

  private func expectSameBits(_ model: SequenceClassifier, foldsInput: Bool) {
    let device = model.device
    var random = RandomGenerator(seed: 2)
    let (batch, steps) = (5, 9)
    let input = normals([batch, steps, model.inputSize], using: &random, on: device)
    let logits = model.logitsAtEveryStep(input)
    let expected = softmax(logits.reshaped(to: [batch * steps, model.classes])).reshaped(to: logits.shape)

    let reader = Reader(model, foldsInput: foldsInput)
    for row in 0..<batch {
      reader.reset()
      for step in 0..<steps {
        let probabilities = reader.read(input.selected(row, alongAxis: 0).selected(step, alongAxis: 0).floats)
        let inBatch = expected.selected(row, alongAxis: 0).selected(step, alongAxis: 0)
        #expect(
          probabilities.map(\.bitPattern) == bits(inBatch),
          "\(model.layers.count) \(model.cell), row \(row), step \(step)")
        #expect(probabilities == reader.probabilities)
        #expect(reader.stepsRead == step + 1)
      }
    }
  }

  @Test(arguments: CellKind.allCases, [1, 3])
  func aStreamThroughAnyStackHasTheBitsOfTheBatch(cell: CellKind, layers: Int) {
    var random = RandomGenerator(seed: 5)
    let device = Device(threads: 2)
    let model = SequenceClassifier(
      inputSize: 6, hiddenSize: 21, classes: 4, cell: cell, layers: layers, using: &random, on: device)
    let input = normals([1, 9, 6], using: &random, on: device)
    let logits = model.logitsAtEveryStep(input)
    let expected = softmax(logits.reshaped(to: [9, 4]))
    let reader = Reader(model, foldsInput: model.foldsInput)
    for round in 0..<2 {
      for step in 0..<9 {
        let probabilities = reader.read(input.selected(0, alongAxis: 0).selected(step, alongAxis: 0).floats)
        #expect(probabilities.map(\.bitPattern) == bits(expected.selected(step, alongAxis: 0)), "\(round), \(step)")
      }
      reader.reset()
    }
  }

  @Test(arguments: CellKind.allCases, Precision.allCases)
  func aStepTakesNoMemory(cell: CellKind, precision: Precision) {
    let device = Device(threads: 1)
    guard device.supports(precision) else { return }
    var random = RandomGenerator(seed: 5)
    let model = SequenceClassifier(
      inputSize: 6, hiddenSize: 21, classes: 4, cell: cell, layers: 2, precision: precision, using: &random, on: device)
    let reader = Reader(model)
    let before = device.systemAllocations, row = [Float](repeating: 0.5, count: 6)
    for _ in 0..<50 { reader.read(row) }
    #expect(device.systemAllocations == before)
  }

  @Test func bothWaysThroughTheInputLayerAgree() {
    let model = model(foldsInput: true, on: Device(threads: 1))
    let folded = Reader(model, foldsInput: true), unfolded = Reader(model, foldsInput: false)
    var random = RandomGenerator(seed: 3)
    for _ in 0..<20 {
      let row = random.normals(count: model.inputSize)
      for (a, b) in zip(folded.read(row), unfolded.read(row)) { #expect(abs(a - b) < 1e-6) }
    }
  }

  @Test func beforeTheFirstStepAllClassesAreEqual() {
    let reader = Reader(model(foldsInput: true, on: Device(threads: 1)))
    #expect(reader.probabilities == [0.25, 0.25, 0.25, 0.25])
    reader.read([Float](repeating: 1, count: 6))
    #expect(reader.probabilities != [0.25, 0.25, 0.25, 0.25])
    reader.reset()
    #expect(reader.probabilities == [0.25, 0.25, 0.25, 0.25])
    #expect(reader.stepsRead == 0)
  }

  @Test func itKeepsItsOwnCopyOfTheWeights() {
    let device = Device(threads: 1)
    var model = model(foldsInput: true, on: device)
    let reader = Reader(model), untouched = Reader(model)
    var optimizer = SGD(for: model, learningRate: 1)
    var gradient = SequenceClassifier.TangentVector.zero
    gradient.head.bias = Tensor([1, 2, 3, 4] as [Float], on: device)
    var layer = SequenceLayer.TangentVector.zero
    layer.bias = Tensor(repeating: 1, shape: model.layers[0].bias.shape, on: device)
    gradient.layers.base = [layer]
    optimizer.update(&model, along: gradient)
    let row = [Float](repeating: 0.5, count: 6)
    #expect(reader.read(row) == untouched.read(row))
    #expect(Reader(model).read(row) != untouched.read(row))
  }

  @Test(arguments: CellKind.allCases, [true, false])
  func aStepTakesNoMemory(cell: CellKind, foldsInput: Bool) {
    let device = Device(threads: 1)
    let model = model(cell, layers: 2, foldsInput: foldsInput, on: device)
    let reader = Reader(model, foldsInput: foldsInput)
    let row = [Float](repeating: 0.5, count: 6)
    func addressAfterReading() -> UnsafePointer<Float>? {
      reader.read(row)
      return reader.probabilities.withUnsafeBufferPointer(\.baseAddress)
    }
    let first = addressAfterReading(), allocations = device.systemAllocations
    let addresses = Set((0..<1000).map { _ in addressAfterReading() })
    #expect(device.systemAllocations == allocations)
    #expect(addresses == [first], "probabilities are written where they are")
  }

  private func model(
    _ cell: CellKind = .lstm, layers: Int = 1, foldsInput: Bool, on device: Device
  ) -> SequenceClassifier {
    var random = RandomGenerator(seed: 1)
    var drawn = SequenceClassifier(
      inputSize: 6, hiddenSize: 21, classes: 4, cell: cell, layers: layers, layerInitializer: .normal(deviation: 0.5),
      using: &random, on: device)
    for index in 0..<layers {
      drawn.layers[index].bias = normals(drawn.layers[index].bias.shape, scale: 0.5, using: &random, on: device)
    }
    return SequenceClassifier(input: drawn.input, layers: drawn.layers, head: drawn.head, foldsInput: foldsInput)
  }
}

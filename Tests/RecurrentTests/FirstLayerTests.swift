import Recurrent
import Tensors
import Testing
import _Differentiation

/// Nobody wants the gradient of a network's input, and nobody computes it.
///
/// A new device has an empty pool, so every buffer that is needed shows in the bytes taken from the system, unless one of
/// its size has been given back. No other sequence here has as many features as the input, so its gradient finds none:
/// asking for it as well must take at least its size more. Had the model's gradient computed it already, both would take
/// the same.
@Suite("First layer")
struct FirstLayerTests {
  private let batch = 512, steps = 50, features = 3
  private var inputBytes: Int { batch * steps * features * MemoryLayout<Float>.size }

  @Test(arguments: [true, false], [1, 2])
  func aModelComputesNoGradientOfItsInput(foldsInput: Bool, layers: Int) {
    let alone = bytesTaken(foldsInput, layers) { model, input in gradient(at: model) { $0(input).sum() } }
    let both = bytesTaken(foldsInput, layers) { model, input in
      pullback(at: model, input) { $0($1).sum() }(Tensor(1, on: input.device))
    }
    #expect(both - alone >= inputBytes)
  }

  @Test(arguments: [true, false], [1, 2])
  func norDoLogitsAtEveryStep(foldsInput: Bool, layers: Int) {
    let alone = bytesTaken(foldsInput, layers) { model, input in
      gradient(at: model) { $0.logitsAtEveryStep(input).sum() }
    }
    let both = bytesTaken(foldsInput, layers) { model, input in
      pullback(at: model, input) { $0.logitsAtEveryStep($1).sum() }(Tensor(1, on: input.device))
    }
    #expect(both - alone >= inputBytes)
  }

  private func bytesTaken<Result>(
    _ foldsInput: Bool, _ layers: Int, by body: (SequenceClassifier, Tensor) -> Result
  ) -> Int {
    let device = Device(threads: 1)
    var random = RandomGenerator(seed: 1)
    let drawn = SequenceClassifier(
      inputSize: features, hiddenSize: 4, classes: 2, layers: layers, using: &random, on: device)
    let model = SequenceClassifier(input: drawn.input, layers: drawn.layers, head: drawn.head, foldsInput: foldsInput)
    // It lies time-major, as batches do, so that it is read in place.
    let layout = SequenceLayout(steps: steps, features: features, stepStride: features, featureStride: 1)
    let bytes = Tensor(
      [UInt8](repeating: 100, count: batch * layout.extent), shape: [batch, layout.extent], on: device)
    let input = gatherSequences(from: bytes, rows: (0..<batch).map(Int32.init), layout: layout, scale: 1 / 255)

    let before = device.systemBytes
    _ = body(model, input)
    return device.systemBytes - before
  }
}

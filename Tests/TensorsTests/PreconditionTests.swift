import Tensors
import Testing
import _Differentiation

/// A wrong shape is a programmer's mistake: the process ends, and a debug build says which shapes did not fit. (A release
/// build has no messages; Swift leaves them out.)
@Suite("Preconditions")
struct PreconditionTests {
  @Test func shapesThatDoNotBroadcast() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([2, 3]) + Tensor.zeros([4])
    }
    expect(result, says: "shapes [2, 3] and [4] do not broadcast")
  }

  @Test func aProductOfShapesThatDoNotBroadcast() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([2, 1]) * Tensor.zeros([3, 5])
    }
    expect(result, says: "shapes [2, 1] and [3, 5] do not broadcast")
  }

  @Test func matricesWhoseInnerSizesDiffer() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = matmul(Tensor.zeros([2, 3]), Tensor.zeros([4, 5]))
    }
    expect(result, says: "matmul of shapes [2, 3] and [4, 5]")
  }

  @Test func aLinearLayerOfAnotherSize() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = linear(Tensor.zeros([2, 3]), weight: Tensor.zeros([5, 4]), bias: Tensor.zeros([5]))
    }
    expect(result, says: "linear with input [2, 3], weight [5, 4] and bias [5]")
  }

  @Test func anLSTMOfAnotherSize() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = lstm(Tensor.zeros([2, 3, 4]), weightIH: .zeros([8, 5]), weightHH: .zeros([8, 2]), bias: .zeros([8]))
    }
    expect(result, says: "lstm with input [2, 3, 4], input weights [8, 5]")
  }

  /// A stream's weights are checked as a sequence's: a bias too long would be packed beyond its room.
  @Test func aStreamingLayerWithABiasTooLong() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StreamingLayer(.lstm, weightIH: .zeros([8, 5]), weightHH: .zeros([8, 2]), bias: .zeros([16]))
    }
    expect(result, says: "lstm with bias [16] for 2 hidden units")
  }

  @Test(arguments: [[3, 3], [3, 3, 4], [0, 3, 3]])
  func lengthsThatAreNone(lengths: [Int]) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [lengths] in
      _ = lstm(
        Tensor.zeros([3, 3, 1]), weightIH: .zeros([4, 1]), weightHH: .zeros([4, 1]), bias: .zeros([4]), lengths: lengths
      )
    }
    expect(result, says: "lstm with lengths \(lengths) for 3 rows of 1 to 3 steps")
  }

  @Test func aMaskOfAnotherSize() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([3, 4, 5]).scaled(byMask: .zeros([4, 5]))
    }
    expect(result, says: "a tensor of shape [3, 4, 5] scaled by a mask [4, 5]")
  }

  @Test func peepholesOfAnotherSize() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = peepholeLSTM(
        .zeros([2, 3, 4]), weightIH: .zeros([8, 4]), weightHH: .zeros([8, 2]), bias: .zeros([8]), peepholes: .zeros([4])
      )
    }
    expect(result, says: "peepholeLSTM with scales [4]: expected [6]")
  }

  @Test func aNormalizationOfAnotherSize() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = layerNorm(.zeros([2, 3]), weight: .zeros([3]), bias: .zeros([4]))
    }
    expect(result, says: "layer normalization of [2, 3] with weight [3] and bias [4]")
  }

  @Test func aReshapeToAnotherCount() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([2, 3]).reshaped(to: [4, 2])
    }
    expect(result, says: "a tensor of shape [2, 3] reshaped to [4, 2]")
  }

  @Test func aSliceBeyondTheEnd() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([2, 3]).sliced(alongAxis: 1, 2..<4)
    }
    expect(result, says: "slice 2..<4 along axis 1 of a tensor of shape [2, 3]")
  }

  @Test(arguments: [-1, 3])
  func aLabelThatIsNoClass(label: Int32) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [label] in
      _ = softmaxCrossEntropy(logits: .zeros([2, 3]), labels: Tensor([0, label]))
    }
    expect(result, says: "label \(label) in row 1, of 3 classes")
  }

  @Test func predictionsAndTargetsOfOtherShapes() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = meanSquaredError(.zeros([2, 1]), targets: .zeros([2]))
    }
    expect(result, says: "squared error of predictions [2, 1] and targets [2]")
  }

  @Test func aGatheredRowThatIsNotThere() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let layout = SequenceLayout(steps: 2, features: 2, stepStride: 2, featureStride: 1)
      let bytes = Tensor([UInt8](repeating: 0, count: 8), shape: [2, 4])
      _ = gatherSequences(from: bytes, rows: [0, 2], layout: layout, scale: 1)
    }
    expect(result, says: "a gathered row is not among 2 items")
  }

  // MARK: Devices

  @Test func aSumOverTwoDevices() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([3], on: Device(threads: 1)) + Tensor.zeros([3], on: Device(threads: 1))
    }
    expect(result, says: "tensors of two devices in one op")
  }

  @Test func aLinearLayerOnAnotherDevice() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let here = Device(threads: 1), there = Device(threads: 1)
      _ = linear(.zeros([2, 3], on: here), weight: .zeros([4, 3], on: there), bias: .zeros([4], on: here))
    }
    expect(result, says: "tensors of two devices in one op")
  }

  @Test func anLSTMOnAnotherDevice() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let here = Device(threads: 1), there = Device(threads: 1)
      _ = lstm(
        .zeros([2, 3, 1], on: here), weightIH: .zeros([4, 1], on: there), weightHH: .zeros([4, 1], on: there),
        bias: .zeros([4], on: there))
    }
    expect(result, says: "tensors of two devices in one op")
  }

  @Test func aStateOnAnotherDevice() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let here = Device(threads: 1), there = Device(threads: 1)
      let state = Tensor.zeros([2, 1], on: there)
      _ = lstm(
        .zeros([2, 3, 1], on: here), initialState: LSTMState(hidden: state, cell: state),
        weightIH: .zeros([4, 1], on: here), weightHH: .zeros([4, 1], on: here), bias: .zeros([4], on: here))
    }
    expect(result, says: "tensors of two devices in one op")
  }

  @Test func labelsOnAnotherDevice() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = softmaxCrossEntropy(logits: .zeros([1, 2]), labels: Tensor([0] as [Int32], on: Device(threads: 1)))
    }
    expect(result, says: "tensors of two devices in one op")
  }

  private func expect(
    _ result: ExitTest.Result?, says message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #if DEBUG
      let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(output.contains(message), sourceLocation: sourceLocation)
    #endif
  }
}

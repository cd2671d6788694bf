import CKernels

/// An LSTM's weights in the order in which the forward kernel reads them.
struct PackedLSTMWeights {
  let weights, bias: Storage

  /// - Parameters:
  ///   - weightIH: [4·hidden, inputs].
  ///   - weightHH: [4·hidden, hidden].
  ///   - bias: [4·hidden], dense.
  init(weightIH: Tensor, weightHH: Tensor, bias: Tensor) {
    let device = weightHH.device, kernels = device.kernels
    let (hidden, inputs) = (weightHH.shape[1], weightIH.shape[1])
    let lanes = Int(kernels.lanes)
    let blocks = (hidden + lanes - 1) / lanes
    let packedWeights = Storage(.float32, count: blocks * 4 * lanes * (hidden + inputs), on: device)
    let packedBias = Storage(.float32, count: blocks * 4 * lanes, on: device)
    withWorkspace(on: device) { workspace in
      let hh = workspace.matrix(weightHH), ih = workspace.matrix(weightIH)
      let out = workspace.floats(in: packedWeights)
      let grain = max(1, elementwiseGrain / (4 * lanes * (hidden + inputs)))
      device.forRanges(of: blocks, grain: grain) { range in
        kernels.lstm_pack_weights(
          Int64(hidden), Int64(inputs), hh, ih, out, Int64(range.lowerBound), Int64(range.upperBound))
      }
      kernels.lstm_pack_bias(Int64(hidden), workspace.floats(of: bias), workspace.floats(in: packedBias))
    }
    weights = packedWeights
    self.bias = packedBias
  }

  struct Pointers {
    let weights, bias: UnsafeMutablePointer<Float>
  }

  func pointers(in workspace: Workspace) -> Pointers {
    Pointers(weights: workspace.floats(in: weights), bias: workspace.floats(in: bias))
  }
}

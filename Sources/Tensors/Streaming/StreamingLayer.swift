import CKernels

/// An LSTM that reads one sequence a step at a time: weights packed once, and no memory taken after that.
package final class StreamingLSTM {
  private let device: Device
  private let hidden, inputs, padded: Int
  private let packed: PackedLSTMWeights
  /// Two hidden states, of which the kernel reads one and writes the other, and the cell state.
  private let states: Storage
  private var newest = 0

  /// - Parameters:
  ///   - weightIH: [4·hidden, inputs].
  ///   - weightHH: [4·hidden, hidden].
  ///   - bias: [4·hidden].
  package init(weightIH: Tensor, weightHH: Tensor, bias: Tensor) {
    device = weightHH.device
    hidden = weightHH.shape[1]
    inputs = weightIH.shape[1]
    let lanes = Int(device.kernels.lanes)
    padded = (hidden + lanes - 1) / lanes * lanes
    packed = PackedLSTMWeights(weightIH: weightIH, weightHH: weightHH, bias: bias.dense())
    states = Storage(.float32, count: 3 * padded, on: device)
    reset()
  }

  /// Back to the zero state.
  package func reset() { states.floats.update(repeating: 0, count: 3 * padded) }

  /// Reads one step, as many features as the layer has inputs, and calls `body` with the new hidden state.
  package func step<Result>(
    _ input: UnsafeBufferPointer<Float>, _ body: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    precondition(input.count == inputs, "a step of \(input.count) features for a network of \(inputs)")
    guard let x = input.baseAddress else { preconditionFailure("a step without features") }
    return withExtendedLifetime((states, packed)) {
      let before = states.floats + newest * padded
      newest = 1 - newest
      let after = states.floats + newest * padded, cell = states.floats + 2 * padded
      // The kernel reads a block of the cell state before it writes it, so one buffer serves as both.
      var call = UnrollLSTMForward(
        batch: 1, steps: 1, inputs: Int64(inputs), hidden: Int64(hidden), reversed: 0, lengths: nil, x: x, x_step: 0,
        x_row: 0, h0: before, c0: cell, weights: packed.weights.floats, bias: packed.bias.floats, h: after, h_step: 0,
        h_row: 0, c: cell, c_step: 0, c_row: 0, gates: nil, gates_step: 0, gates_row: 0, tanh_c: nil, h_final: nil,
        c_final: nil)
      device.kernels.lstm_forward(&call, 0, 1)
      return body(UnsafeBufferPointer(start: after, count: hidden))
    }
  }
}

/// A fully connected layer for one row at a time: weights packed once, and no memory taken after that.
package final class StreamingLinear {
  private let device: Device
  private let inputs, outputs: Int
  private let packed, bias, result: Storage

  /// - Parameters:
  ///   - weight: [outputs, inputs].
  ///   - bias: [outputs].
  package init(weight: Tensor, bias: Tensor) {
    let device = weight.device
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let panel = Int(device.kernels.panel), panels = (outputs + panel - 1) / panel
    let packed = Storage(.float32, count: panels * panel * inputs, on: device)
    let biasCopy = Storage(.float32, count: outputs, on: device)
    withWorkspace(on: device) { workspace in
      device.kernels.pack(
        Int64(inputs), Int64(outputs), workspace.matrix(weight.transposed()), workspace.floats(in: packed), 0,
        Int64(panels))
      workspace.floats(in: biasCopy).update(from: workspace.floats(of: bias.dense()), count: outputs)
    }
    self.device = device
    self.inputs = inputs
    self.outputs = outputs
    self.packed = packed
    self.bias = biasCopy
    result = Storage(.float32, count: outputs, on: device)
  }

  /// Applies the layer and calls `body` with the outputs.
  package func apply<Result>(
    _ input: UnsafeBufferPointer<Float>, _ body: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    precondition(input.count == inputs, "\(input.count) features for a layer of \(inputs)")
    guard let x = input.baseAddress else { preconditionFailure("a layer without inputs") }
    return withExtendedLifetime((packed, bias, result)) {
      let out = result.floats
      out.update(from: bias.floats, count: outputs)
      device.kernels.multiply(
        Int64(outputs), Int64(inputs), UnrollMatrix(base: x, row: 0, column: 1), packed.floats, out, Int64(outputs), 1,
        0, 1)
      return body(UnsafeBufferPointer(start: out, count: outputs))
    }
  }

  /// Softmax of a row of logits, written to `probabilities`.
  package func softmax(_ logits: UnsafeBufferPointer<Float>, to probabilities: inout [Float]) {
    guard let source = logits.baseAddress else { return }
    probabilities.withUnsafeMutableBufferPointer { out in
      guard let out = out.baseAddress else { return }
      device.kernels.softmax(1, Int64(outputs), source, Int64(outputs), out, Int64(outputs))
    }
  }
}

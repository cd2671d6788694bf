import CKernels

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
      device.kernels.multiply(
        Int64(outputs), Int64(inputs), UnrollMatrix(base: x, row: 0, column: 1), packed.floats, 0, bias.floats, out,
        Int64(outputs), 0, 1)
      return body(UnsafeBufferPointer(start: out, count: outputs))
    }
  }

  /// Softmax of a row of logits, divided by `temperature` before, written to `probabilities`.
  package func softmax(
    _ logits: UnsafeBufferPointer<Float>, temperature: Float, to probabilities: inout [Float]
  ) {
    probabilities.withUnsafeMutableBufferPointer { probabilities in
      guard let out = probabilities.baseAddress else { return }
      for index in 0..<outputs { out[index] = logits[index] / temperature }
      device.kernels.softmax(1, Int64(outputs), out, Int64(outputs), out, Int64(outputs))
    }
  }
}

extension Tensor {
  /// Sequences that begin later: row `r` of the result has `delays[r]` blank steps, and then the row's own steps as far as
  /// there is room for them. Not differentiated: sequences are data.
  ///
  /// - Parameters:
  ///   - delays: For each row of a tensor [batch, steps, features], how many blank steps come first, from 0 to steps.
  ///   - blank: The features of a blank step.
  /// - Returns: [batch, steps, features], time-major in memory, as the sequence ops read it.
  public func delayed(by delays: [Int], blank: Float) -> Tensor {
    precondition(
      rank == 3 && delays.count == shape[0] && delays.allSatisfy { (0...shape[1]).contains($0) },
      "sequences of shape \(shape) delayed by \(delays.min() ?? 0)…\(delays.max() ?? 0) steps in \(delays.count) rows")
    let (batch, steps, features) = (shape[0], shape[1], shape[2])
    let result = Tensor(
      storage: Storage(.float32, count: count, on: device), shape: shape, strides: [features, batch * features, 1])
    // Dense along features, whatever the order of rows and steps.
    let sequences = strides[2] == 1 || features == 1 ? self : dense()
    let (rowStride, stepStride) = (sequences.strides[0], sequences.strides[1])
    withWorkspace(on: device) { workspace in
      let source = workspace.floats(of: sequences), out = workspace.floats(of: result)
      device.forRanges(of: steps, grain: max(1, elementwiseGrain / max(1, batch * features))) { range in
        for step in range {
          for (row, delay) in delays.enumerated() {
            let to = out + (step * batch + row) * features
            if step < delay {
              to.update(repeating: blank, count: features)
            } else {
              to.update(from: source + row * rowStride + (step - delay) * stepStride, count: features)
            }
          }
        }
      }
    }
    return result
  }
}

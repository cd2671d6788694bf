/// How an item of bytes is read as a sequence: byte `step·stepStride + feature·featureStride` is feature `feature` of
/// step `step`.
public struct SequenceLayout: Sendable, Hashable, Codable {
  /// Steps of the sequence, and features of each step.
  public let steps, features: Int
  /// Bytes from one step to the next, and from one feature to the next.
  public let stepStride, featureStride: Int

  /// - Precondition: Sizes are at least 1, strides at least 0.
  public init(steps: Int, features: Int, stepStride: Int, featureStride: Int) {
    precondition(
      steps >= 1 && features >= 1 && stepStride >= 0 && featureStride >= 0,
      "a sequence of \(steps) steps of \(features) features with strides \(stepStride) and \(featureStride)")
    self.steps = steps
    self.features = features
    self.stepStride = stepStride
    self.featureStride = featureStride
  }

  /// How many bytes an item must have.
  public var extent: Int { (steps - 1) * stepStride + (features - 1) * featureStride + 1 }
}

/// Gathers items of bytes into a batch of sequences: `scale · byte + shift`.
///
/// - Parameters:
///   - bytes: [items, bytes per item] of `uint8`.
///   - rows: Which items, in the order of the batch.
///   - layout: How an item is read; within its bytes.
///   - scale: What a byte is multiplied by.
///   - shift: What is added then; 0 by default.
/// - Returns: [rows, steps, features], time-major in memory, as the sequence ops read it.
public func gatherSequences(
  from bytes: Tensor, rows: [Int32], layout: SequenceLayout, scale: Float, shift: Float = 0
) -> Tensor {
  precondition(
    bytes.rank == 2 && bytes.elementType == .uint8 && bytes.isDense && layout.extent <= bytes.shape[1],
    "a sequence of \(layout.extent) bytes gathered from \(bytes.elementType) of shape \(bytes.shape)")
  let device = bytes.device, batch = rows.count
  let result = timeMajorBatch(of: bytes, rows, layout)
  withWorkspace(on: device) { workspace in
    let source: UnsafeMutablePointer<UInt8> = workspace.pointer(to: bytes)
    let out = workspace.floats(of: result)
    let indices: UnsafeMutablePointer<Int32> = workspace.pointer(to: Tensor(rows, on: device))
    device.forRanges(of: layout.steps, grain: max(1, elementwiseGrain / max(1, batch * layout.features))) { steps in
      for step in steps {
        device.kernels.gather_bytes(
          Int64(batch), Int64(layout.features), source, Int64(bytes.shape[1]), Int64(step * layout.stepStride),
          Int64(layout.featureStride), indices, scale, shift, out + step * batch * layout.features,
          Int64(layout.features))
      }
    }
  }
  return result
}

/// Room for a batch of sequences that is gathered from `rows` of `bytes`: [rows, steps, features], time-major in memory.
func timeMajorBatch(of bytes: Tensor, _ rows: [Int32], _ layout: SequenceLayout) -> Tensor {
  precondition(
    rows.allSatisfy { $0 >= 0 && $0 < bytes.shape[0] }, "a gathered row is not among \(bytes.shape[0]) items")
  return Tensor(
    storage: Storage(.float32, count: layout.steps * rows.count * layout.features, on: bytes.device),
    shape: [rows.count, layout.steps, layout.features], strides: [layout.features, rows.count * layout.features, 1])
}

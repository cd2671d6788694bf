import CKernels

/// How an item of bytes is read as a sequence: which byte is feature `feature` of step `step`.
public struct SequenceLayout: Sendable, Hashable {
  /// Steps of the sequence, and features of each step.
  public let steps, features: Int
  private let places: Places
  /// How many bytes an item must have.
  public let extent: Int

  private enum Places: Hashable {
    /// Byte `step·stepStride + feature·featureStride`.
    case strided(step: Int, feature: Int)
    /// The byte of each feature of each step, step by step; -1 for one that is always 0.
    case listed([Int32])
  }

  /// A regular layout: byte `step·stepStride + feature·featureStride` is feature `feature` of step `step`.
  ///
  /// - Precondition: Sizes are at least 1, strides at least 0.
  public init(steps: Int, features: Int, stepStride: Int, featureStride: Int) {
    precondition(
      steps >= 1 && features >= 1 && stepStride >= 0 && featureStride >= 0,
      "a sequence of \(steps) steps of \(features) features with strides \(stepStride) and \(featureStride)")
    self.steps = steps
    self.features = features
    places = .strided(step: stepStride, feature: featureStride)
    extent = (steps - 1) * stepStride + (features - 1) * featureStride + 1
  }

  /// Any layout.
  ///
  /// - Parameters:
  ///   - features: Features of each step.
  ///   - positions: The byte of each feature of each step, step by step; `nil` for one that is always 0, as blank paper.
  /// - Precondition: There is at least one step, and all of them are whole.
  public init(features: Int, positions: [Int?]) {
    precondition(
      features >= 1 && !positions.isEmpty && positions.count % features == 0,
      "\(positions.count) positions for steps of \(features) features")
    steps = positions.count / features
    self.features = features
    places = .listed(positions.map { $0.map { Int32($0) } ?? -1 })
    extent = (positions.compactMap(\.self).max() ?? 0) + 1
  }

  /// The byte that is feature `feature` of step `step`; `nil` if that is always 0.
  public func position(step: Int, feature: Int) -> Int? {
    switch places {
    case .strided(let stepStride, let featureStride): return step * stepStride + feature * featureStride
    case .listed(let positions):
      let position = positions[step * features + feature]
      return position < 0 ? nil : Int(position)
    }
  }

  /// The first steps of the same.
  ///
  /// - Precondition: `steps` is from 1 to the number of steps.
  public func prefix(steps: Int) -> SequenceLayout {
    precondition((1...self.steps).contains(steps), "the first \(steps) of \(self.steps) steps")
    switch places {
    case .strided(let stepStride, let featureStride):
      return SequenceLayout(steps: steps, features: features, stepStride: stepStride, featureStride: featureStride)
    case .listed:
      let positions = (0..<steps * features).map { position(step: $0 / features, feature: $0 % features) }
      return SequenceLayout(features: features, positions: positions)
    }
  }
}

extension SequenceLayout {
  /// The same steps, of which only the first show something; all bytes of the others are taken for 0.
  ///
  /// - Precondition: `steps` is from 1 to the number of steps.
  public func blanked(after steps: Int) -> SequenceLayout {
    precondition((1...self.steps).contains(steps), "the first \(steps) of \(self.steps) steps")
    let positions = (0..<self.steps * features).map { index in
      index < steps * features ? position(step: index / features, feature: index % features) : nil
    }
    return SequenceLayout(features: features, positions: positions)
  }

  /// Gathers one step of many items: [batch, features] at `out`, rows close together.
  func gather(
    step: Int, of bytes: UnsafePointer<UInt8>, itemSize: Int, rows: UnsafePointer<Int32>, batch: Int, scale: Float,
    shift: Float, to out: UnsafeMutablePointer<Float>, with kernels: UnrollKernels
  ) {
    let (batch, count, itemSize) = (Int64(batch), Int64(features), Int64(itemSize))
    switch places {
    case .strided(let stepStride, let featureStride):
      kernels.gather_bytes(
        batch, count, bytes, itemSize, Int64(step * stepStride), Int64(featureStride), rows, scale, shift, out, count)
    case .listed(let positions):
      positions.withUnsafeBufferPointer { positions in
        guard let first = positions.baseAddress else { return }
        kernels.gather_listed_bytes(
          batch, count, bytes, itemSize, first + step * features, rows, scale, shift, out, count)
      }
    }
  }

  /// Copies one step of an item whose bytes have become numbers: [features] at `out`; `blank` where there is no byte.
  func copy(step: Int, of item: UnsafePointer<Float>, blank: Float, to out: UnsafeMutablePointer<Float>) {
    switch places {
    case .strided(let stepStride, let featureStride):
      let first = item + step * stepStride
      for feature in 0..<features { out[feature] = first[feature * featureStride] }
    case .listed(let positions):
      for feature in 0..<features {
        let position = Int(positions[step * features + feature])
        out[feature] = position < 0 ? blank : item[position]
      }
    }
  }
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
        layout.gather(
          step: step, of: source, itemSize: bytes.shape[1], rows: indices, batch: batch, scale: scale, shift: shift,
          to: out + step * batch * layout.features, with: device.kernels)
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

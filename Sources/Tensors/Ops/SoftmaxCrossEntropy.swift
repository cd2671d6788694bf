import _Differentiation

/// How the losses of a batch become one result.
public enum Reduction: String, Sendable {
  /// Their mean, a scalar.
  case mean
  /// Their sum, a scalar.
  case sum
  /// No reduction: one loss per row.
  case none
}

/// The softmax of each row of `logits` [rows, classes]: eˡ over the row's sum of eˡ.
@differentiable(reverse)
public func softmax(_ logits: Tensor) -> Tensor {
  precondition(logits.rank == 2, "softmax of a tensor of shape \(logits.shape), not [rows, classes]")
  let logits = logits.dense()
  let (rows, classes) = (logits.shape[0], logits.shape[1])
  let result = Tensor(uninitialized: logits.shape, on: logits.device)
  withWorkspace(on: logits.device) { workspace in
    let source = workspace.floats(of: logits), out = workspace.floats(of: result)
    logits.device.forRanges(of: rows, grain: 256) { range in
      let from = range.lowerBound * classes
      logits.device.kernels.softmax(
        Int64(range.count), Int64(classes), source + from, Int64(classes), out + from, Int64(classes))
    }
  }
  return result
}

// With p = softmax(l): dl = p · (dp − Σ dp·p), the sum over each row.
@derivative(of: softmax)
@usableFromInline
func _vjpSoftmax(_ logits: Tensor) -> (value: Tensor, pullback: (Tensor) -> Tensor) {
  let p = softmax(logits)
  return (
    p,
    { d in
      guard !d.isSymbolicZero else { return d }
      let total = (d * p).sum(alongAxis: 1).reshaped(to: [p.shape[0], 1])
      return p * (d - total)
    }
  )
}

/// The cross-entropy −log softmax(`logits`)[label] of each row, reduced.
///
/// - Parameters:
///   - logits: [rows, classes].
///   - labels: [rows] of `int32`, each from 0 to classes − 1.
///   - reduction: `.mean` by default.
///   - labelSmoothing: The share of the target that is spread evenly over all classes (Szegedy et al. 2016), from 0, the
///     default, to 1.
/// - Returns: A scalar, or one loss per row.
@differentiable(reverse,wrt: logits)
public func softmaxCrossEntropy(
  logits: Tensor, labels: Tensor, reduction: Reduction = .mean, labelSmoothing: Float = 0
) -> Tensor {
  reduced(CrossEntropies(logits, labels, smoothing: labelSmoothing).losses, reduction)
}

@derivative(of: softmaxCrossEntropy(logits:labels:reduction:labelSmoothing:), wrt: logits)
@usableFromInline
func _vjpSoftmaxCrossEntropy(logits: Tensor, labels: Tensor, reduction: Reduction, labelSmoothing: Float)
  -> (value: Tensor, pullback: (Tensor) -> Tensor)
{
  let rows = CrossEntropies(logits, labels, smoothing: labelSmoothing)
  return (
    reduced(rows.losses, reduction),
    { d in
      guard !d.isSymbolicZero else { return d }
      return rows.gradient(d, scale: reduction == .mean ? 1 / Float(rows.count) : 1)
    }
  )
}

/// The cross-entropy after every step: Σₜ wₜ · the mean over the batch of −log softmax(`logits`ₜ)[label].
///
/// - Parameters:
///   - logits: [batch, steps, classes].
///   - labels: [batch] of `int32`, each from 0 to classes − 1: what each sequence is, whichever step is asked.
///   - stepWeights: wₜ for each step.
///   - labelSmoothing: As for single answers; 0 by default.
/// - Returns: A scalar.
@differentiable(reverse,wrt: logits)
public func softmaxCrossEntropy(
  logits: Tensor, labels: Tensor, stepWeights: [Float], labelSmoothing: Float = 0
) -> Tensor {
  StepwiseCrossEntropy(logits, labels, stepWeights, smoothing: labelSmoothing).loss
}

@derivative(of: softmaxCrossEntropy(logits:labels:stepWeights:labelSmoothing:), wrt: logits)
@usableFromInline
func _vjpSoftmaxCrossEntropy(logits: Tensor, labels: Tensor, stepWeights: [Float], labelSmoothing: Float)
  -> (value: Tensor, pullback: (Tensor) -> Tensor)
{
  let steps = StepwiseCrossEntropy(logits, labels, stepWeights, smoothing: labelSmoothing)
  return (steps.loss, { d in d.isSymbolicZero ? d : steps.gradient(d) })
}

// MARK: - Rows

private func reduced(_ losses: Tensor, _ reduction: Reduction) -> Tensor {
  switch reduction {
  case .mean: losses.mean()
  case .sum: losses.sum()
  case .none: losses
  }
}

/// The losses of all rows, and what their gradient needs.
private struct CrossEntropies {
  /// [rows]
  let losses: Tensor
  private let probabilities, labels: Tensor
  private let smoothing: Float

  var count: Int { labels.count }

  init(_ logits: Tensor, _ labels: Tensor, smoothing: Float) {
    precondition(
      logits.rank == 2 && labels.shape == [logits.shape[0]] && labels.elementType == .int32 && labels.isDense,
      "cross-entropy of logits \(logits.shape) and labels \(labels.shape) of \(labels.elementType)")
    precondition((0...1).contains(smoothing), "labels smoothed by \(smoothing), which is not from 0 to 1")
    let logits = logits.dense(), device = logits.device
    let (rows, classes) = (logits.shape[0], logits.shape[1])
    let losses = Tensor(uninitialized: [rows], on: device)
    let probabilities = Tensor(uninitialized: logits.shape, on: device)
    withWorkspace(on: device) { workspace in
      let labels: UnsafeMutablePointer<Int32> = workspace.pointer(to: labels)
      for row in 0..<rows {
        precondition(
          labels[row] >= 0 && labels[row] < classes, "label \(labels[row]) in row \(row), of \(classes) classes")
      }
      let source = workspace.floats(of: logits), losses = workspace.floats(of: losses)
      let out = workspace.floats(of: probabilities)
      device.forRanges(of: rows, grain: rowsGrain) { range in
        let first = range.lowerBound
        device.kernels.softmax_cross_entropy(
          Int64(range.count), Int64(classes), source + first * classes, Int64(classes), labels + first, smoothing,
          losses + first, out + first * classes)
      }
    }
    self.losses = losses
    self.probabilities = probabilities
    self.labels = labels
    self.smoothing = smoothing
  }

  /// With p = softmax(l): dl = (p − target) · `scale` · d, for a d of each row, or of all together.
  func gradient(_ d: Tensor, scale: Float) -> Tensor {
    let result = Tensor(uninitialized: probabilities.shape, on: probabilities.device)
    let device = result.device, classes = probabilities.shape[1], d = d.dense()
    let dStride = d.count == 1 ? 0 : 1
    withWorkspace(on: device) { workspace in
      let p = workspace.floats(of: probabilities), d = workspace.floats(of: d), out = workspace.floats(of: result)
      let labels: UnsafeMutablePointer<Int32> = workspace.pointer(to: labels)
      device.forRanges(of: count, grain: rowsGrain) { range in
        let first = range.lowerBound
        device.kernels.softmax_cross_entropy_gradient(
          Int64(range.count), Int64(classes), p + first * classes, labels + first, smoothing, d + first * dStride,
          Int64(dStride), scale, out + first * classes)
      }
    }
    return result
  }
}

/// Rows of a few classes that are worth waking a thread for.
private let rowsGrain = 256

// MARK: - Steps

/// The losses after all steps of all sequences, as rows in the order in which the logits lie in memory.
private struct StepwiseCrossEntropy {
  private let flattened: FlattenedRows
  private let rows: CrossEntropies
  /// What each row's loss counts for, [rows].
  private let rowWeights: Tensor

  init(_ logits: Tensor, _ labels: Tensor, _ stepWeights: [Float], smoothing: Float) {
    precondition(
      logits.rank == 3 && labels.shape == [logits.shape[0]] && labels.elementType == .int32
        && stepWeights.count == logits.shape[1],
      "cross-entropy of logits \(logits.shape), labels \(labels.shape) and \(stepWeights.count) weights of steps")
    let (batch, steps) = (logits.shape[0], logits.shape[1]), device = logits.device
    flattened = logits.flattenedRows()
    let ofSequences: [Int32] = labels.elements()
    let isTimeMajor = flattened.isTimeMajor
    rows = CrossEntropies(
      flattened.tensor,
      Tensor((0..<batch * steps).map { ofSequences[isTimeMajor ? $0 % batch : $0 / steps] }, on: device),
      smoothing: smoothing)
    rowWeights = Tensor(
      (0..<batch * steps).map { stepWeights[isTimeMajor ? $0 / batch : $0 % steps] / Float(batch) }, on: device)
  }

  /// Thousands of terms, so summed in double.
  var loss: Tensor {
    let sum = zip(rows.losses.floats, rowWeights.floats).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    return Tensor(Float(sum), on: rowWeights.device)
  }

  func gradient(_ d: Tensor) -> Tensor {
    flattened.unflatten(rows.gradient(rowWeights, scale: d.scalar))
  }
}

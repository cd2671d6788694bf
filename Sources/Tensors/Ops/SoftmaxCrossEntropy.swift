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
/// - Returns: A scalar, or one loss per row.
@differentiable(reverse,wrt: logits)
public func softmaxCrossEntropy(logits: Tensor, labels: Tensor, reduction: Reduction = .mean) -> Tensor {
  crossEntropyAndProbabilities(logits, labels, reduction).loss
}

// d(−log p_label)/dl = p − onehot(label).
@derivative(of: softmaxCrossEntropy, wrt: logits)
@usableFromInline
func _vjpSoftmaxCrossEntropy(logits: Tensor, labels: Tensor, reduction: Reduction)
  -> (value: Tensor, pullback: (Tensor) -> Tensor)
{
  let (loss, probabilities) = crossEntropyAndProbabilities(logits, labels, reduction)
  return (
    loss,
    { d in
      guard !d.isSymbolicZero else { return d }
      let (rows, classes) = (probabilities.shape[0], probabilities.shape[1])
      let result = Tensor(uninitialized: probabilities.shape, on: probabilities.device)
      let scale: Float = reduction == .mean ? 1 / Float(rows) : 1
      let d = d.dense()
      withWorkspace(on: result.device) { workspace in
        result.device.kernels.softmax_cross_entropy_gradient(
          Int64(rows), Int64(classes), workspace.floats(of: probabilities), workspace.pointer(to: labels),
          workspace.floats(of: d), reduction == .none ? 1 : 0, scale, workspace.floats(of: result))
      }
      return result
    }
  )
}

private func crossEntropyAndProbabilities(
  _ logits: Tensor, _ labels: Tensor, _ reduction: Reduction
) -> (loss: Tensor, probabilities: Tensor) {
  precondition(
    logits.rank == 2 && labels.shape == [logits.shape[0]] && labels.elementType == .int32 && labels.isDense,
    "cross-entropy of logits \(logits.shape) and labels \(labels.shape) of \(labels.elementType)")
  let logits = logits.dense()
  let (rows, classes) = (logits.shape[0], logits.shape[1])
  let losses = Tensor(uninitialized: [rows], on: logits.device)
  let probabilities = Tensor(uninitialized: logits.shape, on: logits.device)
  withWorkspace(on: logits.device) { workspace in
    let labels: UnsafeMutablePointer<Int32> = workspace.pointer(to: labels)
    for row in 0..<rows {
      precondition(
        labels[row] >= 0 && labels[row] < classes, "label \(labels[row]) in row \(row), of \(classes) classes")
    }
    logits.device.kernels.softmax_cross_entropy(
      Int64(rows), Int64(classes), workspace.floats(of: logits), Int64(classes), labels, workspace.floats(of: losses),
      workspace.floats(of: probabilities))
  }
  switch reduction {
  case .mean: return (losses.mean(), probabilities)
  case .sum: return (losses.sum(), probabilities)
  case .none: return (losses, probabilities)
  }
}

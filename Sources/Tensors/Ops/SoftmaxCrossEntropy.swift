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
  CrossEntropies(logits, labels, reduction, smoothing: labelSmoothing, withGradient: false).reduced(reduction)
}

@derivative(of: softmaxCrossEntropy(logits:labels:reduction:labelSmoothing:), wrt: logits)
@usableFromInline
func _vjpSoftmaxCrossEntropy(logits: Tensor, labels: Tensor, reduction: Reduction, labelSmoothing: Float)
  -> (value: Tensor, pullback: (Tensor) -> Tensor)
{
  let rows = CrossEntropies(logits, labels, reduction, smoothing: labelSmoothing, withGradient: true)
  return (rows.reduced(reduction), rows.gradient)
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
  CrossEntropies(logits, labels, stepWeights, smoothing: labelSmoothing, withGradient: false).reduced(.sum)
}

@derivative(of: softmaxCrossEntropy(logits:labels:stepWeights:labelSmoothing:), wrt: logits)
@usableFromInline
func _vjpSoftmaxCrossEntropy(logits: Tensor, labels: Tensor, stepWeights: [Float], labelSmoothing: Float)
  -> (value: Tensor, pullback: (Tensor) -> Tensor)
{
  let rows = CrossEntropies(logits, labels, stepWeights, smoothing: labelSmoothing, withGradient: true)
  return (rows.reduced(.sum), rows.gradient)
}

/// The cross-entropy of answers that count differently: Σ w · −log softmax(`logits`)[label].
///
/// - Parameters:
///   - logits: [batch, classes], or [batch, steps, classes] for an answer after every step.
///   - labels: [batch] of `int32`, each from 0 to classes − 1: what each sequence is, whichever step is asked.
///   - weights: w for each answer, [batch] or [batch, steps] in row-major order: 0 for steps beyond a sequence's end.
///   - labelSmoothing: As for answers that count alike; 0 by default.
/// - Returns: A scalar.
@differentiable(reverse,wrt: logits)
public func softmaxCrossEntropy(
  logits: Tensor, labels: Tensor, weights: [Float], labelSmoothing: Float = 0
) -> Tensor {
  CrossEntropies(logits, labels, weights: weights, smoothing: labelSmoothing, withGradient: false).reduced(.sum)
}

@derivative(of: softmaxCrossEntropy(logits:labels:weights:labelSmoothing:), wrt: logits)
@usableFromInline
func _vjpSoftmaxCrossEntropy(logits: Tensor, labels: Tensor, weights: [Float], labelSmoothing: Float)
  -> (value: Tensor, pullback: (Tensor) -> Tensor)
{
  let rows = CrossEntropies(logits, labels, weights: weights, smoothing: labelSmoothing, withGradient: true)
  return (rows.reduced(.sum), rows.gradient)
}

/// The cross-entropy against probabilities instead of labels: Σ w · −Σ_c target_c · log softmax(`logits`)_c. The targets are
/// data, and nobody pays for a gradient with respect to them.
///
/// - Parameters:
///   - logits: [batch, classes], or [batch, steps, classes] for an answer after every step.
///   - targets: In the shape of the logits; each row is a distribution over the classes, which sums to 1.
///   - weights: w for each answer, [batch] or [batch, steps] in row-major order.
/// - Returns: A scalar.
@differentiable(reverse,wrt: logits)
public func softmaxCrossEntropy(logits: Tensor, targets: Tensor, weights: [Float]) -> Tensor {
  CrossEntropies(logits, targets: targets, weights: weights, withGradient: false).reduced(.sum)
}

@derivative(of: softmaxCrossEntropy(logits:targets:weights:), wrt: logits)
@usableFromInline
func _vjpSoftmaxCrossEntropy(logits: Tensor, targets: Tensor, weights: [Float])
  -> (value: Tensor, pullback: (Tensor) -> Tensor)
{
  let rows = CrossEntropies(logits, targets: targets, weights: weights, withGradient: true)
  return (rows.reduced(.sum), rows.gradient)
}

// MARK: - Rows

/// What each answer counts for: the one after step t of sequence b has the weight `values[b · sequenceStride + t ·
/// stepStride]`.
private struct AnswerWeights {
  let values: [Float]
  let steps: Int
  let sequenceStride, stepStride: Int
}

extension AnswerWeights {
  /// One for each answer of a tensor [batch, classes] or [batch, steps, classes].
  init(_ values: [Float], ofAnswers shape: [Int]) {
    let steps = shape.count == 3 ? shape[1] : 1
    self.init(values: values, steps: steps, sequenceStride: steps, stepStride: 1)
  }
}

/// What answers should have been.
private enum Targets {
  /// The class of each sequence, [batch] of `int32`, of which a share is spread evenly over all classes.
  case labels(Tensor, smoothing: Float)
  /// The probability of each class, [rows, classes], in the order of the logits' rows.
  case probabilities(Tensor)

  /// The same where a kernel reads it.
  enum Pointer: @unchecked Sendable {
    case labels(UnsafePointer<Int32>, smoothing: Float)
    case probabilities(UnsafePointer<Float>)
  }

  /// - Precondition: Labels are from 0 to `classes` − 1, and smoothed by 0 to 1.
  func pointer(classes: Int, in workspace: Workspace) -> Pointer {
    switch self {
    case .probabilities(let tensor): return .probabilities(workspace.floats(of: tensor))
    case .labels(let tensor, let smoothing):
      precondition((0...1).contains(smoothing), "labels smoothed by \(smoothing), which is not from 0 to 1")
      let labels: UnsafeMutablePointer<Int32> = workspace.pointer(to: tensor)
      for row in 0..<tensor.count {
        precondition(
          labels[row] >= 0 && labels[row] < classes, "label \(labels[row]) in row \(row), of \(classes) classes")
      }
      return .labels(labels, smoothing: smoothing)
    }
  }
}

/// The losses of all rows times what they count for, and, where it is wanted, the gradient of their sum: (p − target) ·
/// weight with p = softmax(l), which takes little more than the losses while the exponentials are at hand.
private struct CrossEntropies {
  /// [rows], in the order in which the logits lie in memory.
  private let losses: Tensor
  /// [rows, classes]; uninitialized if it was not wanted.
  private let sumGradient: Tensor
  private let flattened: FlattenedRows

  /// One answer for each sequence.
  init(_ logits: Tensor, _ labels: Tensor, _ reduction: Reduction, smoothing: Float, withGradient: Bool) {
    precondition(
      logits.rank == 2 && labels.shape == [logits.shape[0]] && labels.elementType == .int32 && labels.isDense,
      "cross-entropy of logits \(logits.shape) and labels \(labels.shape) of \(labels.elementType)")
    let weight = reduction == .mean ? 1 / Float(logits.shape[0]) : 1
    self.init(
      rows: logits.flattenedAnswers(), .labels(labels, smoothing: smoothing),
      AnswerWeights(values: [weight], steps: 1, sequenceStride: 0, stepStride: 0), withGradient: withGradient)
  }

  /// An answer after each step of each sequence.
  init(_ logits: Tensor, _ labels: Tensor, _ stepWeights: [Float], smoothing: Float, withGradient: Bool) {
    precondition(
      logits.rank == 3 && labels.shape == [logits.shape[0]] && labels.elementType == .int32 && labels.isDense
        && stepWeights.count == logits.shape[1],
      "cross-entropy of logits \(logits.shape), labels \(labels.shape) and \(stepWeights.count) weights of steps")
    self.init(
      rows: logits.flattenedAnswers(), .labels(labels, smoothing: smoothing),
      AnswerWeights(
        values: stepWeights.map { $0 / Float(logits.shape[0]) }, steps: stepWeights.count, sequenceStride: 0,
        stepStride: 1), withGradient: withGradient)
  }

  /// An answer for each sequence or after each of its steps, with a weight of its own.
  init(_ logits: Tensor, _ labels: Tensor, weights: [Float], smoothing: Float, withGradient: Bool) {
    precondition(
      (logits.rank == 2 || logits.rank == 3) && labels.shape == [logits.shape[0]] && labels.elementType == .int32
        && labels.isDense && weights.count == logits.shape.dropLast().reduce(1, *),
      "cross-entropy of logits \(logits.shape), labels \(labels.shape) and \(weights.count) weights of answers")
    self.init(
      rows: logits.flattenedAnswers(), .labels(labels, smoothing: smoothing),
      AnswerWeights(weights, ofAnswers: logits.shape), withGradient: withGradient)
  }

  /// The same with probabilities for a target.
  init(_ logits: Tensor, targets: Tensor, weights: [Float], withGradient: Bool) {
    precondition(
      (logits.rank == 2 || logits.rank == 3) && targets.shape == logits.shape && targets.elementType == .float32
        && weights.count == logits.shape.dropLast().reduce(1, *),
      """
      cross-entropy of logits \(logits.shape), targets \(targets.shape) of \(targets.elementType) and \
      \(weights.count) weights of answers
      """)
    let rows = logits.flattenedAnswers()
    let ordered = targets.rank == 3 && rows.isTimeMajor ? targets.timeMajor() : targets.dense()
    self.init(
      rows: rows, .probabilities(ordered.flattenedRows().tensor.dense()),
      AnswerWeights(weights, ofAnswers: logits.shape), withGradient: withGradient)
  }

  private init(rows flattened: FlattenedRows, _ targets: Targets, _ weights: AnswerWeights, withGradient: Bool) {
    let logits = flattened.tensor.dense(), device = logits.device
    let (rows, steps, classes) = (logits.shape[0], weights.steps, logits.shape[1]), batch = rows / max(1, steps)
    let losses = Tensor(uninitialized: [rows], on: device)
    let gradient = Tensor(uninitialized: withGradient ? logits.shape : [0], on: device)
    withWorkspace(on: device) { workspace in
      let source = workspace.floats(of: logits), losses = workspace.floats(of: losses)
      let out = withGradient ? workspace.floats(of: gradient) : nil
      let targets = targets.pointer(classes: classes, in: workspace)
      let (sequenceStride, stepStride) = (weights.sequenceStride, weights.stepStride)
      weights.values.withUnsafeBufferPointer { values in
        guard let weights = values.baseAddress else { return }
        /// `count` rows from `row` on; sequences and weights begin with that row's.
        func compute(
          _ count: Int, from row: Int, sequence: Int, step sequenceStep: Int64, _ weights: UnsafePointer<Float>,
          step weightStep: Int64
        ) {
          let rows = Int64(count), columns = Int64(classes), logits = source + row * classes
          let losses = losses + row, out = out.map { $0 + row * classes }
          switch targets {
          case .labels(let labels, let smoothing):
            device.kernels.softmax_cross_entropy(
              rows, columns, logits, labels + sequence, sequenceStep, weights, weightStep, smoothing, losses, out)
          case .probabilities(let probabilities):
            device.kernels.soft_cross_entropy(
              rows, columns, logits, probabilities + row * classes, weights, weightStep, losses, out)
          }
        }
        // Some 1000 rows of a few classes take as long as waking a thread.
        device.forRanges(of: batch, grain: max(1, 1000 / max(1, steps))) { range in
          if flattened.isTimeMajor {
            for step in 0..<steps {
              compute(
                range.count, from: step * batch + range.lowerBound, sequence: range.lowerBound, step: 1,
                weights + range.lowerBound * sequenceStride + step * stepStride, step: Int64(sequenceStride))
            }
          } else {
            for sequence in range {
              compute(
                steps, from: sequence * steps, sequence: sequence, step: 0, weights + sequence * sequenceStride,
                step: Int64(stepStride))
            }
          }
        }
      }
    }
    self.losses = losses
    sumGradient = gradient
    self.flattened = flattened
  }

  /// The losses, of which those for a mean are weighted so that their sum is the mean; that has thousands of terms where
  /// there are steps, and is taken in double.
  func reduced(_ reduction: Reduction) -> Tensor {
    if reduction == .none { return losses }
    return withWorkspace(on: losses.device) { workspace in
      let rows = UnsafeBufferPointer(start: workspace.floats(of: losses), count: losses.count)
      return Tensor(Float(rows.reduce(0.0) { $0 + Double($1) }), on: losses.device)
    }
  }

  /// The gradient with respect to the logits, for a `d` of each row, or of all together.
  func gradient(_ d: Tensor) -> Tensor {
    if d.isSymbolicZero { return d }
    if d.rank == 1 { return sumGradient * d.reshaped(to: [d.count, 1]) }
    return flattened.unflatten(d.scalar == 1 ? sumGradient : sumGradient.scaled(by: d.scalar))
  }
}

extension Tensor {
  /// The rows of [batch, classes] or [batch, steps, classes] as answers: those of a matrix are all after one step.
  fileprivate func flattenedAnswers() -> FlattenedRows {
    rank == 3 ? flattenedRows() : FlattenedRows(tensor: self, shape: shape, isTimeMajor: true)
  }
}

import Tensors
import _Differentiation

extension SequenceClassifier {
  /// Reads one sequence and keeps all that is computed on the way: gates and states of every layer after every step, the
  /// beliefs, and how much each step moved the answer.
  ///
  /// The layers are stepped by their cells in single precision, whatever theirs is; the gradient is that of the fused op.
  ///
  /// - Parameters:
  ///   - sequence: [steps, inputs], at least one step.
  ///   - temperatures: What the logits after each step are divided by, positive, one for each step; `nil`: the network's own
  ///     probabilities. See `Reader`.
  /// - Returns: What was computed, without a batch dimension.
  /// - Precondition: The network reads in one direction.
  public func trace(_ sequence: Tensor, temperatures: [Float]? = nil) -> Trace {
    precondition(!isBidirectional, "a trace of a bidirectional network, which has no state after a step")
    precondition(
      sequence.rank == 2 && sequence.shape[1] == inputSize && sequence.shape[0] > 0,
      "a trace of a sequence of shape \(sequence.shape), not [steps, \(inputSize)]")
    let steps = sequence.shape[0]
    if let temperatures {
      precondition(
        temperatures.count == steps && temperatures.allSatisfy { $0 > 0 && $0.isFinite },
        "temperatures \(temperatures) for \(steps) steps")
    }
    var layers: [Trace.Layer] = []
    var read = input(sequence)
    for layer in self.layers {
      layers.append(layer.trace(read))
      read = layers[layers.count - 1].hiddenState.values
    }
    var logits = head(read)
    if let temperatures { logits = logits * Tensor(temperatures.map { 1 / $0 }, shape: [steps, 1], on: device) }
    let final = logits.selected(steps - 1, alongAxis: 0).floats
    let answer = final.indices.max { final[$0] < final[$1] } ?? 0
    let cotangent = oddsGradient(of: answer, logits: final).scaled(by: 1 / (temperatures?.last ?? 1))
    let batch = sequence.reshaped(to: [1, steps, inputSize])
    let gradient = pullback(at: batch) { self($0) }(cotangent)
    return Trace(
      input: sequence, layers: layers, logits: logits, probabilities: softmax(logits), answer: answer,
      gradient: gradient.reshaped(to: sequence.shape))
  }

  /// The gradient of a class's log-odds with respect to the `logits` [classes], as [1, classes].
  ///
  /// The log-odds log p/(1 − p) of class k are l_k − log Σ_{j≠k} e^{l_j}. Their derivative is 1 with respect to l_k, and
  /// with respect to the other logits minus the probabilities that those classes have among themselves. So nothing is
  /// divided by a 1 − p that may have been rounded to 0.
  private func oddsGradient(of answer: Int, logits: [Float]) -> Tensor {
    let others = logits.indices.filter { $0 != answer }
    var gradient = [Float](repeating: 1, count: logits.count)
    if !others.isEmpty {
      let shares = softmax(Tensor(others.map { logits[$0] }, shape: [1, others.count], on: device)).floats
      for (index, share) in zip(others, shares) { gradient[index] = -share }
    }
    return Tensor(gradient, shape: [1, classes], on: device)
  }
}

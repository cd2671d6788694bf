import Tensors

/// A trained classifier that reads one sequence as a stream: give it a step, get the class probabilities so far.
///
///     let reader = Reader(model)
///     for row in rows {
///       let probabilities = reader.read(row)  // [classes], after this row
///     }
///     reader.reset()                           // before the next sequence
///
/// With a rule for stopping early it also says when enough has been read:
///
///     let reader = Reader(model.classifier, temperatures: model.temperatures, stopping: .confidence(0.97))
///     for row in rows where !reader.isSure { reader.read(row) }
///
/// Memory is constant, and a step takes none from the system. The probabilities are those of the whole sequence read at
/// once: to the same bits if the input layer is folded in both or in neither.
public final class Reader {
  private let input: StreamingLinear?
  private let layers: [StreamingLayer]
  private let head: StreamingLinear
  /// For each step, what logits are divided by.
  private let temperatures: [Float]?
  private let stopping: StoppingRule?
  private var state: StoppingState

  /// Whether the input layer is folded into the first recurrent layer.
  public let foldsInput: Bool
  /// The probability of each class after the steps read so far; all equal before the first.
  public private(set) var probabilities: [Float]
  /// Steps read since the beginning or the last `reset()`.
  public private(set) var stepsRead = 0

  /// A reader at the beginning of a sequence. It keeps its own copy of the weights.
  ///
  /// - Parameters:
  ///   - model: The classifier; it reads in one direction, for a stream has no end to begin from.
  ///   - foldsInput: By default whatever takes fewer multiply-adds in reading.
  ///   - temperatures: What the logits after each step are divided by, so that the probabilities can be believed
  ///     (Guo et al. 2017); positive. Beyond the last of them it is the last. `nil`: the network's own probabilities.
  ///   - stopping: When `isSure` says that enough has been read.
  ///   - steps: How many steps a sequence has, after which any rule stops. By default as many as there are temperatures,
  ///     or as a learned rule has seen.
  public init(
    _ model: SequenceClassifier, foldsInput: Bool? = nil, temperatures: [Float]? = nil, stopping: StoppingRule? = nil,
    steps: Int? = nil
  ) {
    precondition(!model.isBidirectional, "a bidirectional network cannot read a stream")
    if let temperatures {
      precondition(
        !temperatures.isEmpty && temperatures.allSatisfy { $0 > 0 && $0.isFinite }, "temperatures \(temperatures)")
    }
    self.temperatures = temperatures
    self.stopping = stopping
    state = StoppingState(steps: steps ?? temperatures?.count ?? stopping?.steps)
    let read = model.layersForReading(foldsInput: foldsInput)
    self.foldsInput = read.input == nil
    input = read.input.map { StreamingLinear(weight: $0.weight, bias: $0.bias) }
    layers = read.layers.map { layer in
      StreamingLayer(
        layer.kind, weightIH: layer.weightIH, weightHH: layer.weightHH, bias: layer.bias, scales: layer.scales,
        precision: layer.precision)
    }
    head = StreamingLinear(weight: model.head.weight, bias: model.head.bias)
    probabilities = [Float](repeating: 1 / Float(model.classes), count: model.classes)
  }

  /// Whether the rule for stopping would stop here; the first step after which it says so counts. Always `false` without
  /// a rule, and before the first step.
  public private(set) var isSure = false

  /// Reads one step.
  ///
  /// - Parameter features: [inputs]
  /// - Returns: The probability of each class, [classes].
  @discardableResult
  public func read(_ features: [Float]) -> [Float] {
    features.withUnsafeBufferPointer { features in
      if let input { input.apply(features, advance) } else { advance(features) }
    }
    if let stopping {
      state.read(probabilities)
      isSure = stopping.stops(state)
    }
    return probabilities
  }

  /// Back to the beginning of a sequence.
  public func reset() {
    for layer in layers { layer.reset() }
    stepsRead = 0
    state = StoppingState(steps: state.steps)
    isSure = false
    for index in probabilities.indices { probabilities[index] = 1 / Float(probabilities.count) }
  }

  /// What the logits after the step that is being read are divided by.
  private var temperature: Float {
    guard let temperatures else { return 1 }
    return temperatures[min(stepsRead, temperatures.count) - 1]
  }

  private func advance(_ features: UnsafeBufferPointer<Float>) {
    stepsRead += 1
    advance(features, through: 0)
  }

  /// Hands what layer `index` is to read up through it and all above, to the head.
  private func advance(_ features: UnsafeBufferPointer<Float>, through index: Int) {
    guard index < layers.count else {
      return head.apply(features) { logits in head.softmax(logits, temperature: temperature, to: &probabilities) }
    }
    layers[index].step(features) { hidden in advance(hidden, through: index + 1) }
  }
}

extension StoppingRule {
  /// How many steps the sequences have that the rule was learned from.
  fileprivate var steps: Int? {
    if case .learned(let rule) = self { rule.steps } else { nil }
  }
}

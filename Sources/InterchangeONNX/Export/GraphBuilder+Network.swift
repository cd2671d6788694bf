import Datasets
import Recurrent
import Tensors
import Training

/// A linear layer's constants, as a matrix product from the right takes them.
struct LinearConstants {
  /// The names of the weight, [inputs, outputs], and of the bias, [outputs].
  let weight, bias: String

  init(_ layer: Linear, named name: String, in builder: inout GraphBuilder) {
    weight = builder.floats(
      "\(name).weight_transposed", [layer.inputSize, layer.outputSize], layer.weight.transposed().floats)
    bias = builder.floats("\(name).bias", [layer.outputSize], layer.bias.floats)
  }
}

// Names of values say what they hold, the axes in front of the features as _by_step where steps come before the batch.
extension GraphBuilder {
  /// Adds the input with the true length of each row, and returns the name of the lengths, [batch] int32.
  ///
  /// An input with a constant of its own name may be left out. That constant is a list of one, the greatest number: it is
  /// spread over the batch, and cut to the steps that there are.
  mutating func lengths() -> String {
    input("lengths", .int32, [.named("batch")])
    let given = constant("lengths", ONNXConstant(shape: [1], .int32([.max])))
    let batch = apply("Gather", extents(), integers([0]), to: "batch")
    return apply("Expand", apply("Min", given, steps(), to: "lengths_at_most_steps"), batch, to: "lengths_of_rows")
  }

  /// The number of steps, [1] int32.
  private mutating func steps() -> String {
    if has("steps") { return "steps" }
    return apply(
      "Cast", apply("Gather", extents(), integers([1]), to: "steps_int64"), to: "steps", ["to": .integer(6)])
  }

  /// Batch, steps and features, [3] int64.
  private mutating func extents() -> String {
    has("extents") ? "extents" : apply("Shape", "sequences", to: "extents")
  }

  /// (x − mean)·scale, where that is not x.
  mutating func scaled(_ sequences: String, by scaling: FeatureScaling) -> String {
    var features = sequences
    if scaling.mean.contains(where: { $0 != 0 }) {
      let mean = floats("features.mean", [scaling.mean.count], scaling.mean)
      features = apply("Sub", features, mean, to: "features_centred")
    }
    if scaling.scale.contains(where: { $0 != 1 }) {
      let scale = floats("features.scale", [scaling.scale.count], scaling.scale)
      features = apply("Mul", features, scale, to: "features_scaled")
    }
    return features
  }

  /// [batch, steps, …] from [steps, batch, …], or the other way.
  mutating func swapBatchAndSteps(_ value: String, to output: String) -> String {
    apply("Transpose", value, to: output, ["perm": .integers([1, 0, 2])])
  }

  /// x·W + b
  mutating func linear(_ value: String, _ layer: LinearConstants, to output: String) -> String {
    apply("Add", apply("MatMul", value, layer.weight, to: "\(output)_unbiased"), layer.bias, to: output)
  }

  /// All recurrent layers over `inputs` [steps, batch, features]: the last one's states after every step, [steps, batch,
  /// directions·hidden], and after each row's last one, [batch, directions·hidden].
  mutating func layers(
    of classifier: SequenceClassifier, reading inputs: String, lengths: String?, as standard: StandardOperator
  ) -> (states: String, final: String) {
    var states = inputs, final = inputs
    let kind = classifier.cell, hidden = classifier.hiddenSize
    for (index, layer) in classifier.layers.enumerated() {
      let directions = [layer] + (classifier.isBidirectional ? [classifier.reverseLayers[index]] : [])
      let arrays = directions.map { RecurrentArrays($0, standard) }, count = directions.count
      let rows = standard.gates.count * hidden, name = "\(kind.identifier)_l\(index)"
      var taken = [
        states, floats("\(name).W", [count, rows, layer.inputSize], arrays.flatMap(\.w)),
        floats("\(name).R", [count, rows, hidden], arrays.flatMap(\.r)),
        floats("\(name).B", [count, 2 * rows], arrays.flatMap(\.b)), lengths ?? "",
      ]
      if let peepholes = arrays[0].p {
        // Between them the two initial states, which are zero.
        taken += ["", "", floats("\(name).P", [count, peepholes.count], arrays.flatMap { $0.p ?? [] })]
      }
      while taken.last == "" { taken.removeLast() }
      var attributes: [String: ONNXGraph.Attribute] = [
        "hidden_size": .integer(hidden), "direction": .text(count == 1 ? "forward" : "bidirectional"),
        "activations": .texts([[String]](repeating: standard.activations, count: count).flatMap { $0 }),
      ]
      if kind == .gru { attributes["linear_before_reset"] = .integer(1) }
      // Of the last layer of a network with an answer at the end alone, nobody wants the states before.
      let isLast = index + 1 == classifier.layers.count, wantsStates = !isLast || count == 1
      let outputs = [wantsStates ? "\(name)_directions" : "", isLast ? "\(name)_final_directions" : ""]
      apply(standard.name, taken, to: isLast ? outputs : [outputs[0]], attributes)
      final = outputs[1]
      guard wantsStates else { break }
      // Both directions' states side by side: [steps, directions, batch, hidden] → [steps, batch, directions·hidden].
      let turned = apply("Transpose", outputs[0], to: "\(name)_turned", ["perm": .integers([0, 2, 1, 3])])
      states = apply("Reshape", turned, integers([0, 0, count * hidden]), to: "\(name)_states_by_step")
    }
    let turned = swapBatchAndSteps(final, to: "final_turned")
    return (states, apply("Reshape", turned, integers([0, classifier.head.inputSize]), to: "final_states"))
  }

  /// Logits by what they are to be divided by after each number of steps; after more, by the last.
  mutating func divided(_ logits: String, by temperatures: [Float], lengths: String?) -> String {
    let last = constant("temperatures.count", ONNXConstant(shape: [1], .int32([Int32(clamping: temperatures.count)])))
    let one = constant("one", ONNXConstant(shape: [1], .int32([1])))
    let step = apply("Min", lengths ?? steps(), last, to: "temperature_step")
    let index = apply("Sub", step, one, to: "temperature_index")
    let values = floats("temperatures", [temperatures.count], temperatures)
    let rows = apply("Gather", values, index, to: "temperature_of_rows")
    let columns = apply("Unsqueeze", rows, integers([1]), to: "temperature_column")
    return apply("Div", logits, columns, to: "logits_calibrated")
  }
}

/// The parameters of one direction of a recurrent layer as ONNX's operators take them.
struct RecurrentArrays {
  /// Weights of the input, [gates·hidden, inputs], and of the hidden state, [gates·hidden, hidden].
  let w, r: [Float]
  /// [2·gates·hidden]: the biases of the gates beside those that stand with the hidden state. All of these are zero but
  /// for a GRU's, whose candidate has one within the reset gate's reach.
  let b: [Float]
  /// [3·hidden]; `nil` without peepholes.
  let p: [Float]?

  init(_ layer: SequenceLayer, _ standard: StandardOperator) {
    let rows = layer.kind.gates * layer.hiddenSize, bias = layer.bias.floats
    w = standard.fromUnroll(layer.weightIH.floats)
    r = standard.fromUnroll(layer.weightHH.floats)
    let ofHidden = bias[rows...], zeros = standard.gates.count * layer.hiddenSize - ofHidden.count
    b = standard.fromUnroll(Array(bias[..<rows])) + [Float](repeating: 0, count: zeros) + ofHidden
    p = standard.peepholes.isEmpty ? nil : standard.reorderedPeepholes(layer.scales.floats)
  }
}

import Tensors
import _Differentiation

/// The assignment's network: an input layer, an LSTM and an output layer that turns a hidden state into class logits. In
/// place of the LSTM there can be another cell, several layers of it, and as many more that read in the other direction.
///
///     var random = RandomGenerator(seed: 1)
///     let model = SequenceClassifier(inputSize: 28, hiddenSize: 128, classes: 10, using: &random)
///     let logits = model(images)                 // [batch, 28, 28] → [batch, 10], after the last step
///     let every = model.logitsAtEveryStep(images) // [batch, 28, 10]
///
/// The input layer is linear and feeds the first recurrent layer directly, so the two can be *folded* into one:
/// (x·Wᵢₙᵀ + bᵢₙ)·W_xᵀ + b = x·(W_x·Wᵢₙ)ᵀ + (W_x·bᵢₙ + b). That is exact, the compiler's gradient still reaches the
/// original parameters, and it is done wherever it takes fewer multiply-adds. A layer-norm LSTM normalizes what stands
/// before "+ b", so that W_x·bᵢₙ goes there.
public struct SequenceClassifier: Differentiable, Sendable {
  /// From the features of a step to what the first recurrent layer reads.
  public var input: Linear
  /// What reads the sequence: recurrent layers of one kind and size, each reading the hidden states of the one before.
  public var layers: [SequenceLayer]
  /// Where the network is bidirectional (Schuster & Paliwal 1997): a second layer beside each of the first, which reads the
  /// same from the last step to the first. Layer above layer, both read the hidden states of both. Else empty.
  public var reverseLayers: [SequenceLayer]
  /// From the last layer's hidden state, or those of both directions, to a logit per class.
  public var head: Linear
  /// Whether the input layer is folded into the first recurrent layer's input weights.
  @noDerivative public let foldsInput: Bool

  /// A network from its layers.
  ///
  /// - Parameters:
  ///   - input: From the features of a step to what the first recurrent layer reads.
  ///   - layers: What reads the sequence; at least one.
  ///   - reverseLayers: What reads it in the other direction: none, or as many.
  ///   - head: From the hidden state to a logit per class.
  ///   - foldsInput: By default whatever takes fewer multiply-adds in training.
  /// - Precondition: The layers' sizes fit, and the recurrent layers are of one kind and precision.
  public init(
    input: Linear, layers: [SequenceLayer], reverseLayers: [SequenceLayer] = [], head: Linear, foldsInput: Bool? = nil
  ) {
    precondition(!layers.isEmpty, "a network without recurrent layers")
    precondition(
      reverseLayers.isEmpty || reverseLayers.map(\.hiddenSize) == layers.map(\.hiddenSize),
      "\(reverseLayers.count) layers of the other direction for \(layers.count), or of other sizes")
    let directions = reverseLayers.isEmpty ? 1 : 2
    let sizes = [input.outputSize] + layers.map { directions * $0.hiddenSize }
    precondition(
      layers.map(\.inputSize) + [head.inputSize] == sizes
        && zip(layers, reverseLayers).allSatisfy { $0.inputSize == $1.inputSize },
      """
      a network of layers \(input.inputSize)→\(input.outputSize), \
      \(layers.map { "\($0.inputSize)→\($0.hiddenSize)" }.joined(separator: ", ")), \(head.inputSize)→\(head.outputSize)
      """)
    precondition(
      (layers + reverseLayers).allSatisfy { $0.kind == layers[0].kind && $0.precision == layers[0].precision },
      "recurrent layers of several kinds or precisions")
    self.input = input
    self.layers = layers
    self.reverseLayers = reverseLayers
    self.head = head
    self.foldsInput = foldsInput ?? Self.foldingPays(input: input, layer: layers[0], training: true)
  }

  /// A network with random weights.
  ///
  /// - Parameters:
  ///   - inputSize: Features of a step.
  ///   - hiddenSize: Width of the input layer and size of the recurrent layers' state.
  ///   - classes: The number of classes.
  ///   - cell: The kind of the recurrent layers; an LSTM by default.
  ///   - layers: How many of them; one by default.
  ///   - bidirectional: Whether as many more read in the other direction.
  ///   - precision: What their products are computed in; single precision by default.
  ///   - layerInitializer: For weights and biases of the two linear layers where they are not drawn as usual; `nil`
  ///     stands for Glorot's uniform distribution with zero biases; before a layer-norm LSTM, with those of the input
  ///     layer drawn from ±1/√inputSize. The assignment uses `.normal()`.
  ///   - recurrentInitializer: For the recurrent weights; `nil`, the default, stands for what the cell usually starts from,
  ///     which is orthogonal matrices, or the identity of an `irnn`.
  ///   - random: Where the values come from.
  ///   - device: Where the parameters are put.
  public init(
    inputSize: Int, hiddenSize: Int, classes: Int, cell: CellKind = .lstm, layers: Int = 1,
    bidirectional: Bool = false, precision: Precision = .fp32, layerInitializer: Initializer? = nil,
    recurrentInitializer: Initializer? = nil, using random: inout RandomGenerator, on device: Device = .cpu
  ) {
    let weights = layerInitializer ?? .glorotUniform, biases = layerInitializer ?? .zeros
    // Blank steps have to give a layer normalization something else than zeros, where its slope is 1/√ε: without a bias,
    // each of them multiplies a new network's gradient by more than 1000. The bias is drawn as PyTorch draws it.
    let inputBiases = cell == .layerNormLSTM ? .uniform(limit: 1 / Float(inputSize).squareRoot()) : biases
    let input = Linear(
      inputSize: inputSize, outputSize: hiddenSize, weightInitializer: weights,
      biasInitializer: layerInitializer ?? inputBiases, using: &random, on: device)
    let directions = bidirectional ? 2 : 1
    func stack(using random: inout RandomGenerator) -> [SequenceLayer] {
      (0..<layers).map { index in
        SequenceLayer(
          cell, inputSize: index == 0 ? hiddenSize : directions * hiddenSize, hiddenSize: hiddenSize,
          recurrentInitializer: recurrentInitializer, precision: precision, using: &random, on: device)
      }
    }
    let forwardStack = stack(using: &random), reverseStack = bidirectional ? stack(using: &random) : []
    let head = Linear(
      inputSize: directions * hiddenSize, outputSize: classes, weightInitializer: weights, biasInitializer: biases,
      using: &random,
      on: device)
    self.init(input: input, layers: forwardStack, reverseLayers: reverseStack, head: head)
  }

  /// Features of a step.
  public var inputSize: Int { input.inputSize }
  /// The size of the recurrent layers' state.
  public var hiddenSize: Int { layers[0].hiddenSize }
  /// The kind of the recurrent layers.
  public var cell: CellKind { layers[0].kind }
  /// Whether sequences are read in both directions.
  public var isBidirectional: Bool { !reverseLayers.isEmpty }
  /// What their products are computed in.
  public var precision: Precision { layers[0].precision }
  /// The number of classes.
  public var classes: Int { head.outputSize }
  /// Where the parameters are.
  public var device: Device { head.weight.device }

  /// Class logits after the last step, [batch, classes].
  ///
  /// - Parameters:
  ///   - sequences: [batch, steps, inputs].
  ///   - lengths: The true length of each row; all steps by default.
  ///   - masks: In training, what the network does without; nothing by default.
  /// - Returns: [batch, classes]
  @differentiable(reverse,wrt: (self, sequences))
  @differentiable(reverse,wrt: self)
  public func callAsFunction(_ sequences: Tensor, lengths: [Int]? = nil, masks: DropoutMasks? = nil) -> Tensor {
    head(read(sequences, lengths: lengths, masks: masks).finalState.hidden.dropping(masks?.layers.last?.states))
  }

  /// Class logits after every step, [batch, steps, classes].
  ///
  /// A bidirectional network has an answer after a step only by reading all up to there backwards too: it is made to for
  /// each step, which takes time by the square of the steps.
  ///
  /// - Parameters:
  ///   - sequences: [batch, steps, inputs].
  ///   - masks: In training, what the network does without; nothing by default.
  /// - Returns: [batch, steps, classes]
  @differentiable(reverse,wrt: (self, sequences))
  @differentiable(reverse,wrt: self)
  public func logitsAtEveryStep(_ sequences: Tensor, masks: DropoutMasks? = nil) -> Tensor {
    if isBidirectional {
      var logits: [Tensor] = []
      for step in 0..<withoutDerivative(at: sequences.shape[1]) {
        logits = logits + [self(sequences.sliced(alongAxis: 1, 0..<step + 1), masks: masks)]
      }
      return Tensor.stack(logits, alongAxis: 1)
    }
    return head(read(sequences, masks: masks).hiddenStates.dropping(masks?.layers.last?.states))
  }

  /// The last recurrent layer's hidden states and final state for a batch of sequences [batch, steps, inputs], whole: what
  /// is dropped of them is not seen by whoever reads them. Of a bidirectional network, those of both directions side by
  /// side, 2·hidden numbers; the other direction's final state is that after the first step.
  ///
  /// - Precondition: There are masks for as many layers, if any.
  @differentiable(reverse,wrt: (self, sequences))
  @differentiable(reverse,wrt: self)
  public func read(_ sequences: Tensor, lengths: [Int]? = nil, masks: DropoutMasks? = nil) -> LSTMOutput {
    let masksOfLayers = masks?.layers.count ?? withoutDerivative(at: layers.count)
    precondition(
      masksOfLayers == withoutDerivative(at: layers.count), "masks of \(masksOfLayers) layers for \(layers.count)")
    // The first layer stands alone: its input is data, whose gradient nobody wants.
    var output = readFirst(sequences, lengths: lengths, masks: masks?.layers[0])
    if isBidirectional {
      output = output.beside(readFirst(sequences, lengths: lengths, masks: masks?.layers[0], reversed: true))
    }
    for index in 1..<withoutDerivative(at: layers.count) {
      let states = output.hiddenStates.dropping(masks?.layers[index - 1].states)
      output = layers[index].dropping(masks?.layers[index].recurrentWeights)(states, lengths: lengths)
      if isBidirectional {
        output = output.beside(
          reverseLayers[index].dropping(masks?.layers[index].reverseRecurrentWeights)(
            states, lengths: lengths, reversed: true))
      }
    }
    return output
  }

  /// What the first recurrent layer makes of a batch of sequences.
  @differentiable(reverse,wrt: (self, sequences))
  @differentiable(reverse,wrt: self)
  private func readFirst(
    _ sequences: Tensor, initialState: LSTMState = .zero, lengths: [Int]? = nil, masks: DropoutMasks.Layer? = nil,
    reversed: Bool = false
  ) -> LSTMOutput {
    let layer =
      reversed
      ? reverseLayers[0].dropping(masks?.reverseRecurrentWeights) : layers[0].dropping(masks?.recurrentWeights)
    if foldsInput {
      return layer.folding(input)(sequences, initialState: initialState, lengths: lengths, reversed: reversed)
    }
    return layer(input(sequences), initialState: initialState, lengths: lengths, reversed: reversed)
  }

  /// Every recurrent layer's state after a batch of sequences.
  ///
  /// - Parameters:
  ///   - sequences: [batch, steps, inputs].
  ///   - states: Each layer's state before the first step.
  /// - Returns: Each layer's state after the last step.
  /// - Precondition: The network reads in one direction.
  public func states(after sequences: Tensor, from states: [LSTMState]) -> [LSTMState] {
    precondition(!isBidirectional, "a bidirectional network cannot go on from a state")
    precondition(states.count == layers.count, "\(states.count) states for \(layers.count) layers")
    var output = readFirst(sequences, initialState: states[0]), after = [output.finalState]
    for index in layers.indices.dropFirst() {
      output = layers[index](output.hiddenStates, initialState: states[index])
      after.append(output.finalState)
    }
    return after
  }

  /// What a stream goes through below the head. The input layer is `nil` where it is folded into the first recurrent layer:
  /// where `foldsInput` says so, and by default where that takes fewer multiply-adds in reading.
  package func layersForReading(foldsInput: Bool? = nil) -> (input: Linear?, layers: [SequenceLayer]) {
    let folds = foldsInput ?? Self.foldingPays(input: input, layer: layers[0], training: false)
    return folds ? (nil, [layers[0].folding(input)] + layers.dropFirst()) : (input, layers)
  }

  /// Whether folding takes fewer multiply-adds, counted per step and row: D features, width M of the input layer, and the
  /// layer's H hidden units with G gates.
  ///
  /// Forward, G·H·D against M·D + G·H·M. In training the gradients of the weights cost the same again, and an unfolded
  /// layer needs the gradient of what the recurrent layer reads besides, G·H·M.
  static func foldingPays(input: Linear, layer: SequenceLayer, training: Bool) -> Bool {
    let (d, m, gates) = (input.inputSize, input.outputSize, layer.kind.gates * layer.hiddenSize)
    return training ? 2 * gates * d < 2 * m * d + 3 * gates * m : gates * d < m * d + gates * m
  }
}

extension SequenceClassifier: ParameterNaming {
  /// The recurrent layers are called by their kind, as a PyTorch module would call its `nn.LSTM`.
  public var parameterNames: [String: String] {
    ["layers": cell.identifier, "reverseLayers": "\(cell.identifier).*_reverse"]
  }
}

extension LSTMOutput {
  /// This layer's states and then `other`'s, as if they were one layer's.
  @differentiable(reverse)
  fileprivate func beside(_ other: LSTMOutput) -> LSTMOutput {
    LSTMOutput(
      hiddenStates: hiddenStates.beside(other.hiddenStates),
      finalState: LSTMState(
        hidden: finalState.hidden.beside(other.finalState.hidden), cell: finalState.cell.beside(other.finalState.cell)))
  }
}

extension Tensor {
  /// This tensor's last axis continued by that of `other`, which has the same shape.
  @differentiable(reverse)
  fileprivate func beside(_ other: Tensor) -> Tensor {
    // Cells without a cell state.
    if isSymbolicZero { return self }
    let shape = withoutDerivative(at: shape), last = shape.count - 1
    return Tensor.stack([self, other], alongAxis: last).reshaped(to: shape[..<last] + [2 * shape[last]])
  }
}

import Tensors
import _Differentiation

/// What a `SequenceClassifier` is made to do without in training, drawn anew for each update.
///
///     let dropout = Dropout(states: 0.2, recurrentWeights: 0.1)
///     let masks = dropout.masks(for: model, batchSize: 128, using: &random)
///     let logits = model(images, masks: masks)
///
/// A network that is used goes without nothing: what is kept in training is scaled up for it.
public struct Dropout: Sendable, Equatable {
  /// The share of the hidden states that the next layer, or the head, does not see: the same units at every step of a
  /// sequence ("variational" dropout, Gal & Ghahramani 2016). The layer's own next step sees all.
  public var states: Float
  /// The share of the recurrent weights that are zero for a whole update (DropConnect, as in the weight-dropped LSTM of
  /// Merity, Keskar & Socher 2018, section 2).
  public var recurrentWeights: Float

  /// - Precondition: Both shares are at least 0 and below 1.
  public init(states: Float = 0, recurrentWeights: Float = 0) {
    precondition(
      (0..<1).contains(states) && (0..<1).contains(recurrentWeights),
      "dropout of \(states) and \(recurrentWeights), which are not from 0 to below 1")
    self.states = states
    self.recurrentWeights = recurrentWeights
  }

  /// Draws what one update goes without.
  ///
  /// - Parameters:
  ///   - model: The network that is trained.
  ///   - batchSize: Sequences of the batch.
  ///   - random: Where the masks come from. They depend on it and on the network's shape alone.
  /// - Returns: The masks; `nil` if nothing is to be dropped.
  public func masks(
    for model: SequenceClassifier, batchSize: Int, using random: inout RandomGenerator
  ) -> DropoutMasks? {
    guard states > 0 || recurrentWeights > 0 else { return nil }
    func mask(_ shape: [Int], _ rate: Float) -> Tensor? {
      guard rate > 0 else { return nil }
      let kept = random.bernoullis(count: shape.reduce(1, *), probability: 1 - rate)
      return Tensor(kept, shape: shape, on: model.device).scaled(by: 1 / (1 - rate))
    }
    return DropoutMasks(
      layers: model.layers.map { layer in
        DropoutMasks.Layer(
          states: mask([batchSize, (model.isBidirectional ? 2 : 1) * layer.hiddenSize], states),
          recurrentWeights: mask(layer.weightHH.shape, recurrentWeights),
          reverseRecurrentWeights: model.isBidirectional ? mask(layer.weightHH.shape, recurrentWeights) : nil)
      })
  }
}

/// What one update goes without, as factors: 0 for what is dropped, 1 / (1 − rate) for what is kept.
public struct DropoutMasks: Sendable {
  /// The masks of a recurrent layer; `nil` where nothing is dropped.
  public struct Layer: Sendable {
    /// What of the hidden states the next layer, or the head, sees: [batch, hidden], at every step the same. Of a
    /// bidirectional network, [batch, 2·hidden].
    public var states: Tensor?
    /// What there is of the recurrent weights, shaped as they are: [gates·hidden, hidden].
    public var recurrentWeights: Tensor?
    /// The same for the layer that reads in the other direction.
    public var reverseRecurrentWeights: Tensor?

    /// The masks of a layer.
    public init(states: Tensor? = nil, recurrentWeights: Tensor? = nil, reverseRecurrentWeights: Tensor? = nil) {
      self.states = states
      self.recurrentWeights = recurrentWeights
      self.reverseRecurrentWeights = reverseRecurrentWeights
    }
  }

  /// The masks of each recurrent layer, from the first one up.
  public var layers: [Layer]

  /// The masks of a network.
  public init(layers: [Layer]) { self.layers = layers }
}

extension Tensor {
  /// This tensor times a mask as `scaled(byMask:)` has it; itself without one.
  @differentiable(reverse,wrt: self)
  func dropping(_ mask: Tensor?) -> Tensor {
    guard let mask else { return self }
    return scaled(byMask: mask)
  }
}

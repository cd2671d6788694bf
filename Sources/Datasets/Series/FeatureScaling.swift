/// What is done to the features of a step before a network reads them: (x − `mean`) · `scale`, each on its own.
public struct FeatureScaling: Sendable, Hashable, Codable {
  /// What is taken from each feature, [features].
  public var mean: [Float]
  /// What the rest is multiplied by, [features].
  public var scale: [Float]

  /// A scaling of as many features as there are means and scales.
  public init(mean: [Float], scale: [Float]) {
    precondition(mean.count == scale.count, "\(mean.count) means and \(scale.count) scales")
    self.mean = mean
    self.scale = scale
  }

  /// The number of features.
  public var features: Int { mean.count }
}

extension SequenceInput {
  /// What is done to raw features, such as pixels from 0 to 255, before the network reads them.
  public var scaling: FeatureScaling {
    switch self {
    case .images(let preprocessing):
      FeatureScaling(
        mean: [Float](repeating: -preprocessing.shift / preprocessing.scale, count: features),
        scale: [Float](repeating: preprocessing.scale, count: features))
    case .series(let preprocessing): preprocessing.scaling
    }
  }
}

/// What stands in for a value that is missing.
public enum MissingValues: String, Sendable, CaseIterable, Codable {
  /// The last value of the same feature before it; where there is none, the feature's mean. It needs nothing that comes
  /// later, so that a stream can be read in the same way.
  case carry
  /// The feature's mean.
  case mean
  /// Nothing: sequences with missing values are refused.
  case refuse
}

/// What is done to a sequence of numbers before a network reads it. A model file carries it, so that prediction takes raw
/// numbers.
public struct SeriesPreprocessing: Sendable, Hashable, Codable {
  /// What is done to each feature.
  public var scaling: FeatureScaling
  /// What stands in for a missing value of each feature where nothing better is known, [features].
  public var fill: [Float]
  /// What stands in for missing values.
  public var missing: MissingValues
  /// The steps of the longest sequence that the network learns from.
  public var steps: Int

  /// Preprocessing from its parts.
  ///
  /// - Precondition: There is a number to fill in for each feature, and at least one feature and step.
  public init(scaling: FeatureScaling, fill: [Float], missing: MissingValues, steps: Int) {
    precondition(
      scaling.features == fill.count && !fill.isEmpty && steps >= 1,
      "\(scaling.features) features and \(fill.count) numbers to fill in, for sequences of \(steps) steps")
    self.scaling = scaling
    self.fill = fill
    self.missing = missing
    self.steps = steps
  }

  /// Features of a step.
  public var features: Int { scaling.features }

  /// What gives each feature a mean of 0 and a standard deviation of 1 over all steps of some sequences, missing values
  /// aside. A feature that never changes becomes 0.
  ///
  /// - Parameters:
  ///   - sequences: Where the statistics come from.
  ///   - rows: Which of them: those that are learned from.
  ///   - normalizes: Whether features are normalized at all; if not, they stay as they are.
  ///   - missing: What stands in for missing values.
  public init(fitting sequences: LabeledSequences, rows: [Int], normalizes: Bool, missing: MissingValues) {
    let features = sequences.features, ranges = sequences.ranges
    var scaling = FeatureScaling(
      mean: [Float](repeating: 0, count: features), scale: [Float](repeating: 1, count: features))
    var fill = scaling.mean
    for feature in 0..<features {
      // Welford's method: one pass, and no difference of large sums.
      var count = 0.0, mean = 0.0, squares = 0.0
      for row in rows {
        for step in ranges[row] {
          let value = Double(sequences.values[step * features + feature])
          if value.isNaN { continue }
          count += 1
          let difference = value - mean
          mean += difference / count
          squares += difference * (value - mean)
        }
      }
      fill[feature] = Float(mean)
      guard normalizes else { continue }
      scaling.mean[feature] = Float(mean)
      let deviation = (squares / max(1, count)).squareRoot()
      // What is left of a constant by rounding is no signal.
      if deviation > 1e-6 * abs(mean), Float(1 / deviation).isNormal { scaling.scale[feature] = Float(1 / deviation) }
    }
    self.init(scaling: scaling, fill: fill, missing: missing, steps: sequences.lengths.max() ?? 1)
  }

  /// Appends what the network reads instead of the values of one sequence.
  ///
  /// - Parameters:
  ///   - values: [steps, features]; NaN where missing.
  ///   - output: Gets as many numbers.
  func apply(to values: ArraySlice<Float>, appendingTo output: inout [Float]) {
    var known = fill
    for (index, value) in values.enumerated() {
      let feature = index % features
      if !value.isNaN && missing == .carry { known[feature] = value }
      output.append(((value.isNaN ? known[feature] : value) - scaling.mean[feature]) * scaling.scale[feature])
    }
  }
}

extension LabeledSequences {
  /// The steps of each sequence among all steps.
  public var ranges: [Range<Int>] {
    var start = 0
    return lengths.map { length in
      defer { start += length }
      return start..<start + length
    }
  }

  /// How many values are missing.
  public var missingCount: Int { values.count { $0.isNaN } }

  /// Some of the sequences, in the order of `rows`.
  public func selecting(_ rows: [Int]) -> LabeledSequences {
    let ranges = ranges
    let targets: SequenceTargets =
      switch targets {
      case .labels(let labels): .labels(rows.map { labels[$0] })
      case .numbers(let numbers): .numbers(rows.map { numbers[$0] })
      case .none: .none
      }
    return LabeledSequences(
      features: features, lengths: rows.map { lengths[$0] },
      values: rows.flatMap { values[ranges[$0].lowerBound * features..<ranges[$0].upperBound * features] },
      targets: targets, declaredClasses: declaredClasses)
  }
}

/// How good the answers are, and how much is read for them, with one threshold of a rule for stopping early.
public struct StoppingPoint: Sendable, Equatable, Codable {
  /// The rule's threshold.
  public let threshold: Double
  /// The share of right answers, 0…1.
  public let accuracy: Double
  /// The mean share of a sequence that is read, above 0 and at most 1; less is earlier.
  public let earliness: Double
  /// The harmonic mean of accuracy and 1 − earliness, 0…1 (Schäfer and Leser 2020, "TEASER: early and accurate time series
  /// classification").
  public let harmonicMean: Double

  enum CodingKeys: String, CodingKey {
    case threshold, accuracy, earliness
    case harmonicMean = "harmonic_mean"
  }

  /// A point from its parts.
  public init(threshold: Double, accuracy: Double, earliness: Double) {
    self.threshold = threshold
    self.accuracy = accuracy
    self.earliness = earliness
    let saved = 1 - earliness
    harmonicMean = accuracy + saved > 0 ? 2 * accuracy * saved / (accuracy + saved) : 0
  }
}

extension [StoppingPoint] {
  /// The points than which no other is both as early and as accurate, and better in one of the two; by earliness. Of equal
  /// points there is one.
  public var paretoFront: [StoppingPoint] {
    let byEarliness = sorted { ($0.earliness, -$0.accuracy) < ($1.earliness, -$1.accuracy) }
    return byEarliness.reduce(into: []) { front, point in
      if point.accuracy > front.last?.accuracy ?? -1 { front.append(point) }
    }
  }

  /// The area under the Pareto front, 0…1: the best accuracy with at most so much read, a step function, averaged over all
  /// shares from 0 to 1. Where nothing reads so little, it is 0; so a perfect answer after the first of T steps gives
  /// 1 − 1/T.
  public var areaUnderFront: Double {
    let front = paretoFront
    return front.indices.reduce(0) { area, index in
      let end = index + 1 < front.count ? front[index + 1].earliness : 1
      return area + front[index].accuracy * (end - front[index].earliness)
    }
  }

  /// Which point reaches an accuracy and reads least for it, and of such the most accurate one; `nil` if none reaches it.
  public func cheapest(reaching accuracy: Double) -> Int? {
    indices.filter { self[$0].accuracy >= accuracy }.min {
      (self[$0].earliness, -self[$0].accuracy) < (self[$1].earliness, -self[$1].accuracy)
    }
  }
}

import Recurrent

/// What a rule makes of many sequences: how much speaks for stopping after each step.
struct StoppingScores {
  private let trace: AnswerTrace
  /// [sequences, steps].
  private let scores: [Double]

  init(of rule: StoppingRule, on trace: AnswerTrace) {
    self.trace = trace
    scores = trace.states.map(rule.score)
  }

  /// After how many steps each sequence is stopped.
  func stops(threshold: Double) -> [Int] {
    let steps = trace.steps
    return (0..<trace.count).map { sequence in
      let row = sequence * steps..<sequence * steps + trace.lengths[sequence] - 1
      return (row.first { scores[$0] >= threshold } ?? row.upperBound) - row.lowerBound + 1
    }
  }

  func point(threshold: Double) -> StoppingPoint {
    trace.point(stops: stops(threshold: threshold), threshold: threshold)
  }

  /// Thresholds from "stops nothing early" down to "stops everything after the first step", about so many, evenly spaced
  /// by how much is read.
  func thresholds(about count: Int) -> [Double] {
    let steps = trace.steps
    // With a falling threshold a sequence stops at a step once the threshold reaches its score there, if the scores before
    // were lower; until then it stopped at the next step of that kind.
    var events: [(score: Double, stepsSaved: Int)] = []
    for sequence in 0..<trace.count {
      var highest = -Double.infinity, records: [(score: Double, step: Int)] = []
      let last = trace.lengths[sequence] - 1
      for step in 0..<last where scores[sequence * steps + step] > highest {
        highest = scores[sequence * steps + step]
        records.append((highest, step))
      }
      for (index, record) in records.enumerated() {
        let next = index + 1 < records.count ? records[index + 1].step : last
        events.append((record.score, next - record.step))
      }
    }
    events.sort { $0.score > $1.score }
    guard let highest = events.first?.score else { return [1] }
    let total = events.reduce(0) { $0 + $1.stepsSaved }
    // Above every score, also as a Float.
    var thresholds = [Double(Float(highest).nextUp)], saved = 0, due = 0.0
    for (index, event) in events.enumerated() {
      saved += event.stepsSaved
      let isLastOfEqual = index + 1 == events.count || events[index + 1].score < event.score
      if isLastOfEqual && Double(saved) >= due {
        thresholds.append(event.score)
        while due <= Double(saved) { due += Double(total) / Double(count) }
      }
    }
    if let lowest = events.last?.score, thresholds.last != lowest { thresholds.append(lowest) }
    return thresholds
  }
}

extension AnswerTrace {
  /// After how many steps a rule stops each sequence, from 1 to its length.
  public func stops(by rule: StoppingRule) -> [Int] {
    StoppingScores(of: rule, on: self).stops(threshold: rule.threshold)
  }

  /// How good the answers are with a rule, and how much is read for them.
  public func point(of rule: StoppingRule) -> StoppingPoint {
    StoppingScores(of: rule, on: self).point(threshold: rule.threshold)
  }

  /// How good the answers are, and how much is read for them, if each sequence is stopped after its own number of steps.
  ///
  /// - Parameters:
  ///   - stops: After how many steps each sequence is stopped, from 1 to its length.
  ///   - threshold: The threshold that led to this.
  /// - Returns: Accuracy and earliness.
  public func point(stops: [Int], threshold: Double) -> StoppingPoint {
    precondition(stops.count == count, "\(stops.count) stops for \(count) sequences")
    let right = stops.enumerated().count { isRight[$0 * steps + $1 - 1] }
    // Steps of sequences of one length can be counted; shares would round.
    let read =
      lengths.allSatisfy { $0 == steps }
      ? Double(stops.reduce(0, +)) / Double(steps) : zip(stops, lengths).reduce(0) { $0 + Double($1.0) / Double($1.1) }
    return StoppingPoint(
      threshold: threshold, accuracy: Double(right) / Double(count), earliness: read / Double(count))
  }

  /// A rule with each of some thresholds.
  public func curve(of rule: StoppingRule, thresholds: [Double]) -> [StoppingPoint] {
    let scores = StoppingScores(of: rule, on: self)
    return thresholds.map(scores.point)
  }

  /// Thresholds that show all that a rule can do, from the one that reads everything down to the one that reads one step:
  /// whole steps for `patience`, and for others about 200, evenly spaced by how much is read.
  public func thresholds(for rule: StoppingRule) -> [Double] {
    if case .patience = rule { return (1...steps).reversed().map(Double.init) }
    return StoppingScores(of: rule, on: self).thresholds(about: 200)
  }

  /// Yardstick: every sequence is stopped after the same number of steps, which is the threshold; from all down to 1.
  public func fixedCurve() -> [StoppingPoint] {
    (1...steps).reversed().map { steps in point(stops: lengths.map { min($0, steps) }, threshold: Double(steps)) }
  }

  /// Bound: no rule that goes by what has been read can be earlier at these accuracies. It knows the labels, stops as soon
  /// as the answer is right where that takes at most so many steps, the threshold, and after one step elsewhere.
  public func oracleCurve() -> [StoppingPoint] {
    let firstRight = (0..<count).map { sequence in
      (0..<lengths[sequence]).first { isRight[sequence * steps + $0] }.map { $0 + 1 }
    }
    return (1...steps).reversed().map { most in
      point(stops: firstRight.map { $0.map { $0 <= most ? $0 : 1 } ?? 1 }, threshold: Double(most))
    }
  }
}

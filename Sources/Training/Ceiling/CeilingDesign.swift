import Datasets

/// What is compared in a ceiling study, and in which order its networks are trained. It follows from the networks trained so
/// far alone, so that a study can be stopped after any of them.
///
/// An anytime network cannot be expected to be better after k steps than a network that was trained for those k steps alone:
/// these specialists are the ceiling. All contestants learn from the same sequences with the same choices, except for what
/// they are asked, and are chosen by the same validation sequences.
public struct CeilingDesign: Sendable, Equatable, Codable {
  /// The choices that all contestants share; its objective is the anytime network's, its learning rate the first candidate.
  public let plan: TrainingPlan
  /// After how many steps the contestants are compared, ascending; the last is all steps.
  public let steps: [Int]
  /// What each contestant is trained with, once each; the best on the validation sequences is kept.
  public let learningRates: [Float]

  enum CodingKeys: String, CodingKey {
    case plan, steps
    case learningRates = "learning_rates"
  }

  /// How often a specialist is trained at most, with other seeds, while it trails the anytime network.
  public static let mostAttempts = 3

  /// A study of networks for sequences of `sequenceSteps` steps.
  ///
  /// - Parameters:
  ///   - plan: The choices that all contestants share. The objective `last` becomes `every` for the anytime network.
  ///   - steps: After how many steps they are compared, each from 1 to `sequenceSteps`; all steps are always added, for the
  ///     specialist for all of them is last-step training. `nil`: every number from a quarter of the steps on.
  ///   - learningRates: The candidates, each above 0. `nil`: the plan's own alone.
  ///   - sequenceSteps: Steps of each sequence.
  /// - Throws: `TrainingError.noValidation` if the plan sets no sequences apart, for contestants are chosen by them;
  ///   `.tooManyBlankSteps` or `.stepBeyondEnd`.
  public init(
    _ plan: TrainingPlan, steps: [Int]? = nil, learningRates: [Float]? = nil, sequenceSteps: Int
  ) throws(TrainingError) {
    let steps = steps ?? Array(max(1, sequenceSteps / 4)...sequenceSteps)
    let learningRates = learningRates ?? [plan.learningRate]
    precondition(
      steps.allSatisfy { (1...sequenceSteps).contains($0) }, "\(steps) of \(sequenceSteps) steps cannot be read")
    precondition(!learningRates.isEmpty && learningRates.allSatisfy { $0 > 0 }, "learning rates \(learningRates)")
    guard plan.validationCount > 0 else { throw .noValidation }
    try plan.checkSteps(ofLongest: sequenceSteps)
    var plan = plan
    if plan.objective == .last { plan.objective = .every }
    plan.learningRate = learningRates[0]
    self.plan = plan
    self.steps = Set(steps + [sequenceSteps]).sorted()
    self.learningRates = learningRates
  }

  /// Steps of each sequence.
  public var sequenceSteps: Int { steps[steps.count - 1] }

  /// The anytime network, which the specialists are measured against, and then these.
  public var contestants: [CeilingContestant] { [.anytime] + steps.map { .specialist(steps: $0) } }

  /// After how many steps a contestant is asked, ascending. The specialist for all steps is last-step training, which is
  /// shown after fewer steps too.
  public func steps(of contestant: CeilingContestant) -> [Int] {
    switch contestant {
    case .specialist(let count) where count < sequenceSteps: [count]
    case .anytime, .specialist: steps
    }
  }

  /// How a candidate is trained. Blank steps in front are fewer in proportion where fewer steps are read.
  public func plan(for candidate: CeilingCandidate) -> TrainingPlan {
    var plan = plan
    plan.learningRate = candidate.learningRate
    plan.validationSeed = plan.validationSeed ?? plan.seed
    plan.seed = candidate.seed
    if case .specialist(let count) = candidate.contestant {
      plan.objective = .last
      plan.stepWeights = nil
      plan.blankFront = plan.blankFront.map { $0 * count / sequenceSteps }
    }
    return plan
  }

  /// The network to be trained after these; `nil` when the study is complete.
  ///
  /// Each contestant in turn is trained with every candidate learning rate. A specialist whose best network trails the
  /// anytime network on the validation sequences by more than two standard errors of the paired difference was trained
  /// badly: it is trained again at its best learning rate with the next seed, on the same sequences, twice at most.
  public func next(after trials: [CeilingTrial]) -> CeilingCandidate? {
    for contestant in contestants {
      let its = trials.filter { $0.candidate.contestant == contestant }
      for learningRate in learningRates {
        let candidate = CeilingCandidate(contestant: contestant, learningRate: learningRate, seed: plan.seed)
        if !its.contains(where: { $0.candidate == candidate }) { return candidate }
      }
      if let best = chosen(contestant, among: its), best.isBehindAnytime {
        let tried = Set(its.map(\.candidate.seed))
        let seeds = (0..<Self.mostAttempts).map { plan.seed &+ UInt64($0) }
        if let seed = seeds.first(where: { !tried.contains($0) }) {
          return CeilingCandidate(contestant: contestant, learningRate: best.candidate.learningRate, seed: seed)
        }
      }
    }
    return nil
  }

  /// The best of a contestant's networks on the validation sequences, the first of equals; `nil` where none was trained to
  /// the end.
  public func chosen(_ contestant: CeilingContestant, among trials: [CeilingTrial]) -> CeilingTrial? {
    let its = trials.filter { $0.candidate.contestant == contestant && !$0.right.isEmpty }
    // `max` would take the last of equals.
    return its.reduce(nil) { best, trial in best.map { $0.score >= trial.score } ?? false ? best : trial }
  }

  /// Whether this can be a study of such data: what is read from a file must not trap later.
  package func isSound(for data: DataIdentity) -> Bool {
    plan.isSound(for: data) && plan.validationCount > 0 && plan.objective != .last
      && steps.last == data.steps && steps[0] >= 1 && zip(steps, steps.dropFirst()).allSatisfy { $0 < $1 }
      && !learningRates.isEmpty && learningRates.allSatisfy { $0 > 0 && $0.isFinite }
  }

  /// Whether a trial can be one of this study: what is read from a file must not trap later.
  package func admits(_ trial: CeilingTrial) -> Bool {
    let contestant = trial.candidate.contestant
    return contestants.contains(contestant) && learningRates.contains(trial.candidate.learningRate)
      && trial.count == plan.validationCount
      && (trial.right.isEmpty || trial.right.count == steps(of: contestant).count)
      && trial.right.allSatisfy { (0...trial.count).contains($0) }
      && trial.difference.map { $0.count == trial.count && $0.isSound } ?? true
  }

  /// A contestant that was trained with every learning rate and never to the end, so that nothing can be compared with it;
  /// `nil` if there is none. A study ends with an error before it.
  package func hopeless(among trials: [CeilingTrial]) -> CeilingContestant? {
    let tried = Set(trials.map(\.candidate))
    return contestants.first { contestant in
      learningRates.allSatisfy {
        tried.contains(CeilingCandidate(contestant: contestant, learningRate: $0, seed: plan.seed))
      } && chosen(contestant, among: trials) == nil
    }
  }
}

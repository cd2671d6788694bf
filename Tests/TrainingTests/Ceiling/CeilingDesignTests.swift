import Tensors
import Testing
import Training

@Suite("What a ceiling study trains")
struct CeilingDesignTests {
  private func design(
    steps: [Int]? = [3, 8], rates: [Float]? = nil, _ change: (inout TrainingPlan) -> Void = { _ in }
  ) throws -> CeilingDesign {
    try CeilingDesign(
      smallPlan {
        $0.validationCount = 100
        change(&$0)
      }, steps: steps, learningRates: rates, sequenceSteps: 8)
  }

  private func trial(
    _ contestant: CeilingContestant, _ right: [Int], rate: Float = 4e-3, seed: UInt64 = 1, onlyAnytime: Int = 0,
    onlySpecialist: Int = 0
  ) -> CeilingTrial {
    let pairs =
      [(true, false)].repeated(onlyAnytime) + [(false, true)].repeated(onlySpecialist)
      + [(true, true)].repeated(100 - onlyAnytime - onlySpecialist)
    return CeilingTrial(
      candidate: CeilingCandidate(contestant: contestant, learningRate: rate, seed: seed), count: 100, right: right,
      difference: contestant == .anytime ? nil : PairedDifference(pairs.map(\.0), pairs.map(\.1)), seconds: 1)
  }

  @Test func stepsAreFromAQuarterToAllAndAllAreAlwaysAmongThem() throws {
    #expect(try design(steps: nil).steps == Array(2...8))
    #expect(try design(steps: [5, 3, 5]).steps == [3, 5, 8])
    let contestants: [CeilingContestant] = [.anytime, .specialist(steps: 3), .specialist(steps: 8)]
    #expect(try design().contestants == contestants)
    #expect(try contestants.map(design().steps(of:)) == [[3, 8], [3], [3, 8]])
    #expect(try CeilingDesign(smallPlan { $0.validationCount = 1 }, sequenceSteps: 2).steps == [1, 2])
  }

  /// All but what is asked, and as much in front of fewer steps as suits them.
  @Test func contestantsShareTheirChoices() throws {
    let design = try design {
      ($0.seed, $0.blankFront, $0.epochs, $0.labelSmoothing) = (5, 6, 3, 0.1)
      ($0.objective, $0.stepWeights, $0.weightAveraging) = (.weighted, .late, 0.5)
    }
    func plan(_ contestant: CeilingContestant) -> TrainingPlan {
      design.plan(for: CeilingCandidate(contestant: contestant, learningRate: 0.5, seed: 9))
    }
    var expected = design.plan
    (expected.seed, expected.validationSeed, expected.learningRate) = (9, 5, 0.5)
    #expect(plan(.anytime) == expected)
    (expected.objective, expected.stepWeights) = (.last, nil)
    #expect(plan(.specialist(steps: 8)) == expected)
    for (steps, blanks) in [(1, 0), (3, 2), (7, 5)] {
      expected.blankFront = blanks
      #expect(plan(.specialist(steps: steps)) == expected)
    }
    #expect(try self.design { $0.objective = .last }.plan.objective == .every)
    #expect(try self.design { $0.objective = .randomPrefix }.plan.objective == .randomPrefix)
  }

  @Test func anotherSeedIsJudgedByTheSameSequences() throws {
    let data = bars(150).sequences(), design = try design()
    let trainers = try ([1, 2] as [UInt64]).map { seed in
      let candidate = CeilingCandidate(contestant: .specialist(steps: 3), learningRate: 4e-3, seed: seed)
      return try Trainer(design.plan(for: candidate), data: data.prefix(steps: 3), outputs: 3)
    }
    #expect(trainers[0].validationRows == trainers[1].validationRows)
    #expect(trainers[0].model.bits != trainers[1].model.bits)
    let alone = try Trainer(smallPlan { ($0.validationCount, $0.seed) = (100, 2) }, data: data, outputs: 3)
    #expect(alone.validationRows != trainers[0].validationRows)
  }

  @Test func eachContestantIsTrainedWithEachLearningRate() throws {
    let design = try design(rates: [0.1, 0.2])
    var trials: [CeilingTrial] = []
    while let next = design.next(after: trials), trials.count < 10 {
      trials.append(
        trial(next.contestant, [50, 50].suffix(design.steps(of: next.contestant).count), rate: next.learningRate))
      #expect(next.seed == 1)
    }
    #expect(
      trials.map(\.candidate.contestant.rawValue) == [
        "anytime", "anytime", "specialist-3", "specialist-3", "specialist-8", "specialist-8",
      ])
    #expect(trials.map(\.candidate.learningRate) == [0.1, 0.2, 0.1, 0.2, 0.1, 0.2])
  }

  /// The anytime network by the mean, a specialist by its own number of steps; diverged ones never.
  @Test func theBestOnValidationIsChosen() throws {
    let design = try design(rates: [0.1, 0.2])
    func chosen(_ contestant: CeilingContestant, _ first: [Int], _ second: [Int]) -> Float? {
      let trials = [trial(contestant, first, rate: 0.1), trial(contestant, second, rate: 0.2)]
      return design.chosen(contestant, among: [trial(.specialist(steps: 5), [100])] + trials)?.candidate.learningRate
    }
    #expect(chosen(.anytime, [60, 80], [50, 95]) == 0.2)
    #expect(chosen(.anytime, [60, 80], [50, 90]) == 0.1, "the first of equals")
    #expect(chosen(.specialist(steps: 3), [60], [61]) == 0.2)
    #expect(chosen(.specialist(steps: 8), [90, 80], [10, 81]) == 0.2)
    #expect(chosen(.specialist(steps: 3), [], [1]) == 0.2)
    #expect(chosen(.specialist(steps: 3), [], []) == nil)
  }

  /// 9 to 1 of 100 is a difference of 8 points with a standard error of 3.06; 5 to 1 one of 4 with 2.42.
  @Test func aSpecialistThatTrailsBeyondNoiseIsTrainedAgain() throws {
    let design = try design(rates: [0.1, 0.2]), specialist = CeilingContestant.specialist(steps: 3)
    var trials = [0.1, 0.2].map { trial(.anytime, [80, 90], rate: $0) }
    trials.append(trial(specialist, [60], rate: 0.1, onlyAnytime: 20))
    trials.append(trial(specialist, [72], rate: 0.2, onlyAnytime: 9, onlySpecialist: 1))
    for seed in [2, 3] as [UInt64] {
      #expect(design.next(after: trials) == CeilingCandidate(contestant: specialist, learningRate: 0.2, seed: seed))
      trials.append(trial(specialist, [70], rate: 0.2, seed: seed, onlyAnytime: 12, onlySpecialist: 2))
    }
    #expect(design.next(after: trials)?.contestant == .specialist(steps: 8), "three seeds are enough")
    #expect(design.chosen(specialist, among: trials) == trials[3])
    trials[4] = trial(specialist, [70], rate: 0.2, seed: 3, onlyAnytime: 12, onlySpecialist: 2)
    #expect(design.next(after: Array(trials[..<5]))?.seed == 2, "the first seed that is missing")
    trials[4] = trial(specialist, [70], rate: 0.2, seed: 2, onlyAnytime: 12, onlySpecialist: 2)
    trials[5] = trial(specialist, [76], rate: 0.2, seed: 3)
    #expect(design.chosen(specialist, among: trials) == trials[5])

    trials[3] = trial(specialist, [76], rate: 0.2, onlyAnytime: 5, onlySpecialist: 1)
    #expect(design.next(after: Array(trials[..<4]))?.contestant == .specialist(steps: 8), "within noise")
    trials[3] = trial(specialist, [88], rate: 0.2, onlyAnytime: 1, onlySpecialist: 9)
    #expect(design.next(after: Array(trials[..<4]))?.contestant == .specialist(steps: 8), "better")
  }

  @Test func whatCannotBeComparedIsRefused() throws {
    #expect(throws: TrainingError.noValidation) { try design { $0.validationCount = 0 } }
    #expect(throws: TrainingError.tooManyBlankSteps(count: 8, steps: 8)) { try design { $0.blankFront = 8 } }
    #expect(throws: TrainingError.stepBeyondEnd(step: 9, steps: 8)) {
      try design { ($0.objective, $0.stepWeights) = (.weighted, .chosen([.init(2...9)])) }
    }
    let data = bars(100).sequences()
    #expect(throws: TrainingError.tooFewSequences(count: 100, validation: 100)) {
      _ = try CeilingStudy(design(), training: data, test: data, classes: 3)
    }
  }

  /// Every learning rate was tried and none came to an end.
  @Test func aContestantWithoutANetworkIsFound() throws {
    let design = try design(rates: [0.1, 0.2]), specialist = CeilingContestant.specialist(steps: 8)
    var trials = [
      trial(.anytime, [], rate: 0.1), trial(.anytime, [80, 90], rate: 0.2), trial(specialist, [], rate: 0.2),
    ]
    #expect(design.hopeless(among: trials) == nil)
    #expect(design.hopeless(among: trials + [trial(specialist, [], rate: 0.1, seed: 2)]) == nil)
    #expect(design.hopeless(among: trials + [trial(specialist, [80, 90], rate: 0.1)]) == nil)
    #expect(design.hopeless(among: trials + [trial(specialist, [], rate: 0.1)]) == specialist)
    trials[1] = trial(.anytime, [], rate: 0.2)
    #expect(design.hopeless(among: trials) == .anytime)
  }

  @Test func whatIsReadFromFilesMustBeSound() throws {
    let design = try design(), data = DataIdentity(of: bars(150).sequences())
    let text = try JSONText.encode(design)
    #expect(try JSONText.decode(CeilingDesign.self, from: text) == design)
    #expect(design.isSound(for: data))
    for (right, wrong) in [
      ("[3,8]", "[]"), ("[3,8]", "[0,8]"), ("[3,8]", "[8,8]"), ("[3,8]", "[3,9]"), ("[0.004]", "[]"),
      ("[0.004]", "[-1]"),
      (#""hidden_size":12"#, #""hidden_size":0"#), (#""validation_count":100"#, #""validation_count":0"#),
      (#""validation_count":100"#, #""validation_count":150"#), (#""objective":"every""#, #""objective":"last""#),
    ] {
      try #require(text.contains(right))
      let damaged = try JSONText.decode(CeilingDesign.self, from: text.replacing(right, with: wrong))
      #expect(!damaged.isSound(for: data), "\(wrong)")
    }

    let good = trial(.specialist(steps: 3), [60], onlyAnytime: 3)
    #expect(try JSONText.decode(CeilingTrial.self, from: JSONText.encode(good)) == good)
    #expect(design.admits(good) && design.admits(trial(.anytime, [])))
    for bad in [
      trial(.specialist(steps: 4), [60]), trial(.anytime, [60]), trial(.anytime, [60, 101]), trial(.anytime, [-1, 60]),
      trial(.specialist(steps: 3), [60], rate: 5e-3),
    ] { #expect(!design.admits(bad)) }
    let line = try JSONText.encode(good), right = #""count":100,"only_first":3,"only_second":0"#
    try #require(line.contains(right))
    for (count, first, second, isSound) in [
      (100, 40, 60, true), (100, 40, 61, false), (100, -1, 3, false), (100, 3, -1, false), (99, 3, 0, false),
      (100, .max, .max, false), (100, .min, .max, false), (100, 0, .min, false), (.min, .min, 0, false),
    ] as [(Int, Int, Int, Bool)] {
      let wrong = #""count":\#(count),"only_first":\#(first),"only_second":\#(second)"#
      let changed = try JSONText.decode(CeilingTrial.self, from: line.replacing(right, with: wrong))
      #expect(design.admits(changed) == isSound, "\(wrong)")
    }
    for name in ["specialist-0", "specialist-x", "specialist", "Anytime"] {
      #expect(CeilingContestant(rawValue: name) == nil)
    }
  }
}

extension Array {
  fileprivate func repeated(_ count: Int) -> Self { (0..<count).flatMap { _ in self } }
}

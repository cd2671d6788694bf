import Recurrent
import Tensors
import Testing
import Training

/// Which network is trained next, from made-up trials.
@Suite("Memory design")
struct MemoryDesignTests {
  private let design: MemoryDesign = {
    var design = MemoryDesign()
    design.tasks = [.adding]
    design.cells = [.rnn, .lstm]
    design.lengths = [10, 20, 40, 80, 160]
    design.learningRates = [0.001, 0.01]
    design.seeds = 3
    design.seed = 7
    design.gradientLength = 20
    return design
  }()

  private func trial(
    _ candidate: MemoryCandidate, solved: Bool, updates: Int = 500, error: Double? = 0.005,
    gradients: MemoryTrial.Gradients? = nil
  ) -> MemoryTrial {
    MemoryTrial(
      candidate: candidate, isSolved: solved, updates: updates, validation: error, test: error.map { $0 * 2 },
      gradients: gradients, seconds: 1)
  }

  /// All trials of a study whose networks do as `outcome` says.
  private func trials(_ design: MemoryDesign, _ outcome: (MemoryCandidate) -> MemoryTrial) -> [MemoryTrial] {
    var trials: [MemoryTrial] = []
    while let candidate = design.next(after: trials), trials.count < 1000 { trials.append(outcome(candidate)) }
    return trials
  }

  @Test func everyCellGetsTheSameSearchAndSeeds() {
    let trials = trials(design) { trial($0, solved: true, updates: $0.learningRate == 0.01 ? 300 : 400) }
    #expect(trials.count == design.mostTrials && design.mostTrials == 40)
    let begin = trials.prefix(8).map(\.candidate)
    #expect(begin.map(\.cell) == [.rnn, .rnn, .rnn, .rnn, .lstm, .lstm, .lstm, .lstm])
    #expect(begin.map(\.learningRate) == [0.001, 0.01, 0.01, 0.01, 0.001, 0.01, 0.01, 0.01])
    #expect(begin.map(\.seed) == [7, 7, 8, 9, 7, 7, 8, 9])
    #expect(trials.map(\.candidate.length) == design.lengths.flatMap { [Int](repeating: $0, count: 8) })
  }

  @Test func theBestRateIsTheQuickestOrTheLeastWrong() {
    func chosen(_ a: (Bool, Int, Double?), _ b: (Bool, Int, Double?)) -> Float? {
      let outcomes = [Float(0.001): a, 0.01: b]
      let search = [Float(0.001), 0.01].map { rate in
        let candidate = MemoryCandidate(task: .adding, cell: .rnn, length: 10, learningRate: rate, seed: 7)
        let (solved, updates, error) = outcomes[rate] ?? a
        return trial(candidate, solved: solved, updates: updates, error: error)
      }
      return design.chosenRate(.rnn, .adding, 10, among: search)
    }
    #expect(chosen((true, 500, 0.009), (true, 400, 0.0095)) == 0.01)
    #expect(chosen((true, 500, 0.009), (true, 500, 0.001)) == 0.001, "the first of equals")
    #expect(chosen((false, 3000, 0.1), (false, 3000, 0.09)) == 0.01)
    #expect(chosen((false, 3000, 0.1), (false, 20, nil)) == 0.001)
    #expect(chosen((false, 3000, 0.009), (true, 3000, 0.0099)) == 0.01, "solved is better than less wrong")
    #expect(chosen((false, 9, nil), (false, 9, nil)) == 0.001)
    #expect(design.chosenRate(.lstm, .adding, 10, among: []) == nil)
  }

  @Test func aSearchEndsWhenItIsDecided() {
    func candidate(_ rate: Float, seed: UInt64 = 7, cell: CellKind = .rnn, length: Int = 10) -> MemoryCandidate {
      MemoryCandidate(task: .adding, cell: cell, length: length, learningRate: rate, seed: seed)
    }
    let quick = trial(candidate(0.001), solved: true, updates: 700)
    #expect(design.mostUpdates(for: candidate(0.01), after: []) == 5000)
    #expect(design.mostUpdates(for: candidate(0.01), after: [quick]) == 700)
    let quicker = trial(candidate(0.1), solved: true, updates: 300)
    #expect(design.mostUpdates(for: candidate(0.01), after: [quick, quicker]) == 300)
    let failed = trial(candidate(0.001), solved: false, updates: 700)
    #expect(design.mostUpdates(for: candidate(0.01), after: [failed]) == 5000)
    for other in [candidate(0.01, seed: 8), candidate(0.01, cell: .lstm), candidate(0.01, length: 20)] {
      #expect(design.mostUpdates(for: other, after: [quick]) == 5000, "\(other)")
    }
  }

  @Test func aCellThatFailsTwiceIsLeftOut() {
    // The plain network solves 10 alone, the LSTM everything but 20.
    let trials = trials(design) { candidate in
      trial(candidate, solved: candidate.cell == .lstm ? candidate.length != 20 : candidate.length == 10)
    }
    #expect(Set(trials.filter { $0.candidate.cell == .rnn }.map(\.candidate.length)) == [10, 20, 40])
    #expect(Set(trials.filter { $0.candidate.cell == .lstm }.map(\.candidate.length)) == Set(design.lengths))
    // One seed of many is enough to go on.
    let lucky = self.trials(design) { trial($0, solved: $0.length == 10 || $0.length == 40 && $0.seed == 9) }
    #expect(Set(lucky.map(\.candidate.length)) == Set(design.lengths))

    var looking = design
    looking.gradientLength = 160
    let seen = self.trials(looking) { trial($0, solved: false) }
    #expect(Set(seen.map(\.candidate.length)) == [10, 20, 160], "gradients are looked at for all cells")
  }

  @Test func rowsAreMedians() throws {
    let trials = trials(design) { candidate in
      let index = Int(candidate.seed) - 7
      if candidate.cell == .rnn {
        return trial(candidate, solved: false, error: index == 1 ? nil : 0.1 + Double(index))
      }
      let norms = (0..<candidate.length).map { Double($0) * [1, 10, 100][index] }
      let gradients = MemoryTrial.Gradients(before: norms, after: norms.map { $0 + 1 })
      return trial(
        candidate, solved: index != 2, updates: 100 + 100 * index + (candidate.learningRate == 0.01 ? 0 : 50),
        error: [0.002, 0.004, 0.3][index], gradients: candidate.length == 20 ? gradients : nil)
    }
    let study = MemoryStudy(design, trials: trials), rows = study.rows
    #expect(study.next == nil && rows.count == 10)
    let lstm = try #require(rows.first { $0.cell == .lstm && $0.length == 20 })
    #expect((lstm.seeds, lstm.solved, lstm.learningRate) == (3, 2, 0.01))
    #expect((lstm.error, lstm.lowestError, lstm.highestError) == (0.008, 0.004, 0.6))
    #expect(lstm.updates == 150)
    let rnn = try #require(rows.first { $0.cell == .rnn && $0.length == 10 })
    #expect((rnn.seeds, rnn.solved, rnn.updates) == (3, 0, nil))
    #expect((rnn.lowestError, rnn.highestError) == (0.2, .infinity))
    let skipped = try #require(rows.first { $0.cell == .rnn && $0.length == 160 })
    #expect((skipped.seeds, skipped.solved) == (0, 0) && skipped.error == nil && skipped.learningRate == nil)
    #expect(
      rows.csv.split(separator: "\n").prefix(5) == [
        "task,cell,length,learning_rate,seeds,solved,error,lowest_error,highest_error,updates",
        "adding,rnn,10,0.001,3,0,4.200000,0.200000,inf,",
        "adding,lstm,10,0.01,3,2,0.008000,0.004000,0.600000,150",
        "adding,rnn,20,0.001,3,0,4.200000,0.200000,inf,",
        "adding,lstm,20,0.01,3,2,0.008000,0.004000,0.600000,150",
      ])
    #expect(rows.csv.contains("\nadding,rnn,160,,0,0,,,,\n"))

    #expect(study.gradients.count == 20, "those of the LSTM at one length")
    let row = study.gradients[3]
    #expect((row.cell, row.length, row.distance, row.before, row.after) == (.lstm, 20, 3, 30, 31))
    #expect(
      study.gradients.csv.split(separator: "\n").prefix(3) == [
        "task,cell,length,distance,before,after", "adding,lstm,20,0,0.000e+00,1.000e+00",
        "adding,lstm,20,1,1.000e+01,1.100e+01",
      ])
  }

  @Test func whatIsReadFromAFileMustBeSound() throws {
    let text = try JSONText.encode(design)
    #expect(try JSONText.decode(MemoryDesign.self, from: text) == design)
    #expect(design.isSound)
    let changes: [(inout MemoryDesign) -> Void] = [
      { $0.tasks = [] }, { $0.cells = [.rnn, .rnn] }, { $0.lengths = [20, 10] }, { $0.lengths = [9, 20] },
      { $0.learningRates = [0] }, { $0.learningRates = [.infinity] }, { $0.seeds = 0 }, { $0.hiddenSize = 0 },
      { $0.batchSize = 0 }, { $0.updates = 0 }, { $0.maxGradientNorm = 0 }, { $0.gradientLength = 30 },
    ]
    for (index, change) in changes.enumerated() {
      var bad = design
      change(&bad)
      #expect(!bad.isSound, "change \(index)")
    }
    let first = try #require(design.next(after: []))
    #expect(design.admits(trial(first, solved: true)))
    func candidate(
      task: MemoryTask = .adding, cell: CellKind = .rnn, length: Int = 20, rate: Float = 0.01, seed: UInt64 = 7
    ) -> MemoryCandidate {
      MemoryCandidate(task: task, cell: cell, length: length, learningRate: rate, seed: seed)
    }
    for bad in [
      candidate(task: .temporalOrder), candidate(cell: .gru), candidate(length: 30), candidate(rate: 0.1),
      candidate(seed: 10),
    ] { #expect(!design.admits(trial(bad, solved: false)), "\(bad)") }
    #expect(!design.admits(trial(first, solved: true, updates: 5001)))
    let short = MemoryTrial.Gradients(before: [1], after: [1])
    #expect(!design.admits(trial(candidate(), solved: true, gradients: short)))
  }
}

import Datasets
import Foundation
import Recurrent
import Tensors
import Testing
import Training

/// Networks that learn from another's answers.
@Suite("Learning from a teacher")
struct TeacherTests {
  private let data = bars(300).sequences()

  private func taught(
    _ teacher: Teacher, _ objective: Objective = .every, share: Float = 1, data: SequenceData? = nil,
    _ change: (inout TrainingPlan) -> Void = { _ in }
  ) throws -> Trainer {
    let plan = smallPlan {
      ($0.objective, $0.teacherShare) = (objective, share)
      change(&$0)
    }
    return try Trainer(plan, data: data ?? self.data, outputs: 3, teacher: teacher)
  }

  /// A teacher that is wrong about every class is believed, in as far as it has a share.
  @Test(arguments: [(share: Float(1), followsTeacher: true), (0.9, true), (0.1, false)])
  func whatIsLearnedIsWhatTheTeacherSays(share: Float, followsTeacher: Bool) throws {
    let images = bars(300)
    let wrong = LabeledImages(
      height: 8, width: 8, pixels: images.pixels, labels: images.labels.map { ($0 + 1) % 3 }
    ).sequences()
    let strayed = try Trainer(smallPlan { ($0.objective, $0.epochs) = (.every, 30) }, data: wrong, outputs: 3)
    while !strayed.isFinished { _ = try strayed.trainEpoch() }
    try #require(strayed.result.evaluate(wrong).accuracy > 0.95)
    let student = try taught(Teacher(strayed.result), share: share) { $0.epochs = 30 }
    while !student.isFinished { _ = try student.trainEpoch() }
    let (asTaught, asLabeled) = (student.result.evaluate(wrong).accuracy, student.result.evaluate(data).accuracy)
    #expect(followsTeacher ? asTaught > 0.9 : asLabeled > 0.9, "\(asTaught), \(asLabeled)")
  }

  /// The first update, from targets that are made by the long way round: for each answer the teacher's probabilities, its
  /// logits divided by the step's temperature, and the smoothed label.
  @Test(arguments: [Objective.last, .every, .weighted, .randomPrefix])
  func theTargetIsAMixture(objective: Objective) throws {
    let teacher = smallModel(.gru), temperatures = (0..<8).map { 0.5 + Float($0) / 4 }
    let share: Float = 0.75, smoothing: Float = 0.1
    func loss(_ temperatures: [Float]?, share: Float, smoothing: Float?) throws -> Double {
      let trainer = try taught(Teacher(teacher, temperatures: temperatures), objective, share: share) {
        ($0.labelSmoothing, $0.batchSize, $0.stepWeights) = (smoothing, 300, .linear)
      }
      return try trainer.trainEpoch().loss
    }
    // The loss of the mixture is the mixture of the losses.
    let whole = try loss(temperatures, share: 1, smoothing: nil)
    let plan = smallPlan {
      ($0.objective, $0.labelSmoothing, $0.batchSize, $0.stepWeights) = (objective, smoothing, 300, .linear)
    }
    let labels = try Trainer(plan, data: data, outputs: 3).trainEpoch().loss
    let mixed = try loss(temperatures, share: share, smoothing: smoothing)
    #expect(abs(mixed - (0.75 * whole + 0.25 * labels)) < 1e-5, "\(mixed), \(whole), \(labels)")
    #expect(abs(whole - labels) > 1e-3, "or else a share could be anything")
    #expect(try abs(loss(nil, share: 1, smoothing: nil) - whole) > 1e-3, "temperatures make a difference")
    if objective == .randomPrefix { return }

    let student = try taught(Teacher(teacher), objective).model
    let batch = data.batch(Array(0..<300))
    let weights = objective == .weighted ? (1...8).map { Double($0) / 36 } : [Double](repeating: 1 / 8, count: 8)
    let own = student.logitsAtEveryStep(batch.sequences).floats.map(Double.init)
    let its = teacher.logitsAtEveryStep(batch.sequences).floats.map(Double.init)
    func probabilities(_ logits: [Double], _ row: Int, temperature: Double) -> [Double] {
      let exponentials = (0..<3).map { exp(logits[row * 3 + $0] / temperature) }
      return exponentials.map { $0 / exponentials.reduce(0, +) }
    }
    var expected = 0.0
    for row in 0..<300 * 8 where objective != .last || row % 8 == 7 {
      let (step, target) = (row % 8, probabilities(its, row, temperature: Double(temperatures[row % 8])))
      let answer = probabilities(own, row, temperature: 1)
      let loss = -zip(target, answer).reduce(0) { $0 + $1.0 * log($1.1) }
      expected += (objective == .last ? 1 : weights[step]) * loss / 300
    }
    #expect(abs(whole - expected) < 1e-5, "\(whole), \(expected)")
  }

  /// Each sequence's temperature is that of its own last step; the last of all counts beyond.
  @Test func temperaturesOfSequencesOfSeveralLengths() throws {
    var random = RandomGenerator(seed: 1)
    let lengths = [2, 5, 3, 4]
    let sequences = LabeledSequences(
      features: 8, lengths: lengths, values: random.normals(count: 8 * 14), targets: .labels(["a", "b", "c", "a"]))
    let target = SequenceTarget.classes(["a", "b", "c"])
    let data = SequenceData(
      sequences, SeriesPreprocessing(fitting: sequences, rows: Array(0..<4), normalizes: true, missing: .refuse),
      target: target, on: .cpu)
    let model = smallModel()
    func loss(_ temperatures: [Float]) throws -> Double {
      try taught(Teacher(model, temperatures: temperatures), .last, data: data) { $0.batchSize = 4 }.trainEpoch().loss
    }
    let even = try loss([1, 1, 1, 1, 1])
    #expect(try loss([9, 1, 1, 1, 1]) == even, "no sequence has one step")
    for step in 1..<5 {
      var temperatures: [Float] = [1, 1, 1, 1, 1]
      temperatures[step] = 9
      #expect(try loss(temperatures) != even, "after \(step + 1) steps")
    }
    #expect(try loss([1, 1, 9]) == loss([1, 1, 9, 9, 9]))
  }

  /// The teacher sees what the network sees, images that are distorted anew and blank rows in front: a network that is its
  /// own teacher has nothing to learn.
  @Test(arguments: [Objective.last, .every, .randomPrefix])
  func theTeacherReadsTheSameBatch(objective: Objective) throws {
    let model = smallModel()
    func moved(by teacher: Teacher) throws -> Float {
      var begun = try taught(teacher, objective) {
        ($0.distortion, $0.blankFront) = (Distortion(shift: 2, rotation: 20), 3)
        ($0.optimizer, $0.learningRate, $0.schedule, $0.maxGradientNorm) = (.sgd, 1, .constant, nil)
        $0.batchSize = 300
      }.checkpoint
      begun.model = model
      let trainer = try Trainer(resuming: begun, data: data, teacher: teacher)
      _ = try trainer.trainEpoch()
      let (before, after) = (model.layers[0].weightHH.floats, trainer.model.layers[0].weightHH.floats)
      return zip(before, after).map { abs($0 - $1) }.max() ?? 0
    }
    #expect(try moved(by: Teacher(model)) < 1e-5)
    #expect(try moved(by: Teacher(model, temperatures: [2])) > 1e-2)
  }

  @Test func threadsChangeNoBit() throws {
    func trained(threads: Int) throws -> [String: [UInt32]] {
      let data = bars(230).sequences(on: Device(threads: threads))
      let teacher = Teacher(try Trainer(smallPlan(), data: data, outputs: 3).model, temperatures: [2])
      let trainer = try taught(teacher, data: data) { ($0.hiddenSize, $0.batchSize) = (96, 100) }
      _ = try trainer.trainEpoch()
      return trainer.model.bits
    }
    let one = try trained(threads: 1)
    #expect(try trained(threads: 3) == one)
  }

  @Test func aRunGoesOnToTheSameBits() throws {
    struct Stop: Error {}
    let teacher = Teacher(smallModel(), temperatures: [0.5])
    let whole = try taught(teacher, share: 0.5)
    while !whole.isFinished { _ = try whole.trainEpoch() }
    let first = try taught(teacher, share: 0.5)
    #expect(throws: Stop.self) { _ = try first.trainEpoch { if $0.batch == 3 { throw Stop() } } }
    let second = try Trainer(resuming: first.checkpoint, data: data, teacher: teacher)
    while !second.isFinished { _ = try second.trainEpoch() }
    #expect(second.model.bits == whole.model.bits)
    #expect(throws: TrainingError.needsTeacher(share: 0.5)) {
      _ = try Trainer(resuming: first.checkpoint, data: data)
    }
    #expect(throws: TrainingError.needsTeacher(share: 0.25)) {
      _ = try Trainer(smallPlan { $0.teacherShare = 0.25 }, data: data, outputs: 3)
    }
  }

  /// With a share of nothing a teacher changes nothing but the order of sums.
  @Test func aShareOfNothing() throws {
    let plain = try Trainer(smallPlan { ($0.objective, $0.labelSmoothing) = (.every, 0.1) }, data: data, outputs: 3)
    let idle = try taught(Teacher(smallModel()), share: 0) { $0.labelSmoothing = 0.1 }
    #expect(try abs(plain.trainEpoch().loss - idle.trainEpoch().loss) < 1e-4)
  }
}

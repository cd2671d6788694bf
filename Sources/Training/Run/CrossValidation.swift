import Datasets
import Recurrent
import Tensors

/// The training sequences in parts of about the same size: for each part a network learns from the others and answers it, so
/// that every sequence is answered by a network that has not learned from it.
///
/// Of a small training set few sequences can be set apart, too few to calibrate probabilities or to choose a rule for
/// stopping early on; these are all of them, and the model itself learns from all of them too.
public struct CrossValidation: Sendable {
  /// The rows of each part, in which each class has its share as closely as whole numbers allow.
  public let parts: [[Int]]

  /// Deals the sequences out.
  ///
  /// - Parameters:
  ///   - count: How many parts, from 2 to the number of sequences.
  ///   - labels: The class of each sequence.
  ///   - seed: Where the order comes from in which they are dealt.
  public init(parts count: Int, labels: [Int], seed: UInt64) {
    precondition(count >= 2 && count <= labels.count, "\(count) parts of \(labels.count) sequences")
    var random = RandomGenerator(seed: seed).stream(.validation)
    let rows = random.permutation(count: labels.count).enumerated()
      .sorted { (labels[$0.element], $0.offset) < (labels[$1.element], $1.offset) }.map(\.element)
    parts = (0..<count).map { part in stride(from: part, to: rows.count, by: count).map { rows[$0] } }
  }

  /// Trains a network for each part, and asks it after every step.
  ///
  /// - Parameters:
  ///   - data: The training set.
  ///   - plan: What each network is trained by; none of its sequences are set apart.
  ///   - classes: The number of classes.
  ///   - afterBatch: Called after every batch with the part, counted from 0, and its network's training; stops all of it if
  ///     it throws.
  /// - Returns: The answers to all sequences, in their order.
  /// - Throws: As `Trainer`, or what `afterBatch` throws.
  public func answers(
    to data: SequenceData, plan: TrainingPlan, classes: Int,
    afterBatch: (_ part: Int, Trainer, TrainingProgress) throws -> Void = { _, _, _ in }
  ) throws -> StepAnswers {
    precondition(
      parts.reduce(0) { $0 + $1.count } == data.count, "the parts of another set than of \(data.count) sequences")
    let size = data.steps * classes
    var logits = [Float](repeating: 0, count: data.count * size)
    for (index, part) in parts.enumerated() {
      let others = Set(0..<data.count).subtracting(part).sorted()
      let trainer = try Trainer(plan, data: data, outputs: classes, learningFrom: others)
      while !trainer.isFinished { _ = try trainer.trainEpoch { try afterBatch(index, trainer, $0) } }
      let answers = trainer.result.answersAfterEveryStep(data, rows: part).logits
      for (place, row) in part.enumerated() {
        logits.replaceSubrange(row * size..<(row + 1) * size, with: answers[place * size..<(place + 1) * size])
      }
    }
    return StepAnswers(logits: logits, labels: data.labels, steps: data.steps, lengths: data.lengths, classes: classes)
  }
}

extension TrainingPlan {
  /// How the training sequences are divided for cross-validation; `nil` if the plan has none.
  ///
  /// - Throws: `TrainingError.tooFewForFolds`, or `.needsClasses` where a number is asked for.
  public func crossValidation(of data: SequenceData) throws(TrainingError) -> CrossValidation? {
    guard let folds else { return nil }
    guard !data.labels.isEmpty else { throw .needsClasses("--folds \(folds)") }
    guard folds <= data.count else { throw .tooFewForFolds(count: data.count, folds: folds) }
    return CrossValidation(parts: folds, labels: data.labels, seed: validationSeed ?? seed)
  }
}

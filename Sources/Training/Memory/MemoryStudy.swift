import Tensors

/// Finds out over how many steps cells remember: trains each on made-up tasks of growing length.
///
/// ```swift
/// var design = MemoryDesign()
/// design.cells = [.rnn, .lstm]
/// var study = MemoryStudy(design)
/// while let candidate = study.next { study.train(candidate) }
/// print(study.rows.csv)
/// ```
public struct MemoryStudy: Sendable {
  /// What is compared.
  public let design: MemoryDesign
  /// What has been trained so far.
  public private(set) var trials: [MemoryTrial]
  private let device: Device

  /// A study at its beginning, or one that goes on after `trials`.
  ///
  /// - Precondition: Lists in the design are not empty and have no value twice, lengths ascend and are long enough, numbers
  ///   are above 0.
  public init(_ design: MemoryDesign, trials: [MemoryTrial] = [], on device: Device = .cpu) {
    precondition(design.isSound && trials.allSatisfy(design.admits), "a study that cannot be carried out: \(design)")
    self.design = design
    self.trials = trials
    self.device = device
  }

  /// The network to be trained next; `nil` when the study is complete.
  public var next: MemoryCandidate? { design.next(after: trials) }

  /// Trains a candidate.
  ///
  /// - Parameters:
  ///   - candidate: What `next` says.
  ///   - afterUpdate: Called after every update. If it throws, training stops there and nothing is kept of it.
  /// - Returns: The trial, which is the last of `trials` now.
  @discardableResult
  public mutating func train(
    _ candidate: MemoryCandidate, afterUpdate: (MemoryTrainer) throws -> Void
  ) rethrows -> MemoryTrial {
    var trainer = MemoryTrainer(
      candidate, of: design, atMost: design.mostUpdates(for: candidate, after: trials), on: device)
    while !trainer.isFinished {
      trainer.update()
      try afterUpdate(trainer)
    }
    let trial = trainer.trial()
    trials.append(trial)
    return trial
  }

  /// The same, not to be stopped.
  @discardableResult
  public mutating func train(_ candidate: MemoryCandidate) -> MemoryTrial { train(candidate) { _ in } }

  /// What the trials so far come to: a row for each task, length and cell.
  public var rows: [MemoryRow] {
    design.tasks.flatMap { task in
      design.lengths.flatMap { length in
        design.cells.map { MemoryRow(task, $0, length, design.chosenTrials($0, task, length, among: trials)) }
      }
    }
  }

  /// How the gradients of the inputs fall with the distance from the end, where that was looked at.
  public var gradients: [InputGradientRow] {
    design.tasks.flatMap { task in
      design.cells.flatMap { cell -> [InputGradientRow] in
        let length = design.gradientLength
        let seen = design.chosenTrials(cell, task, length, among: trials).compactMap(\.gradients)
        guard !seen.isEmpty else { return [] }
        return (0..<length).map { distance in
          InputGradientRow(
            task: task, cell: cell, length: length, distance: distance,
            before: median(seen.map { $0.before[distance] }), after: median(seen.map { $0.after[distance] }))
        }
      }
    }
  }
}

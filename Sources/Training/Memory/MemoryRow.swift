import Foundation
import Tensors

/// How well a cell remembers over a number of steps.
public struct MemoryRow: Sendable, Equatable, Encodable {
  /// What it was trained for.
  public let task: MemoryTask
  /// Steps of the sequences.
  public let length: Int
  /// The cell.
  public let cell: CellKind
  /// The learning rate that did best. `nil`: the cell was not tried, for it had failed at the two lengths before.
  public let learningRate: Float?
  /// With how many seeds it was trained with that rate.
  public let seeds: Int
  /// With how many of them it solved the task.
  public let solved: Int
  /// The median over the seeds of the error on the test sequences, and its lowest and highest value. Infinite where training
  /// diverged. `nil`: not tried.
  public let error, lowestError, highestError: Double?
  /// The median number of updates of the seeds that solved the task. `nil`: none has.
  public let updates: Double?

  enum CodingKeys: String, CodingKey {
    case task, length, cell, seeds, solved, error, updates
    case learningRate = "learning_rate"
    case lowestError = "lowest_error"
    case highestError = "highest_error"
  }

  /// The row of the trials with the learning rate that was chosen, which may be none.
  init(_ task: MemoryTask, _ cell: CellKind, _ length: Int, _ trials: [MemoryTrial]) {
    self.task = task
    self.length = length
    self.cell = cell
    learningRate = trials.first?.candidate.learningRate
    seeds = trials.count
    let successes = trials.filter(\.isSolved), errors = trials.map { $0.test ?? .infinity }
    solved = successes.count
    error = errors.isEmpty ? nil : median(errors)
    lowestError = errors.min()
    highestError = errors.max()
    updates = successes.isEmpty ? nil : median(successes.map { Double($0.updates) })
  }
}

extension [MemoryRow] {
  /// A table with a row for each task, length and cell; what there is not is left empty.
  public var csv: String {
    func text(_ value: Double?, _ format: String) -> String { value.map { String(format: format, $0) } ?? "" }
    let header = "task,cell,length,learning_rate,seeds,solved,error,lowest_error,highest_error,updates\n"
    return reduce(into: header) { csv, row in
      let cells =
        [row.task.rawValue, row.cell.rawValue, "\(row.length)", row.learningRate.map { "\($0)" } ?? "", "\(row.seeds)"]
        + ["\(row.solved)"] + [row.error, row.lowestError, row.highestError].map { text($0, "%.6f") }
        + [text(row.updates, "%.0f")]
      csv += cells.joined(separator: ",") + "\n"
    }
  }
}

import Foundation
import Unroll

/// Accuracies by number of steps from elsewhere: a CSV file with the columns `step` and `accuracy`, such as `steps.csv` of
/// a run or what `Benchmarks/specialists` writes. Other columns are passed over.
struct AccuracyTable {
  /// What the file is called, without its ending.
  let name: String
  /// The share of right answers, 0…1, by number of steps.
  let accuracies: [Int: Double]

  /// Reads the file at `path`.
  ///
  /// - Throws: `FileError` if it cannot be read, `InputError.unfit` if it is something else.
  init(contentsOf path: String) throws {
    let table = try CSVTable(contentsOf: path, columns: ["step", "accuracy"])
    var accuracies: [Int: Double] = [:]
    let rows = try table.rows(of: Row.self, expected: "a step from 1 on and an accuracy from 0 to 1") { _, row in
      row.step >= 1 && (0...1).contains(row.accuracy)
    }
    for (row, line) in zip(rows, table.lines) {
      guard accuracies.updateValue(row.accuracy, forKey: row.step) == nil else {
        throw table.flaw(in: line, expected: "one accuracy for step \(row.step), and there is one above")
      }
    }
    name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    self.accuracies = accuracies
  }

  private struct Row: Decodable {
    let step: Int
    let accuracy: Double
  }
}

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
    let text = try readText(path)
    let lines = text.split(whereSeparator: \.isNewline).map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }
    guard let header = lines.first, let step = header.firstIndex(of: "step"),
      let accuracy = header.firstIndex(of: "accuracy")
    else {
      throw InputError.unfit("\(path): no header with the columns step and accuracy, such as: step,accuracy")
    }
    var accuracies: [Int: Double] = [:]
    for (number, cells) in lines.enumerated().dropFirst() {
      guard cells.count == header.count, let step = Int(cells[step]), step >= 1, let accuracy = Double(cells[accuracy]),
        (0...1).contains(accuracy)
      else {
        throw InputError.unfit(
          "\(path): row \(number) is \(cells.joined(separator: ",")); expected a step from 1 on and an accuracy from 0 to 1"
        )
      }
      guard accuracies.updateValue(accuracy, forKey: step) == nil else {
        throw InputError.unfit("\(path): row \(number) gives an accuracy for step \(step) again")
      }
    }
    name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    self.accuracies = accuracies
  }
}

import Foundation
import Tensors
import _Differentiation

extension MemoryNetwork {
  /// How much the loss of a sequence would change with each of its steps: ‖∂loss/∂xₜ‖, the Euclidean norm over the features,
  /// averaged over the sequences. Where it falls exponentially with the distance from the end, training cannot find what
  /// lies there: the vanishing gradient (Hochreiter 1991; Bengio, Simard & Frasconi 1994).
  ///
  /// - Parameters:
  ///   - sequences: What is read.
  ///   - task: Whose loss is meant.
  /// - Returns: A norm for each distance from the end: the last step's first, the first step's last.
  public func inputGradientNorms(on sequences: MemorySequences, of task: MemoryTask) -> [Double] {
    let (count, steps, features) = (sequences.count, sequences.inputs.shape[1], sequences.inputs.shape[2])
    // The sum of the losses, so that each sequence has the gradient of its own.
    let gradient = Tensors.gradient(at: sequences.inputs) { inputs in
      task.loss(self(inputs), targets: sequences.targets, reduction: .sum)
    }.floats
    return (0..<steps).reversed().map { step in
      let norms = (0..<count).map { sequence in
        let first = (sequence * steps + step) * features
        return gradient[first..<first + features].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      }
      return norms.reduce(0, +) / Double(count)
    }
  }
}

/// How much the loss would change with the steps at a distance from the end, before and after a cell was trained for a task.
public struct InputGradientRow: Sendable, Equatable, Encodable {
  /// What the network was trained for.
  public let task: MemoryTask
  /// The recurrent layer's kind.
  public let cell: CellKind
  /// Steps of the sequences.
  public let length: Int
  /// Steps between this one and the last: 0 for the last itself.
  public let distance: Int
  /// The norm of the gradient with random weights, and after training; medians over the seeds.
  public let before, after: Double
}

extension [InputGradientRow] {
  /// A table with a row for each task, cell and distance, numbers with four digits.
  public var csv: String {
    reduce(into: "task,cell,length,distance,before,after\n") { text, row in
      let norms = [row.before, row.after].map { String(format: "%.3e", $0) }.joined(separator: ",")
      text += "\(row.task.rawValue),\(row.cell.rawValue),\(row.length),\(row.distance),\(norms)\n"
    }
  }
}

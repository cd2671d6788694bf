import Foundation
import Tensors
import _Differentiation

extension OpCase {
  /// Softmax and cross-entropy.
  static var losses: [OpCase] {
    let logits: [(String, Operand)] =
      [[1, 1], [1, 10], [3, 5], [17, 2], [3, 33], [600, 10]].map { ("\($0)", Operand("logits", $0, scale: 3)) }
      + [
        ("a transposed view", Operand("logits", [4, 5], layout: .transposed)),
        ("extreme logits", Operand("logits", [4, 5], values: extremes)),
      ]
    return logits.flatMap { name, operand in
      [OpCase("softmax of \(name)", [operand], op: { [softmax($0[0])] }, reference: { [softmaxReference($0[0])] })]
        + [Reduction.mean, .sum, .none].map { crossEntropyCase(name, operand, $0) }
    }
  }

  /// Likely and unlikely labels, ties, and logits whose exponentials overflow.
  private static let extremes: [Float] = [
    80, -80, 0, 1, -1, -80, -80, -80, -80, -79, 1e4, 0, -1e4, 9999, 1, 1e4, 1e4, 1e4, 1e4, 1e4,
  ]

  private static func crossEntropyCase(_ name: String, _ logits: Operand, _ reduction: Reduction) -> OpCase {
    let (rows, classes) = (logits.shape[0], logits.shape[1])
    let labels = (0..<rows).map { Int32($0 * 7 % classes) }
    return OpCase(
      "cross-entropy of \(name), reduced: \(reduction)", [logits],
      op: { operands in
        let labels = withoutDerivative(at: Tensor(labels, on: operands[0].device))
        return [softmaxCrossEntropy(logits: operands[0], labels: labels, reduction: reduction)]
      },
      reference: { operands in
        let losses = crossEntropies(operands[0], labels)
        let total = losses.reduce(0, +)
        switch reduction {
        case .none: return [Doubles([rows], losses)]
        case .sum: return [Doubles([], [total])]
        case .mean: return [Doubles([], [total / Double(rows)])]
        }
      })
  }

  private static func softmaxReference(_ logits: Doubles) -> Doubles {
    let rows = rows(of: logits).flatMap { row in
      let exponentials = shifted(row).map { exp($0) }, sum = exponentials.reduce(0, +)
      return exponentials.map { $0 / sum }
    }
    return Doubles(logits.shape, rows)
  }

  private static func crossEntropies(_ logits: Doubles, _ labels: [Int32]) -> [Double] {
    zip(rows(of: logits), labels).map { row, label in
      let shifted = shifted(row)
      return log(shifted.reduce(0) { $0 + exp($1) }) - shifted[Int(label)]
    }
  }

  private static func rows(of matrix: Doubles) -> [[Double]] {
    (0..<matrix.shape[0]).map { row in (0..<matrix.shape[1]).map { matrix[row, $0] } }
  }

  /// A row less its largest element.
  private static func shifted(_ row: [Double]) -> [Double] {
    let largest = row.reduce(-.infinity, max)
    return row.map { $0 - largest }
  }
}

import Foundation
import Tensors
import _Differentiation

extension OpCase {
  /// Nonlinearities element by element. Errors in units of the last place are in the tests; these are relative to all
  /// elements.
  static var activations: [OpCase] {
    let counts = [1, 15, 17, 49_155]
    let ranges: [(String, [Float])] = [
      ("small numbers", (-50...50).map { Float($0) * 1e-3 }),
      ("-100 to 100", (-200...200).map { Float($0) / 2 }),
    ]
    let operands =
      counts.map { ("[\($0)]", Operand("x", [$0], scale: 2)) }
      + ranges.map { ($0, Operand("x", [$1.count], values: $1)) }
      + [("a transposed view", Operand("x", [3, 5], layout: .transposed))]
    return operands.flatMap { name, operand in
      [
        OpCase("sigmoid of \(name)", [operand], op: { [sigmoid($0[0])] }, reference: { [$0[0].map(logistic)] }),
        OpCase(
          "tanh of \(name)", [operand], op: { [Tensors.tanh($0[0])] }, reference: { [$0[0].map(Foundation.tanh)] }),
      ]
    } + rectifications
  }

  /// Not at 0, where a central difference takes the mean of both slopes.
  private static var rectifications: [OpCase] {
    [1, 15, 17, 49_155].map { count in
      let values = (0..<count).map { (Float($0 % 100) - 50.5) / 7 }
      return OpCase(
        "relu of [\(count)]", [Operand("x", [count], values: values)], op: { [relu($0[0])] },
        reference: { [$0[0].map { max(0, $0) }] })
    }
  }

  private static func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}

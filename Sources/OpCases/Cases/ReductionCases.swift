import Tensors
import _Differentiation

extension OpCase {
  /// Sums and means.
  static var reductions: [OpCase] {
    let whole: [OpCase] = [[], [1], [7], [3, 5], [2, 3, 4]].flatMap { (shape: [Int]) in
      let operands = [Operand("a", shape, layout: shape.isEmpty ? .dense : .window)]
      return [
        OpCase("sum of \(shape)", operands, op: { [$0[0].sum()] }, reference: { [Doubles([], [sum($0[0])])] }),
        OpCase(
          "mean of \(shape)", operands, op: { [$0[0].mean()] },
          reference: { [Doubles([], [sum($0[0]) / Double($0[0].elements.count)])] }),
      ]
    }
    let axes: [([Int], Int)] = [
      ([5], 0), ([3, 5], 0), ([3, 5], 1), ([2, 3, 4], 0), ([2, 3, 4], 1), ([2, 3, 4], 2),
    ]
    return whole
      + axes.flatMap { shape, axis in
        [Operand.Layout.dense, .window].map { layout in
          OpCase(
            "sum of \(shape) \(layout) along axis \(axis)", [Operand("a", shape, layout: layout)],
            op: { [$0[0].sum(alongAxis: axis)] }, reference: { [sum($0[0], alongAxis: axis)] })
        }
      } + [
        OpCase(
          // Three hundred roundings, one after the other, of sums that grow to 17.
          "sum of [300, 401] along axis 0", [Operand("a", [300, 401])], valueTolerance: 1e-6,
          op: { [$0[0].sum(alongAxis: 0)] },
          reference: { [sum($0[0], alongAxis: 0)] })
      ]
  }

  private static func sum(_ a: Doubles) -> Double { a.elements.reduce(0, +) }

  private static func sum(_ a: Doubles, alongAxis axis: Int) -> Doubles {
    var rest = a.shape
    rest.remove(at: axis)
    return Doubles(rest) { index in
      (0..<a.shape[axis]).reduce(0) { $0 + a[index[..<axis] + [$1] + index[axis...]] }
    }
  }
}

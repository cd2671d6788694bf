import Tensors
import _Differentiation

extension OpCase {
  /// Sums, differences and products, of equal shapes and broadcast in every way that they can be.
  static var arithmetic: [OpCase] {
    let shapes: [([Int], [Int])] = [
      ([7], [7]), ([], [3]), ([3], []), ([2, 3], [3]), ([2, 1], [1, 5]), ([4, 1, 3], [2, 1]), ([1, 1], [2, 3, 4]),
      ([3, 5], [3, 5]),
    ]
    let small = shapes.flatMap { a, b in
      [
        OpCase("\(a) + \(b)", pair(a, b), op: { [$0[0] + $0[1]] }, reference: { [broadcast($0, +)] }),
        OpCase("\(a) - \(b)", pair(a, b), op: { [$0[0] - $0[1]] }, reference: { [broadcast($0, -)] }),
        OpCase("\(a) * \(b)", pair(a, b), op: { [$0[0] * $0[1]] }, reference: { [broadcast($0, *)] }),
      ]
    }
    return small + [
      OpCase(
        "views: transposed * window",
        [Operand("a", [4, 6], layout: .transposed), Operand("b", [4, 6], layout: .window)],
        op: { [$0[0] * $0[1]] }, reference: { [broadcast($0, *)] }),
      OpCase(
        "a shared by both operands", [Operand("a", [5])], op: { [$0[0] * $0[0] - $0[0]] },
        reference: { [$0[0].map { $0 * $0 - $0 }] }),
      OpCase(
        "[3, 4] scaled", [Operand("a", [3, 4], layout: .window)], op: { [$0[0].scaled(by: -2.5)] },
        reference: { [$0[0].map { -2.5 * $0 }] }),
      // Enough elements that three threads share them, and no whole number of vectors.
      OpCase(
        "[49_155] * [49_155]", pair([49_155], [49_155]), op: { [$0[0] * $0[1] + $0[0]] },
        reference: { [Doubles($0[0].shape, zip($0[0].elements, $0[1].elements).map { $0 * $1 + $0 })] }),
    ]
  }

  private static func pair(_ a: [Int], _ b: [Int]) -> [Operand] { [Operand("a", a), Operand("b", b)] }

  private static func broadcast(_ operands: [Doubles], _ combine: (Double, Double) -> Double) -> Doubles {
    let (a, b) = (operands[0], operands[1])
    let rank = max(a.shape.count, b.shape.count)
    func padded(_ shape: [Int]) -> [Int] { [Int](repeating: 1, count: rank - shape.count) + shape }
    return Doubles(zip(padded(a.shape), padded(b.shape)).map(max)) {
      combine(a[broadcast: $0], b[broadcast: $0])
    }
  }
}

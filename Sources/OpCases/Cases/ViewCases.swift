import Tensors
import _Differentiation

extension OpCase {
  /// Reshaping, transposing, slicing, selecting, stacking and joining.
  static var views: [OpCase] {
    let layouts: [Operand.Layout] = [.dense, .window]
    return layouts.flatMap { layout in
      let matrix = Operand("a", [4, 6], layout: layout), cube = Operand("a", [2, 3, 4], layout: layout)
      return [
        OpCase(
          "reshaped \(layout)", [matrix], op: { [$0[0].reshaped(to: [3, 8])] },
          reference: { [Doubles([3, 8], $0[0].elements)] }),
        OpCase(
          "transposed, then reshaped \(layout)", [matrix], op: { [$0[0].transposed().reshaped(to: [24])] },
          reference: { [Doubles([24], transpose($0[0]).elements)] }),
        OpCase(
          "transposed \(layout)", [matrix], op: { [$0[0].transposed()] }, reference: { [transpose($0[0])] }),
        OpCase(
          "sliced rows \(layout)", [cube], op: { [$0[0].sliced(alongAxis: 0, 1..<2)] },
          reference: { operands in [Doubles([1, 3, 4]) { operands[0][$0[0] + 1, $0[1], $0[2]] }] }),
        OpCase(
          "sliced columns \(layout)", [cube], op: { [$0[0].sliced(alongAxis: 2, 1..<3)] },
          reference: { operands in [Doubles([2, 3, 2]) { operands[0][$0[0], $0[1], $0[2] + 1] }] }),
        OpCase(
          "selected \(layout)", [cube], op: { [$0[0].selected(2, alongAxis: 1)] },
          reference: { operands in [Doubles([2, 4]) { operands[0][$0[0], 2, $0[1]] }] }),
      ] + (0...2).map { stackCase(alongAxis: $0, layout) }
    } + [overlap]
      + layouts.map { layout in
        OpCase(
          "joined \(layout)", [Operand("a", [5], layout: layout), Operand("b", [3], layout: layout)],
          op: { [joined($0[0], $0[1])] }, reference: { [Doubles([8], $0[0].elements + $0[1].elements)] })
      }
  }

  private static func stackCase(alongAxis axis: Int, _ layout: Operand.Layout) -> OpCase {
    OpCase(
      "stack along axis \(axis) \(layout)",
      ["a", "b", "c"].map { Operand($0, [2, 4], layout: layout) }, op: { [Tensor.stack($0, alongAxis: axis)] },
      reference: { operands in
        var shape = [2, 4]
        shape.insert(3, at: axis)
        return [
          Doubles(shape) { index in
            var rest = index
            return operands[rest.remove(at: axis)][rest]
          }
        ]
      })
  }

  /// What two slices have in common gets both their gradients.
  private static var overlap: OpCase {
    OpCase(
      "slices that overlap", [Operand("a", [6])],
      op: { [$0[0].sliced(alongAxis: 0, 0..<4) + $0[0].sliced(alongAxis: 0, 2..<6)] },
      reference: { operands in [Doubles([4]) { operands[0][$0[0]] + operands[0][$0[0] + 2] }] })
  }

  private static func transpose(_ a: Doubles) -> Doubles { Doubles(a.shape.reversed()) { a[$0[1], $0[0]] } }
}

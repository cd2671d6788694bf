import Tensors
import _Differentiation

extension OpCase {
  /// Masks on rows and on sequences, and layer normalization.
  static var normalizations: [OpCase] { masks + layerNorms }

  // MARK: Masks

  private static var masks: [OpCase] {
    let shapes: [([Int], Operand.Layout)] = [
      ([1, 1], .dense), ([3, 17], .dense), ([3, 17], .window), ([17, 3], .transposed), ([3, 4, 5], .dense),
      ([3, 4, 5], .timeMajor), ([3, 4, 5], .window), ([1, 3, 130], .timeMajor), ([3, 1, 17], .timeMajor),
      // Enough that three threads share them.
      ([67, 28, 33], .timeMajor), ([400, 130], .dense),
    ]
    return shapes.flatMap { shape, layout in
      [Operand.Layout.dense, .transposed, .window].map { maskLayout in
        let mask = Operand("mask", [shape[0], shape[shape.count - 1]], layout: maskLayout, isConstant: true)
        return OpCase(
          "\(shape) \(layout) scaled by a mask \(maskLayout)", [Operand("states", shape, layout: layout), mask],
          op: { [$0[0].scaled(byMask: withoutDerivative(at: $0[1]))] },
          reference: { operands in
            [Doubles(shape) { operands[0][$0] * operands[1][$0[0], $0[$0.count - 1]] }]
          })
      }
    } + [
      // The cotangent of a sum repeats one number, its rows no distance apart.
      OpCase(
        "the sum of a sequence scaled by a mask",
        [Operand("states", [3, 4, 5], layout: .timeMajor), Operand("mask", [3, 5], isConstant: true)],
        op: { [$0[0].scaled(byMask: withoutDerivative(at: $0[1])).sum(alongAxis: 0).sum(alongAxis: 0)] },
        reference: { operands in
          [
            Doubles([5]) { index in
              (0..<12).reduce(0) { $0 + operands[0][$1 / 4, $1 % 4, index[0]] * operands[1][$1 / 4, index[0]] }
            }
          ]
        }),
      // A recurrent layer's rows lie further apart than they are long.
      OpCase(
        "rows further apart than they are long, scaled by two masks",
        [Operand("states", [3, 4, 7], layout: .timeMajor), Operand("mask", [3, 5], isConstant: true)],
        op: { operands in
          let states = operands[0].sliced(alongAxis: 2, 1..<6).scaled(byMask: withoutDerivative(at: operands[1]))
          return [states.scaled(byMask: withoutDerivative(at: operands[1]))]
        },
        reference: { operands in
          [
            Doubles([3, 4, 5]) { index in
              let factor = operands[1][index[0], index[2]]
              return operands[0][index[0], index[1], index[2] + 1] * factor * factor
            }
          ]
        }),
    ]
  }

  // MARK: Layer normalization

  private static var layerNorms: [OpCase] {
    let shapes: [([Int], Operand.Layout)] = [
      ([1, 3], .dense), ([3, 17], .window), ([4, 5], .transposed), ([17, 130], .dense), ([130, 512], .dense),
    ]
    return shapes.map { shape, layout in
      layerNormCase("\(shape) \(layout)", Operand("input", shape, scale: 3, layout: layout))
    } + [
      layerNormCase("rows far from zero", Operand("input", [3, 40], values: far), tolerance: 1e-4),
      // Of rows that are constant, or of one feature, nothing is left.
      OpCase(
        "layer normalization of constant rows",
        [Operand("weight", [3]), Operand("bias", [3])],
        op: { operands in
          let input = withoutDerivative(at: Tensor(repeating: 7, shape: [4, 3], on: operands[0].device))
          return [layerNorm(input, weight: operands[0], bias: operands[1])]
        },
        reference: { operands in [Doubles([4, 3]) { operands[1][$0[1]] }] }),
      OpCase(
        "layer normalization of the symbolic zero", [Operand("weight", [5]), Operand("bias", [5])],
        op: { [layerNorm(.zero, weight: $0[0], bias: $0[1])] }, reference: { [$0[1]] }),
    ]
  }

  /// Numbers around 100: what a mean of squares would lose in single precision.
  private static let far = normals([3, 40], for: "far").map { $0 + 100 }

  private static func layerNormCase(_ name: String, _ input: Operand, tolerance: Double = 2e-6) -> OpCase {
    let features = input.shape[1]
    return OpCase(
      "layer normalization of \(name)",
      [input, Operand("weight", [features], layout: .window), Operand("bias", [features], layout: .window)],
      valueTolerance: tolerance, gradientTolerance: 2 * tolerance,
      op: { [layerNorm($0[0], weight: $0[1], bias: $0[2])] },
      reference: { operands in
        let normalized = normalizedRows(of: operands[0], epsilon: Double(Float(1e-5)))
        return [Doubles(normalized.shape) { normalized[$0] * operands[1][$0[1]] + operands[2][$0[1]] }]
      })
  }

  /// Each row less its mean, over the root of its variance plus `epsilon`.
  private static func normalizedRows(of matrix: Doubles, epsilon: Double) -> Doubles {
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    return Doubles(
      matrix.shape,
      (0..<rows).flatMap { row in
        let values = (0..<columns).map { matrix[row, $0] }
        let mean = values.reduce(0, +) / Double(columns)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
        return values.map { ($0 - mean) / (variance + epsilon).squareRoot() }
      })
  }
}

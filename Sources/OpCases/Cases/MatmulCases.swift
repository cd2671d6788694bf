import CKernels
import Tensors
import _Differentiation

extension OpCase {
  /// Matrix products and linear layers, with views in every order of memory.
  ///
  /// A product of inner size K sums K roundings of 2⁻²⁴ that partly cancel: up to √130 · 6e-8 here.
  static var matmuls: [OpCase] {
    let layouts: [Operand.Layout] = [.dense, .transposed, .window]
    let views = layouts.flatMap { a in layouts.map { b in matmulCase(5, 7, 9, a, b) } }
    // The last ones: panels of one and two vectors, and factors that are read where they lie.
    let sizes = [
      (1, 1, 1), (1, 130, 1), (130, 1, 3), (6, 17, 49), (3, 128, 10), (130, 130, 130), (20, 30, 16), (20, 30, 32),
      (20, 30, 74), (10, 300, 128), (12, 5, 64), (13, 5, 64),
    ]
    return views + sizes.map { matmulCase($0, $1, $2, .dense, .dense) } + linears + foldedLinears
  }

  private static func matmulCase(
    _ rows: Int, _ inner: Int, _ columns: Int, _ a: Operand.Layout, _ b: Operand.Layout
  ) -> OpCase {
    OpCase(
      "matmul [\(rows), \(inner)] \(a) · [\(inner), \(columns)] \(b)",
      [Operand("a", [rows, inner], layout: a), Operand("b", [inner, columns], layout: b)],
      op: { [matmul($0[0], $0[1])] },
      reference: { operands in [product(operands[0], operands[1])] })
  }

  private static func product(_ a: Doubles, _ b: Doubles) -> Doubles {
    let (rows, inner, columns) = (a.shape[0], a.shape[1], b.shape[1])
    var result = [Double](repeating: 0, count: rows * columns)
    unroll_reference_multiply_double(
      Int64(rows), Int64(columns), Int64(inner), a.elements, b.elements, &result)
    return Doubles([rows, columns], result)
  }

  // MARK: Linear

  private static var linears: [OpCase] {
    let inputs: [([Int], Operand.Layout)] = [
      ([4, 5], .dense), ([4, 5], .transposed), ([4, 5], .window), ([1, 1], .dense),
      ([3, 2, 5], .dense), ([3, 2, 5], .timeMajor), ([3, 2, 5], .window), ([1, 4, 5], .timeMajor), ([3, 1, 5], .dense),
      ([17, 6, 128], .timeMajor), ([40, 28, 128], .timeMajor),
    ]
    return inputs.flatMap { shape, layout in
      let operands = linearOperands(Operand("input", shape, layout: layout), outputs: 7)
      return [
        OpCase(
          "linear of \(shape) \(layout)", operands, op: { [linear($0[0], weight: $0[1], bias: $0[2])] },
          reference: linearReference),
        OpCase(
          "linear of constant \(shape) \(layout)",
          linearOperands(Operand("input", shape, layout: layout, isConstant: true), outputs: 7),
          op: { [linear(withoutDerivative(at: $0[0]), weight: $0[1], bias: $0[2])] }, reference: linearReference),
      ]
    } + [
      // The cotangent comes in the result's own order, which need not be the input's.
      OpCase(
        "linear of time-major input, one step used",
        linearOperands(Operand("input", [3, 4, 5], layout: .timeMajor), outputs: 2),
        op: { [linear($0[0], weight: $0[1], bias: $0[2]).selected(3, alongAxis: 1)] },
        reference: { operands in
          let every = linearReference(operands)[0]
          return [Doubles([3, 2]) { every[$0[0], 3, $0[1]] }]
        })
    ]
  }

  private static func linearOperands(_ input: Operand, outputs: Int) -> [Operand] {
    let inputs = input.shape[input.shape.count - 1]
    return [
      input, Operand("weight", [outputs, inputs], layout: .window), Operand("bias", [outputs], layout: .window),
    ]
  }

  private static func linearReference(_ operands: [Doubles]) -> [Doubles] {
    let (input, weight, bias) = (operands[0], operands[1], operands[2])
    let transposed = Doubles(weight.shape.reversed()) { weight[$0[1], $0[0]] }
    let rows = Doubles([input.elements.count / weight.shape[1], weight.shape[1]], input.elements)
    let products = product(rows, transposed)
    let sums = Doubles(products.shape) { products[$0] + bias[$0[1]] }
    return [Doubles(input.shape.dropLast() + [weight.shape[0]], sums.elements)]
  }

  /// With biases of the gates alone, and with one more part, as a GRU has it.
  private static var foldedLinears: [OpCase] {
    [(1, 1, 1, 0), (28, 5, 12, 4), (3, 17, 20, 0), (28, 130, 131, 7)].map { inputs, inner, outputs, more in
      OpCase(
        "folded linear \(inputs)→\(inner) in \(inner)→\(outputs), \(more) more biases",
        [
          Operand("weight", [inner, inputs], layout: .window), Operand("bias", [inner]),
          Operand("outer weight", [outputs, inner], layout: .transposed),
          Operand("outer bias", [outputs + more], layout: .window),
        ],
        op: {
          let folded = foldedLinear(weight: $0[0], bias: $0[1], outerWeight: $0[2], outerBias: $0[3])
          return [folded.weight, folded.bias]
        },
        reference: { operands in
          let (bias, outerBias) = (Doubles([operands[1].shape[0], 1], operands[1].elements), operands[3])
          let added = product(operands[2], bias)
          return [
            product(operands[2], operands[0]),
            Doubles(outerBias.shape) { $0[0] < added.shape[0] ? outerBias[$0[0]] + added[$0[0], 0] : outerBias[$0[0]] },
          ]
        })
    }
  }
}

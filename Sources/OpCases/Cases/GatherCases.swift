import Tensors

extension OpCase {
  /// Bytes gathered into sequences: rows, columns, single pixels, a part of each item, and in an order of their own.
  static var gathers: [OpCase] {
    let layouts: [(String, SequenceLayout)] = [
      ("rows", SequenceLayout(steps: 4, features: 6, stepStride: 6, featureStride: 1)),
      ("columns", SequenceLayout(steps: 6, features: 4, stepStride: 1, featureStride: 6)),
      ("pixels", SequenceLayout(steps: 24, features: 1, stepStride: 1, featureStride: 1)),
      ("the whole item at once", SequenceLayout(steps: 1, features: 24, stepStride: 0, featureStride: 1)),
      ("every other pixel of two rows", SequenceLayout(steps: 2, features: 3, stepStride: 6, featureStride: 2)),
      ("listed bytes and blanks", SequenceLayout(features: 3, positions: [23, nil, 0, 7, 7, 12, nil, nil, 1])),
    ]
    let rows: [[Int32]] = [[0], [4, 0, 2], [1, 1, 3, 0, 4, 2, 3]]
    return layouts.flatMap { name, layout in rows.map { gatherCase(name, layout, rows: $0) } }
      + [[2], [0, 1, 2, 3], [3, 3, 0]].flatMap { rows in [1, 3].map { seriesCase(rows: rows, features: $0) } }
  }

  /// Sequences of several lengths.
  private static func seriesCase(rows: [Int], features: Int) -> OpCase {
    let ends = [2, 3, 9, 13], total = 13
    let values = (0..<total * features).map { Float($0) * 0.5 - 3 }
    let ranges = rows.map { ($0 == 0 ? 0 : ends[$0 - 1])..<ends[$0] }, steps = ranges.map(\.count).max() ?? 0
    return OpCase(
      "gather sequences \(rows) of \(features) features",
      results: { device in
        let batch = gatherSequences(from: Tensor(values, shape: [total, features], on: device), ranges: ranges)
        return [OpResult("shape", batch.shape.map(Float.init)), OpResult("value", batch.floats)]
      },
      expectations: {
        let expected = Doubles([rows.count, steps, features]) { index in
          let range = ranges[index[0]]
          return index[1] < range.count ? Double(values[(range.lowerBound + index[1]) * features + index[2]]) : 0
        }
        return [
          Expectation(expected.shape.map(Double.init), tolerance: 0), Expectation(expected.elements, tolerance: 0),
        ]
      })
  }

  private static func gatherCase(_ name: String, _ layout: SequenceLayout, rows: [Int32]) -> OpCase {
    let items = 5, size = 24, scale: Float = 1 / 255, shift: Float = -0.5
    let bytes = (0..<items * size).map { UInt8($0 * 37 % 256) }
    return OpCase(
      "gather \(name) of items \(rows)",
      results: { device in
        let batch = gatherSequences(
          from: Tensor(bytes, shape: [items, size], on: device), rows: rows, layout: layout, scale: scale, shift: shift)
        return [OpResult("shape", batch.shape.map(Float.init)), OpResult("value", batch.floats)]
      },
      expectations: {
        let expected = Doubles([rows.count, layout.steps, layout.features]) { index in
          let byte = layout.position(step: index[1], feature: index[2]).map { bytes[Int(rows[index[0]]) * size + $0] }
          return Double(scale) * Double(byte ?? 0) + Double(shift)
        }
        return [
          Expectation(expected.shape.map(Double.init), tolerance: 0), Expectation(expected.elements, tolerance: 1e-7),
        ]
      })
  }
}

import Foundation
import Tensors
import _Differentiation

extension OpCase {
  /// Softmax, cross-entropy and squared error.
  static var losses: [OpCase] {
    let logits: [(String, Operand)] =
      ([[1, 1], [1, 10], [3, 5], [17, 2], [3, 33], [600, 10]] + whereVectorsEnd).map {
        ("\($0)", Operand("logits", $0, scale: 3))
      }
      + [
        ("a transposed view", Operand("logits", [4, 5], layout: .transposed)),
        ("extreme logits", Operand("logits", [4, 5], values: extremes)),
      ]
    return logits.flatMap { name, operand in
      [OpCase("softmax of \(name)", [operand], op: { [softmax($0[0])] }, reference: { [softmaxReference($0[0])] })]
        + [Reduction.mean, .sum, .none].map { crossEntropyCase(name, operand, $0) }
        + [
          crossEntropyCase(name, operand, .mean, smoothing: 0.1), crossEntropyCase(name, operand, .none, smoothing: 1),
        ]
    } + [
      stepwiseCase(batch: 1, steps: 1, .dense, smoothing: 0), stepwiseCase(batch: 3, steps: 4, .dense, smoothing: 0.1),
      stepwiseCase(batch: 3, steps: 4, .timeMajor, smoothing: 0),
      stepwiseCase(batch: 3, steps: 4, .window, smoothing: 0.1),
      // Enough rows for three threads, in both orders.
      stepwiseCase(batch: 110, steps: 28, .timeMajor, smoothing: 0.1),
      stepwiseCase(batch: 110, steps: 28, .dense, smoothing: 0.1),
      stepwiseCase(batch: 17, steps: 2, classes: 17, .timeMajor, smoothing: 0.1),
      stepwiseCase(batch: 2, steps: 19, classes: 130, .dense, smoothing: 0),
      weightedCase([5, 3], .dense), weightedCase([3010, 10], .dense), weightedCase([3, 4, 5], .dense),
      weightedCase([3, 4, 5], .timeMajor), weightedCase([110, 28, 5], .timeMajor), weightedCase([110, 28, 5], .window),
      softCase([5, 3], .dense), softCase([4, 5], .transposed), softCase([3010, 10], .dense, targets: .transposed),
      softCase([3, 4, 5], .dense, targets: .timeMajor), softCase([3, 4, 5], .timeMajor),
      softCase([2, 3, 130], .timeMajor, targets: .timeMajor), softCase([17, 2, 17], .window, targets: .window),
      softCase([1, 19, 16], .dense, targets: .timeMajor), softCase([110, 28, 5], .timeMajor),
      softCase([110, 28, 5], .dense, targets: .timeMajor),
    ] + squaredErrors
  }

  /// Scalars, columns, matrices and views, each reduced in the three ways.
  private static var squaredErrors: [OpCase] {
    let shapes: [([Int], Operand.Layout)] = [
      ([], .dense), ([1], .dense), ([17, 1], .dense), ([3, 5], .transposed), ([2, 3, 4], .window), ([130, 3], .dense),
    ]
    return shapes.flatMap { shape, layout in
      [Reduction.mean, .sum, .none].map { reduction in
        let targets = Operand("targets", shape, layout: layout, isConstant: true)
        return OpCase(
          "squared error of \(shape) \(layout), reduced: \(reduction)",
          [Operand("predictions", shape, layout: layout), targets],
          op: { operands in
            let targets = withoutDerivative(at: operands[1])
            return [meanSquaredError(operands[0], targets: targets, reduction: reduction)]
          },
          reference: { operands in
            let squares = zip(operands[0].elements, operands[1].elements).map { ($0 - $1) * ($0 - $1) }
            let total = squares.reduce(0, +)
            switch reduction {
            case .none: return [Doubles(shape, squares)]
            case .sum: return [Doubles([], [total])]
            case .mean: return [Doubles([], [total / Double(squares.count)])]
            }
          })
      }
    }
  }

  /// Classes that fill vectors of 4, 8 or 16 and that do not; rows that fill groups of as many and that do not; rows for
  /// three threads.
  private static let whereVectorsEnd = [[40, 1], [1, 16], [16, 16], [15, 17], [1, 130], [33, 130], [3010, 10]]

  /// After every step, with other weights for each, one of them zero.
  private static func stepwiseCase(
    batch: Int, steps: Int, classes: Int = 5, _ layout: Operand.Layout, smoothing: Float
  ) -> OpCase {
    let logits = Operand("logits", [batch, steps, classes], scale: 3, layout: layout)
    let labels = (0..<batch).map { Int32($0 * 7 % classes) }
    let weights = (0..<steps).map { Float($0 * 3 % 5) / 4 + (steps == 1 ? 1 : 0) }
    return OpCase(
      "cross-entropy at every step of [\(batch), \(steps), \(classes)] \(layout), smoothed by \(smoothing)", [logits],
      op: { operands in
        let labels = withoutDerivative(at: Tensor(labels, on: operands[0].device))
        return [
          softmaxCrossEntropy(logits: operands[0], labels: labels, stepWeights: weights, labelSmoothing: smoothing)
        ]
      },
      reference: { operands in
        var total = 0.0
        for step in 0..<steps {
          let row = Doubles([batch, classes]) { operands[0][$0[0], step, $0[1]] }
          let losses = crossEntropies(row, labels, smoothing: Double(smoothing))
          total += Double(weights[step]) * losses.reduce(0, +) / Double(batch)
        }
        return [Doubles([], [total])]
      })
  }

  /// Answers once or after every step of which each counts differently, some of them nothing.
  private static func weightedCase(_ shape: [Int], _ layout: Operand.Layout, smoothing: Float = 0.1) -> OpCase {
    let classes = shape[shape.count - 1], answers = shape.dropLast().reduce(1, *)
    let labels = (0..<shape[0]).map { Int32($0 * 7 % classes) }
    let weights = (0..<answers).map { Float($0 * 5 % 7) / Float(4 * answers) }
    return OpCase(
      "weighted cross-entropy of \(shape) \(layout)", [Operand("logits", shape, scale: 3, layout: layout)],
      op: { operands in
        let labels = withoutDerivative(at: Tensor(labels, on: operands[0].device))
        return [softmaxCrossEntropy(logits: operands[0], labels: labels, weights: weights, labelSmoothing: smoothing)]
      },
      reference: { operands in
        let rows = Doubles([answers, classes], operands[0].elements)
        let labelsOfRows = (0..<answers).map { labels[$0 / (answers / shape[0])] }
        let losses = crossEntropies(rows, labelsOfRows, smoothing: Double(smoothing))
        return [sum(losses, weightedBy: weights)]
      })
  }

  /// Targets that are distributions, some of them certain, whose rows lie in memory in the logits' order or not.
  private static func softCase(
    _ shape: [Int], _ layout: Operand.Layout, targets targetLayout: Operand.Layout = .dense
  ) -> OpCase {
    let classes = shape[shape.count - 1], answers = shape.dropLast().reduce(1, *)
    let weights = (0..<answers).map { Float($0 * 5 % 7) / Float(4 * answers) }
    // Shares whose sum is 1 without rounding.
    var distributions = [Float](repeating: 0, count: answers * classes)
    for answer in 0..<answers {
      for (place, share) in [(answer, Float(0.5)), (answer * 3, 0.375), (0, 0.125)] {
        distributions[answer * classes + place % classes] += share
      }
    }
    return OpCase(
      "cross-entropy of \(shape) \(layout) against probabilities \(targetLayout)",
      [
        Operand("logits", shape, scale: 3, layout: layout),
        Operand("targets", shape, values: distributions, layout: targetLayout, isConstant: true),
      ],
      op: { operands in
        [
          softmaxCrossEntropy(
            logits: operands[0], targets: withoutDerivative(at: operands[1]), weights: weights)
        ]
      },
      reference: { operands in
        let rows = operands.map { Doubles([answers, classes], $0.elements) }
        return [sum(crossEntropies(rows[0], targets: rows[1]), weightedBy: weights)]
      })
  }

  /// Likely and unlikely labels, ties, and logits whose exponentials overflow.
  private static let extremes: [Float] = [
    80, -80, 0, 1, -1, -80, -80, -80, -80, -79, 1e4, 0, -1e4, 9999, 1, 1e4, 1e4, 1e4, 1e4, 1e4,
  ]

  private static func crossEntropyCase(
    _ name: String, _ logits: Operand, _ reduction: Reduction, smoothing: Float = 0
  ) -> OpCase {
    let (rows, classes) = (logits.shape[0], logits.shape[1])
    let labels = (0..<rows).map { Int32($0 * 7 % classes) }
    return OpCase(
      "cross-entropy of \(name), reduced: \(reduction), smoothed by \(smoothing)", [logits],
      op: { operands in
        let labels = withoutDerivative(at: Tensor(labels, on: operands[0].device))
        return [
          softmaxCrossEntropy(logits: operands[0], labels: labels, reduction: reduction, labelSmoothing: smoothing)
        ]
      },
      reference: { operands in
        let losses = crossEntropies(operands[0], labels, smoothing: Double(smoothing))
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

  private static func crossEntropies(_ logits: Doubles, _ labels: [Int32], smoothing: Double = 0) -> [Double] {
    let targets = Doubles(logits.shape) { place in
      (labels[place[0]] == Int32(place[1]) ? 1 - smoothing : 0) + smoothing / Double(logits.shape[1])
    }
    return crossEntropies(logits, targets: targets)
  }

  private static func crossEntropies(_ logits: Doubles, targets: Doubles) -> [Double] {
    zip(rows(of: logits), rows(of: targets)).map { logits, targets in
      let shifted = shifted(logits), total = log(shifted.reduce(0) { $0 + exp($1) })
      return zip(shifted, targets).reduce(0) { $0 + $1.1 * (total - $1.0) }
    }
  }

  private static func sum(_ losses: [Double], weightedBy weights: [Float]) -> Doubles {
    Doubles([], [zip(losses, weights).reduce(0) { $0 + $1.0 * Double($1.1) }])
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

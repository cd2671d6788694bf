import Tensors

extension OpCase {
  /// What optimizers do to a parameter, three steps of it, and the sum of squares that clipping needs.
  static var updates: [OpCase] {
    [1, 17, 49_155].flatMap { count in
      [
        adamCase(count: count, decay: 0), adamCase(count: count, decay: 0.01), sumOfSquaresCase(count: count),
        sgdCase(count: count, momentum: 0, nesterov: false), sgdCase(count: count, momentum: 0.9, nesterov: false),
        sgdCase(count: count, momentum: 0.9, nesterov: true), moveCase(count: count),
      ]
    }
  }

  private static func adamCase(count: Int, decay: Float) -> OpCase {
    let step = AdamStep(
      rate: 0.02, correction: 1.5, beta1: 0.9, beta2: 0.99, epsilon: 1e-4, decay: decay)
    return updateCase(
      "Adam, \(count) parameters, decay \(decay)", count,
      update: { parameter, m, v, gradient in
        parameter.update(adam: step, gradient: gradient, firstMoment: &m, secondMoment: &v)
      },
      reference: { parameter, m, v, gradient in
        m = m * Double(step.beta1) + (1 - Double(step.beta1)) * gradient
        v = v * Double(step.beta2) + (1 - Double(step.beta2)) * gradient * gradient
        let size = v.squareRoot() * Double(step.correction) + Double(step.epsilon)
        parameter -= parameter * Double(step.decay) + Double(step.rate) * m / size
      })
  }

  private static func sgdCase(count: Int, momentum: Float, nesterov: Bool) -> OpCase {
    let rate: Float = 0.1
    return updateCase(
      "SGD, \(count) parameters, momentum \(momentum)\(nesterov ? ", Nesterov" : "")", count,
      update: { parameter, velocity, _, gradient in
        parameter.update(
          sgdRate: rate, momentum: momentum, nesterov: nesterov, gradient: gradient,
          velocity: &velocity)
      },
      reference: { parameter, velocity, _, gradient in
        velocity = velocity * Double(momentum) + gradient
        parameter -= Double(rate) * (nesterov ? gradient + velocity * Double(momentum) : velocity)
      })
  }

  /// The gradient stands for what is moved toward.
  private static func moveCase(count: Int) -> OpCase {
    let share: Float = 0.3
    return updateCase(
      "move toward others, \(count) parameters", count,
      update: { parameter, _, _, other in parameter.move(toward: other, by: share) },
      reference: { parameter, _, _, other in parameter += Double(share) * (other - parameter) })
  }

  /// Three steps with different gradients, from averages of zero. `update` and `reference` change a parameter and its
  /// two averages along a gradient.
  private static func updateCase(
    _ name: String, _ count: Int,
    update: @escaping @Sendable (inout Tensor, inout Tensor, inout Tensor, Tensor) -> Void,
    reference: @escaping @Sendable (inout Double, inout Double, inout Double, Double) -> Void
  ) -> OpCase {
    let start = Operand("parameter", [count])
    let gradients = (1...3).map { Operand("gradient \($0)", [count]) }
    let names = ["parameter", "first average", "second average"]
    return OpCase(
      name,
      results: { device in
        var tensors = [start.tensor(on: device), .zeros([count], on: device), .zeros([count], on: device)]
        for gradient in gradients {
          var (p, a, b) = (tensors[0], tensors[1], tensors[2])
          update(&p, &a, &b, gradient.tensor(on: device))
          tensors = [p, a, b]
        }
        return zip(names, tensors).map { OpResult($0, $1.floats) }
      },
      expectations: {
        let elements = start.values.indices.map { index in
          var (p, a, b) = (Double(start.values[index]), 0.0, 0.0)
          for gradient in gradients { reference(&p, &a, &b, Double(gradient.values[index])) }
          return [p, a, b]
        }
        return names.indices.map { part in Expectation(elements.map { $0[part] }, tolerance: 3e-7) }
      })
  }

  private static func sumOfSquaresCase(count: Int) -> OpCase {
    let x = Operand("x", [count], layout: .window)
    return OpCase(
      "sum of squares of \(count)",
      results: { [OpResult("value", [Float(x.tensor(on: $0).sumOfSquares())])] },
      // Summed in double and rounded once.
      expectations: { [Expectation([x.doubles.elements.reduce(0) { $0 + $1 * $1 }], tolerance: 1e-7)] })
  }
}

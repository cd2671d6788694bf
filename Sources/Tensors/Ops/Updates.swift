// What optimizers do to parameters, in place and on all threads. Not differentiable: they come after the gradient.

/// The numbers of one step of Adam with decoupled weight decay.
package struct AdamStep {
  /// Learning rate / (1 − β₁ᵗ).
  package var rate: Float
  /// 1 / √(1 − β₂ᵗ).
  package var correction: Float
  package var beta1, beta2, epsilon: Float
  /// Learning rate × weight decay.
  package var decay: Float

  package init(rate: Float, correction: Float, beta1: Float, beta2: Float, epsilon: Float, decay: Float) {
    self.rate = rate
    self.correction = correction
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.decay = decay
  }
}

extension Tensor {
  /// One step of Adam; moments have this tensor's shape. A gradient that is the symbolic zero changes nothing.
  package mutating func update(
    adam step: AdamStep, gradient: Tensor, firstMoment: inout Tensor, secondMoment: inout Tensor
  ) {
    guard !gradient.isSymbolicZero else { return }
    precondition(gradient.shape == shape, "a gradient of shape \(gradient.shape) for a parameter of shape \(shape)")
    let gradient = gradient.dense(), device = device, count = count
    withWorkspace(on: device) { workspace in
      let g = workspace.floats(of: gradient)
      withMutableFloats { p in
        firstMoment.withMutableFloats { m in
          secondMoment.withMutableFloats { v in
            device.forRanges(of: count, grain: elementwiseGrain) { range in
              let at = range.lowerBound
              device.kernels.adam(
                Int64(range.count), p + at, g + at, m + at, v + at, step.rate, step.correction, step.beta1, step.beta2,
                step.epsilon, step.decay)
            }
          }
        }
      }
    }
  }

  /// One step of SGD with momentum; `velocity` has this tensor's shape. A gradient that is the symbolic zero changes
  /// nothing.
  package mutating func update(
    sgdRate rate: Float, momentum: Float, nesterov: Bool, gradient: Tensor, velocity: inout Tensor
  ) {
    guard !gradient.isSymbolicZero else { return }
    precondition(gradient.shape == shape, "a gradient of shape \(gradient.shape) for a parameter of shape \(shape)")
    let gradient = gradient.dense(), device = device, count = count
    withWorkspace(on: device) { workspace in
      let g = workspace.floats(of: gradient)
      withMutableFloats { p in
        velocity.withMutableFloats { v in
          device.forRanges(of: count, grain: elementwiseGrain) { range in
            let at = range.lowerBound
            device.kernels.sgd(
              Int64(range.count), p + at, g + at, v + at, rate, momentum, nesterov ? 1 : 0)
          }
        }
      }
    }
  }

  /// Moves every element toward that of `other`, which has this tensor's shape, by a share of their difference.
  package mutating func move(toward other: Tensor, by share: Float) {
    precondition(other.shape == shape, "a tensor of shape \(shape) moved toward one of shape \(other.shape)")
    let other = other.dense(), device = device, count = count
    withWorkspace(on: device) { workspace in
      let y = workspace.floats(of: other)
      withMutableFloats { x in
        device.forRanges(of: count, grain: elementwiseGrain) { range in
          let at = range.lowerBound
          device.kernels.combine(Int64(range.count), 1 - share, x + at, share, y + at, x + at)
        }
      }
    }
  }

  /// The sum of the squares of all elements, in double precision; 0 for the symbolic zero.
  package func sumOfSquares() -> Double {
    guard !isSymbolicZero else { return 0 }
    let dense = dense(), device = device, count = count
    // Pieces of one size, so that the order of the sum does not depend on the number of threads.
    let pieces = (count + elementwiseGrain - 1) / elementwiseGrain
    return withWorkspace(on: device) { workspace in
      let floats = workspace.floats(of: dense)
      let sums = workspace.bytes(pieces * MemoryLayout<Double>.stride).bindMemory(to: Double.self, capacity: pieces)
      device.forRanges(of: pieces) { range in
        for piece in range {
          let start = piece * elementwiseGrain
          sums[piece] = device.kernels.sum_of_squares(Int64(min(elementwiseGrain, count - start)), floats + start)
        }
      }
      return UnsafeBufferPointer(start: sums, count: pieces).reduce(0, +)
    }
  }
}

import Tensors
import _Differentiation

/// Stochastic gradient descent with momentum, in PyTorch's form: v ← μ·v + g, and a step along v, or along g + μ·v with
/// Nesterov's look ahead (Sutskever et al. 2013).
public struct SGD<Model: Differentiable>: Optimizer {
  /// The learning rate of the next update.
  public var learningRate: Float
  /// μ: how much of the last step's direction is kept, 0 by default.
  public let momentum: Float
  /// Whether to look ahead.
  public let nesterov: Bool

  private let paths: [ParameterPath<Model>]
  private var step = 0
  private var velocity: Averages<Model>

  /// An optimizer for models like `model`, at rest.
  public init(for model: Model, learningRate: Float = 1e-2, momentum: Float = 0, nesterov: Bool = false) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    paths = model.parameterPaths
    velocity = Averages(named: "velocity", for: model, paths)
  }

  /// The number of updates and the running averages.
  public var state: OptimizerState {
    get { OptimizerState(step: step, tensors: velocity.byName) }
    set {
      step = newValue.step
      velocity.byName = newValue.tensors
    }
  }

  /// One step against the gradient.
  public mutating func update(_ model: inout Model, along gradient: Model.TangentVector) {
    step += 1
    for (index, path) in paths.enumerated() {
      path.withParameter(of: &model) { parameter in
        parameter.update(
          sgdRate: learningRate, momentum: momentum, nesterov: nesterov, gradient: path.gradient(in: gradient),
          velocity: &velocity.tensors[index])
      }
    }
  }
}

import Foundation
import Tensors
import _Differentiation

/// Adam (Kingma & Ba 2015, algorithm 1) with bias correction, as in PyTorch; MLX by default does not correct.
public struct Adam<Model: Differentiable>: Optimizer {
  /// The learning rate of the next update.
  public var learningRate: Float
  /// Decay of the average of gradients and of that of their squares.
  public let beta1, beta2: Float
  /// Added to the root of the average square.
  public let epsilon: Float
  let weightDecay: Float

  private let paths: [ParameterPath<Model>]
  private var step = 0
  private var first, second: Averages<Model>

  /// An optimizer for models like `model`, with averages of zero.
  public init(
    for model: Model, learningRate: Float = 1e-3, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8
  ) {
    self.init(
      for: model, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, decoupledDecay: 0)
  }

  init(
    for model: Model, learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, decoupledDecay: Float
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    weightDecay = decoupledDecay
    paths = model.parameterPaths
    first = Averages(named: "first_moment", for: model, paths)
    second = Averages(named: "second_moment", for: model, paths)
  }

  /// The number of updates and the running averages.
  public var state: OptimizerState {
    get { OptimizerState(step: step, tensors: first.byName.merging(second.byName) { a, _ in a }) }
    set {
      step = newValue.step
      first.byName = newValue.tensors
      second.byName = newValue.tensors
    }
  }

  /// One step against the gradient.
  public mutating func update(_ model: inout Model, along gradient: Model.TangentVector) {
    step += 1
    let update = AdamStep(
      rate: learningRate / Float(1 - pow(Double(beta1), Double(step))),
      correction: Float(1 / (1 - pow(Double(beta2), Double(step))).squareRoot()),
      beta1: beta1, beta2: beta2, epsilon: epsilon, decay: learningRate * weightDecay)
    for (index, path) in paths.enumerated() {
      path.withParameter(of: &model) { parameter in
        parameter.update(
          adam: update, gradient: path.gradient(in: gradient), firstMoment: &first.tensors[index],
          secondMoment: &second.tensors[index])
      }
    }
  }
}

/// Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2): besides Adam's step, every parameter
/// shrinks by learning rate × weight decay.
public struct AdamW<Model: Differentiable>: Optimizer {
  private var adam: Adam<Model>

  /// An optimizer for models like `model`, with averages of zero.
  public init(
    for model: Model, learningRate: Float = 1e-3, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 1e-2
  ) {
    adam = Adam(
      for: model, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, decoupledDecay: weightDecay)
  }

  /// The share of each parameter that decays per update and learning rate.
  public var weightDecay: Float { adam.weightDecay }

  /// The learning rate of the next update.
  public var learningRate: Float {
    get { adam.learningRate }
    set { adam.learningRate = newValue }
  }

  /// The number of updates and the running averages.
  public var state: OptimizerState {
    get { adam.state }
    set { adam.state = newValue }
  }

  /// One step against the gradient.
  public mutating func update(_ model: inout Model, along gradient: Model.TangentVector) {
    adam.update(&model, along: gradient)
  }
}

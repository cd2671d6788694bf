import Tensors
import _Differentiation

/// Changes a model's parameters along a gradient.
///
///     var optimizer = Adam(for: model, learningRate: 1e-3)
///     let (loss, gradient) = valueWithGradient(at: model) { model in … }
///     optimizer.update(&model, along: gradient)
///
/// Parameters are updated in place; nothing is copied as long as the model is not shared.
public protocol Optimizer<Model> {
  /// What is trained.
  associatedtype Model: Differentiable

  /// The learning rate of the next update; a schedule sets it before each.
  var learningRate: Float { get set }

  /// What the optimizer remembers between updates, for checkpoints.
  var state: OptimizerState { get set }

  /// One step against the gradient. A parameter whose gradient is the symbolic zero stays as it is.
  mutating func update(_ model: inout Model, along gradient: Model.TangentVector)

  /// What training has led to, `model` being what was updated last: that itself, unless the optimizer averages parameters.
  func result(for model: Model) -> Model
}

extension Optimizer {
  /// The model as it is.
  public func result(for model: Model) -> Model { model }
}

/// What an optimizer remembers between updates.
public struct OptimizerState: Sendable, Equatable {
  /// How many updates there have been.
  public var step: Int
  /// Running averages by name, for example `first_moment.head.weight`, each with its parameter's shape.
  public var tensors: [String: Tensor]

  /// A state from its parts.
  public init(step: Int, tensors: [String: Tensor]) {
    self.step = step
    self.tensors = tensors
  }
}

/// One running average for each parameter, in the order of the paths.
struct Averages<Model: Differentiable> {
  let name: String
  let paths: [ParameterPath<Model>]
  var tensors: [Tensor]

  /// Zeros of the parameters' shapes.
  init(named name: String, for model: Model, _ paths: [ParameterPath<Model>]) {
    self.name = name
    self.paths = paths
    tensors = paths.map { path in
      let parameter = path.parameter(of: model)
      return Tensor.zeros(parameter.shape, on: parameter.device)
    }
  }

  /// The parameters of `model`, in buffers of their own: neither is copied when the other changes.
  init(named name: String, of model: Model, _ paths: [ParameterPath<Model>]) {
    self.init(named: name, for: model, paths)
    for (index, path) in paths.enumerated() { tensors[index].move(toward: path.parameter(of: model), by: 1) }
  }

  var byName: [String: Tensor] {
    get { Dictionary(uniqueKeysWithValues: zip(paths, tensors).map { ("\(name).\($0.name)", $1) }) }
    set {
      for (index, path) in paths.enumerated() {
        guard let tensor = newValue["\(name).\(path.name)"], tensor.shape == tensors[index].shape else {
          preconditionFailure("an optimizer's state lacks \(name).\(path.name) of shape \(tensors[index].shape)")
        }
        tensors[index] = tensor
      }
    }
  }
}

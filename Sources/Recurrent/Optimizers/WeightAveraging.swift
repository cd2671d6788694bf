import Tensors
import _Differentiation

/// Another optimizer, and besides it a running average of the parameters that it leads to (Polyak & Juditsky 1992). The
/// average often generalises better than the parameters of any one step.
///
/// After update n the average moves towards the parameters by 1 − min(`decay`, (1 + n) / (10 + n)): quicker at the
/// beginning, so that the first parameters are soon forgotten, as TensorFlow's `ExponentialMovingAverage` does it.
public struct WeightAveraging<Base: Optimizer>: Optimizer {
  /// What is trained.
  public typealias Model = Base.Model

  /// How much of the average is kept at an update, in the long run; from 0 to below 1.
  public let decay: Float
  private var base: Base
  private var updates = 0
  private var average: Averages<Model>

  /// `base`, with an average that starts at the parameters of `model`.
  ///
  /// - Precondition: `decay` is from 0 to below 1.
  public init(_ base: Base, for model: Model, decay: Float = 0.999) {
    precondition((0..<1).contains(decay), "an average that keeps \(decay) of itself")
    self.decay = decay
    self.base = base
    average = Averages(named: "average", of: model, model.parameterPaths)
  }

  /// The learning rate of the next update.
  public var learningRate: Float {
    get { base.learningRate }
    set { base.learningRate = newValue }
  }

  /// What `base` remembers, and the average.
  public var state: OptimizerState {
    get {
      var state = base.state
      state.tensors.merge(average.byName) { _, average in average }
      return state
    }
    set {
      updates = newValue.step
      base.state = newValue
      average.byName = newValue.tensors
    }
  }

  /// One step of `base`, after which the average follows.
  public mutating func update(_ model: inout Model, along gradient: Model.TangentVector) {
    base.update(&model, along: gradient)
    updates += 1
    let share = 1 - min(decay, Float(1 + updates) / Float(10 + updates))
    for (index, path) in average.paths.enumerated() {
      average.tensors[index].move(toward: path.parameter(of: model), by: share)
    }
  }

  /// `model` with the averages for parameters.
  public func result(for model: Model) -> Model {
    var result = model
    for (path, tensor) in zip(average.paths, average.tensors) {
      path.withParameter(of: &result) { $0 = tensor }
    }
    return result
  }
}

@_spi(Reflection) import Swift
import Tensors
import _Differentiation

/// A parameter of a model: its name, and the way to it and to its gradient.
///
/// Both are reached through closures, which nest: a layer's own parameters become those of every model that contains it,
/// and are still changed in place.
public struct ParameterPath<Model: Differentiable> {
  /// The name in files, in PyTorch's spelling: for example `lstm.weight_ih_l0`.
  public let name: String
  private let readParameter: (Model) -> Tensor
  private let changeParameter: (inout Model, (inout Tensor) -> Void) -> Void
  private let readGradient: (Model.TangentVector) -> Tensor
  private let changeGradient: (inout Model.TangentVector, (inout Tensor) -> Void) -> Void

  /// The parameter within `model`.
  public func parameter(of model: Model) -> Tensor { readParameter(model) }

  /// Changes the parameter in place; nothing is copied unless the model is shared.
  public func withParameter(of model: inout Model, _ change: (inout Tensor) -> Void) { changeParameter(&model, change) }

  /// The gradient with respect to the parameter.
  public func gradient(in gradient: Model.TangentVector) -> Tensor { readGradient(gradient) }

  /// Changes the gradient with respect to the parameter.
  public func withGradient(in gradient: inout Model.TangentVector, _ change: (inout Tensor) -> Void) {
    changeGradient(&gradient, change)
  }

  /// What the parameter is called within a field of that name.
  fileprivate func name(within field: String) -> String {
    guard let star = field.firstIndex(of: "*") else { return "\(field).\(name)" }
    return field[..<star] + name + field[field.index(after: star)...]
  }

  /// A field that is a parameter.
  fileprivate init(
    name: String, _ parameter: WritableKeyPath<Model, Tensor>, _ gradient: WritableKeyPath<Model.TangentVector, Tensor>
  ) {
    self.name = name
    readParameter = { $0[keyPath: parameter] }
    changeParameter = { model, change in change(&model[keyPath: parameter]) }
    readGradient = { $0[keyPath: gradient] }
    changeGradient = { tangent, change in change(&tangent[keyPath: gradient]) }
  }

  /// A parameter within a field.
  fileprivate init<Child: Differentiable>(
    name: String, _ field: WritableKeyPath<Model, Child>,
    _ gradientField: WritableKeyPath<Model.TangentVector, Child.TangentVector>, _ child: ParameterPath<Child>
  ) {
    self.name = name
    readParameter = { child.readParameter($0[keyPath: field]) }
    changeParameter = { model, change in child.changeParameter(&model[keyPath: field], change) }
    readGradient = { child.readGradient($0[keyPath: gradientField]) }
    changeGradient = { tangent, change in child.changeGradient(&tangent[keyPath: gradientField], change) }
  }

  /// A parameter within element `index` of an array of `count`. A gradient of zero is an array without elements.
  fileprivate init<Child: Differentiable>(
    _ index: Int, of count: Int, _ child: ParameterPath<Child>
  ) where Model == [Child] {
    // As PyTorch: a recurrent stack numbers its arrays, any other list its modules.
    name = Child.self == SequenceLayer.self ? "\(child.name)_l\(index)" : "\(index).\(child.name)"
    readParameter = { child.readParameter($0[index]) }
    changeParameter = { model, change in child.changeParameter(&model[index], change) }
    readGradient = { index < $0.base.count ? child.readGradient($0.base[index]) : .zero }
    changeGradient = { tangent, change in
      if tangent.base.isEmpty { tangent.base = Array(repeating: .zero, count: count) }
      child.changeGradient(&tangent.base[index], change)
    }
  }
}

/// A layer whose parameters have other names in files than its fields have in Swift.
public protocol ParameterNaming {
  /// File names by field name; a field that is not listed keeps its own. What is within a field is named after it and a
  /// point, or in the place of a star where the name has one.
  var parameterNames: [String: String] { get }
}

extension LSTM: ParameterNaming {
  /// PyTorch's names for the first layer of an LSTM.
  public var parameterNames: [String: String] { firstLayerNames }
}

extension PeepholeLSTM: ParameterNaming {
  /// Names like PyTorch's for a first layer.
  public var parameterNames: [String: String] { firstLayerNames.merging(["peepholes": "scale_l0"]) { $1 } }
}

extension CoupledLSTM: ParameterNaming {
  /// Names like PyTorch's for a first layer.
  public var parameterNames: [String: String] { firstLayerNames }
}

extension GRU: ParameterNaming {
  /// PyTorch's names for the first layer of a GRU.
  public var parameterNames: [String: String] { firstLayerNames }
}

extension RNN: ParameterNaming {
  /// PyTorch's names for the first layer of a plain recurrent network.
  public var parameterNames: [String: String] { firstLayerNames }
}

private let firstLayerNames = ["weightIH": "weight_ih_l0", "weightHH": "weight_hh_l0", "bias": "bias_ih_l0"]

extension SequenceLayer: ParameterNaming {
  /// PyTorch's names, to which a stack of layers adds the layer's number.
  public var parameterNames: [String: String] {
    ["weightIH": "weight_ih", "weightHH": "weight_hh", "bias": "bias_ih", "scales": "scale"]
  }
}

extension Differentiable {
  /// All parameters of this model: its fields that are tensors, and those of the differentiable structs, or arrays of
  /// them, among its fields, in the order of declaration. A field counts if the tangent vector has one of the same name,
  /// which is what `@noDerivative` prevents. A tensor that is the symbolic zero is no parameter: the model does without it.
  ///
  /// Optimizers, checkpoints and counting all go through these paths, so a model needs no list of its own. They are good
  /// for every model with arrays of the same lengths and the same parameters. Looking them up costs microseconds; whoever needs them at every
  /// step keeps the result.
  public var parameterPaths: [ParameterPath<Self>] {
    let gradientFields = fields(of: TangentVector.self)
    let names = (self as? any ParameterNaming)?.parameterNames ?? [:]
    return fields(of: Self.self).flatMap { field -> [ParameterPath<Self>] in
      guard let gradientField = gradientFields.first(where: { $0.name == field.name }),
        let value = self[keyPath: field.path] as? any Differentiable
      else { return [] }
      return paths(within: value, at: field.path, gradientField.path, name: names[field.name] ?? field.name)
    }
  }

  /// The number of trainable numbers.
  public var parameterCount: Int { parameterPaths.reduce(0) { $0 + $1.parameter(of: self).count } }

  /// The parameters in one field, whose value is `child`: itself, or those of its own fields or elements.
  private func paths<Child: Differentiable>(
    within child: Child, at field: PartialKeyPath<Self>, _ gradientField: PartialKeyPath<TangentVector>, name: String
  ) -> [ParameterPath<Self>] {
    if let value = field as? WritableKeyPath<Self, Tensor>,
      let gradient = gradientField as? WritableKeyPath<TangentVector, Tensor>
    {
      return self[keyPath: value].isSymbolicZero ? [] : [ParameterPath(name: name, value, gradient)]
    }
    guard let value = field as? WritableKeyPath<Self, Child>,
      let gradient = gradientField as? WritableKeyPath<TangentVector, Child.TangentVector>
    else { preconditionFailure("\(Self.self).\(name) is not a stored, writable property") }
    let inner = (child as? any ParameterStack).map { $0.elementPaths(as: Child.self) } ?? child.parameterPaths
    return inner.map { ParameterPath(name: $0.name(within: name), value, gradient, $0) }
  }
}

/// An array whose elements hold parameters.
private protocol ParameterStack {
  /// The parameters of all elements; `type` is the array's own type, which the caller knows and the protocol cannot say.
  func elementPaths<Root: Differentiable>(as type: Root.Type) -> [ParameterPath<Root>]
}

extension Array: ParameterStack where Element: Differentiable {
  fileprivate func elementPaths<Root: Differentiable>(as type: Root.Type) -> [ParameterPath<Root>] {
    let paths = indices.flatMap { index in
      self[index].parameterPaths.map { ParameterPath<Self>(index, of: count, $0) }
    }
    guard let paths = paths as? [ParameterPath<Root>] else { preconditionFailure("\(type) is not \(Self.self)") }
    return paths
  }
}

/// The stored properties of a struct, in the order of declaration.
private func fields<Root>(of type: Root.Type) -> [(name: String, path: PartialKeyPath<Root>)] {
  var fields: [(String, PartialKeyPath<Root>)] = []
  _forEachFieldWithKeyPath(of: type, options: []) { name, path in
    fields.append((String(cString: name), path))
    return true
  }
  return fields
}

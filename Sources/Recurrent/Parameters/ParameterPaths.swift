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
}

/// A layer whose parameters have other names in files than its fields have in Swift.
public protocol ParameterNaming {
  /// File names by field name; a field that is not listed keeps its own.
  static var parameterNames: [String: String] { get }
}

extension LSTM: ParameterNaming {
  /// PyTorch's names for the first layer of an LSTM.
  public static var parameterNames: [String: String] {
    ["weightIH": "weight_ih_l0", "weightHH": "weight_hh_l0", "bias": "bias_ih_l0"]
  }
}

extension Differentiable {
  /// All parameters of a model of this type: its fields that are tensors, and those of the differentiable structs among
  /// its fields, in the order of declaration. A field counts if the tangent vector has one of the same name, which is
  /// what `@noDerivative` prevents.
  ///
  /// Optimizers, checkpoints and counting all go through these paths, so a model needs no list of its own. Looking them
  /// up costs microseconds; whoever needs them at every step keeps the result.
  public static var parameterPaths: [ParameterPath<Self>] {
    let gradientFields = fields(of: TangentVector.self)
    let names = (Self.self as? any ParameterNaming.Type)?.parameterNames ?? [:]
    return fields(of: Self.self).flatMap { field -> [ParameterPath<Self>] in
      guard let gradientField = gradientFields.first(where: { $0.name == field.name }),
        let type = Swift.type(of: field.path).valueType as? any Differentiable.Type
      else { return [] }
      return paths(within: type, at: field.path, gradientField.path, name: names[field.name] ?? field.name)
    }
  }

  /// The number of trainable numbers.
  public var parameterCount: Int { Self.parameterPaths.reduce(0) { $0 + $1.parameter(of: self).count } }

  /// The parameters in one field: itself, or those of its own fields.
  private static func paths<Child: Differentiable>(
    within type: Child.Type, at field: PartialKeyPath<Self>, _ gradientField: PartialKeyPath<TangentVector>,
    name: String
  ) -> [ParameterPath<Self>] {
    if let value = field as? WritableKeyPath<Self, Tensor>,
      let gradient = gradientField as? WritableKeyPath<TangentVector, Tensor>
    {
      return [ParameterPath(name: name, value, gradient)]
    }
    guard let value = field as? WritableKeyPath<Self, Child>,
      let gradient = gradientField as? WritableKeyPath<TangentVector, Child.TangentVector>
    else { preconditionFailure("\(Self.self).\(name) is not a stored, writable property") }
    return Child.parameterPaths.map { child in
      ParameterPath(name: "\(name).\(child.name)", value, gradient, child)
    }
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

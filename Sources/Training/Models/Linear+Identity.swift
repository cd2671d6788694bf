import Recurrent
import Tensors

/// What stands for the input layer of a network that comes from elsewhere and has none.
extension Linear {
  /// The features up to which it may: its weights are their square.
  package static let mostFeaturesOfIdentity = 4096

  /// The layer that changes nothing.
  package static func identity(_ size: Int, on device: Device = .cpu) -> Linear {
    var weight = [Float](repeating: 0, count: size * size)
    for index in 0..<size { weight[index * (size + 1)] = 1 }
    return Linear(weight: Tensor(weight, shape: [size, size], on: device), bias: .zeros([size], on: device))
  }
}

/// What is known of a tensor of a graph that is read, without computing it.
enum GraphValue {
  /// The constant of this name, of floats.
  case floats(String)
  /// Whole numbers: constants and the sizes of tensors. A scalar is a list of one.
  case whole([Extent], isScalar: Bool)
  /// One number, as often as a shape says that is not looked at.
  case uniform(Float)
  /// The true length of each row.
  case lengths
  /// Something that the network computes of the sequences.
  case signal(Signal)
  /// The states after the last step, one below the other along the first axis: for each direction of each layer.
  case finals([Signal])
}

/// A size of a tensor.
enum Extent: Equatable {
  case number(Int)
  case batch
  case steps
}

/// A tensor that the network computes of the sequences, and how.
struct Signal: Equatable {
  /// What a dimension counts.
  enum Axis: Equatable {
    case batch, step, direction, feature
  }

  /// What is done, one after the other. Constants go by their names.
  enum Stage: Equatable {
    /// A vector is added, or taken away.
    case shift(String, isNegative: Bool)
    /// A vector is multiplied by, or divided by.
    case factor(String, isDivisor: Bool)
    /// A matrix is multiplied by: [inputs, outputs], or [outputs, inputs].
    case matrix(String, isTransposed: Bool)
    /// A recurrent layer reads.
    case layer(Int)
    /// Logits become probabilities, or their logarithms.
    case softmax
  }

  var axes: [Axis]
  /// Numbers in the last dimension.
  var features: Int
  /// Directions of the last recurrent layer.
  var directions = 1
  /// Which of these it is, if one of several; else it is all of them.
  var part: Int?
  var stages: [Stage] = []

  /// The sizes of its dimensions.
  var extents: [Extent] {
    axes.map { axis in
      switch axis {
      case .batch: .batch
      case .step: .steps
      case .direction: .number(directions)
      case .feature: .number(features)
      }
    }
  }

  /// The same after one more stage.
  func then(_ stage: Stage) -> Signal {
    var signal = self
    signal.stages.append(stage)
    return signal
  }

  /// Directions and features as one dimension, where they stand side by side: the first direction's features come first.
  var merged: Signal? {
    guard let place = axes.firstIndex(of: .direction), place + 2 == axes.count, axes[place + 1] == .feature else {
      return nil
    }
    var signal = self
    signal.axes.remove(at: place)
    signal.features *= directions
    return signal
  }
}

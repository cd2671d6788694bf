import Tensors

/// A matrix in bytes: each row has a scale, and its elements are whole numbers from −127 to 127 times that scale.
///
/// The scale of a row is its largest magnitude over 127, so that zero stays zero and nothing is cut off; elements are
/// rounded to the nearest. No element is off by more than half a scale.
struct QuantizedMatrix {
  /// Row by row, [rows, columns].
  let values: [Int8]
  /// [rows]
  let scales: [Float]
  let shape: [Int]

  /// Rounds a matrix of finite numbers.
  init(rounding matrix: Tensor) {
    precondition(matrix.rank == 2, "a matrix of shape \(matrix.shape)")
    let elements = matrix.floats, (rows, columns) = (matrix.shape[0], matrix.shape[1])
    shape = matrix.shape
    scales = (0..<rows).map { row in
      (elements[row * columns..<(row + 1) * columns].map(\.magnitude).max() ?? 0) / 127
    }
    values = elements.indices.map { [scales] index in
      let scale = scales[index / columns]
      // A row of zeros, or of numbers so small that their 127th part is zero.
      guard scale > 0 else { return 0 }
      return Int8(max(-127, min(127, (elements[index] / scale).rounded())))
    }
  }

  /// The same numbers as floats, on `device`: what a product with the bytes computes with.
  func tensor(on device: Device) -> Tensor {
    let columns = shape[1]
    return Tensor(values.indices.map { Float(values[$0]) * scales[$0 / columns] }, shape: shape, on: device)
  }
}

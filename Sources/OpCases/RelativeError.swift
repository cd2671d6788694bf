/// ‖actual − expected‖ / ‖expected‖ in the Euclidean norm; ‖actual‖ where all that is expected is zero.
///
/// Infinite where the counts differ, and NaN where a number is NaN that should not be.
package func relativeError(of actual: [Double], to expected: [Double]) -> Double {
  guard actual.count == expected.count else { return .infinity }
  let difference = norm(zip(actual, expected).map { $0 - $1 }), size = norm(expected)
  return size == 0 ? difference : difference / size
}

/// The same for a tensor's elements.
package func relativeError(of actual: [Float], to expected: [Double]) -> Double {
  relativeError(of: actual.map(Double.init), to: expected)
}

private func norm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }

import ArgumentParser

/// - Throws: `ValidationError` if a flag's value is not in its range.
func checkRange<Value: Comparable>(_ flag: String, _ value: Value?, _ range: ClosedRange<Value>) throws {
  if let value, !range.contains(value) {
    throw ValidationError("\(flag) \(value): must be from \(range.lowerBound) to \(range.upperBound)")
  }
}

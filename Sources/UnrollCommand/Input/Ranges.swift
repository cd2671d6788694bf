import ArgumentParser

/// Which values a choice may have.
struct Limits<Value> {
  /// What a value must be, in words: "from 1 to 64".
  let words: String
  let contains: (Value) -> Bool

  /// All values of the type.
  static var none: Limits { Limits(words: "") { _ in true } }
}

extension Limits where Value: Comparable {
  /// Values of a range.
  static func range(_ range: ClosedRange<Value>) -> Limits {
    Limits(words: "from \(asTyped(range.lowerBound)) to \(asTyped(range.upperBound))", contains: range.contains)
  }
}

extension Limits where Value == Float {
  /// What can be left out or kept without leaving nothing.
  static var share: Limits { Limits(words: "from 0 to below 1") { $0 >= 0 && $0 < 1 } }

  /// Learning rates that can be meant.
  static var learningRate: Limits { Limits(words: "above 0 and at most 1000") { $0 > 0 && $0 <= 1000 } }

  /// Lengths of a gradient.
  static var positive: Limits { Limits(words: "above 0") { $0 > 0 } }
}

/// - Throws: `ValidationError` if a flag's value is not within its limits.
func check<Value>(_ flag: String, _ value: Value?, _ limits: Limits<Value>) throws {
  if let value, !limits.contains(value) {
    throw ValidationError("\(flag) \(asTyped(value)): must be \(limits.words)")
  }
}

/// - Throws: `ValidationError` if a flag's value is not in its range.
func checkRange<Value: Comparable>(_ flag: String, _ value: Value?, _ range: ClosedRange<Value>) throws {
  try check(flag, value, .range(range))
}

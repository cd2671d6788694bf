import Foundation

extension RandomGenerator {
  /// Returns a number in [0, 1), a multiple of 2⁻²⁴, each equally likely. Draws one word.
  public mutating func uniform() -> Float {
    // The high bits, as many as a Float holds exactly: rounding could give 1.
    Float(next() >> 40) * 0x1p-24
  }

  /// Returns a number in a range, the upper bound excluded. Draws one word.
  ///
  /// Traps if the range is empty or infinite.
  public mutating func uniform(in range: Range<Float>) -> Float {
    precondition(
      !range.isEmpty && range.lowerBound.isFinite && range.upperBound.isFinite,
      "\(range) is empty or not finite")
    let low = Double(range.lowerBound)
    let value = Float(low + (Double(range.upperBound) - low) * Double(uniform()))
    // Rounding to Float can reach the bound that the range excludes.
    return min(value, range.upperBound.nextDown)
  }

  /// Returns a number from the normal distribution with mean 0 and variance 1. Draws two words.
  ///
  /// Box and Muller's transform ("A note on the generation of random normal deviates", 1958), of which the cosine
  /// is used and the sine dropped, so that there is no spare to keep in the state. It is computed in Double
  /// and rounded: `log` and `cos` of different C libraries may differ in a Double's last bit, which shows in the
  /// Float once in some hundred million numbers. Magnitudes end at 8.6.
  public mutating func normal() -> Float {
    let radius = (-2 * log(unitInterval(next() >> 11) + 0x1p-53)).squareRoot()
    let angle = 2 * Double.pi * unitInterval(next() >> 11)
    return Float(radius * cos(angle))
  }

  /// Returns an integer in 0 ..< `bound`, each equally likely. Draws one word, seldom more.
  ///
  /// Source: Lemire, "Fast random integer generation in an interval", 2019, algorithm 5.
  ///
  /// Traps if the bound is not positive.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "no integer is at least 0 and below \(bound)")
    let bound = UInt64(bound)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      // Where 2⁶⁴ is no multiple of the bound, some results would belong to one word more than others.
      // Each result gives up the words whose product is this low, and keeps equally many.
      let surplus = (0 &- bound) % bound
      while product.low < surplus {
        product = next().multipliedFullWidth(by: bound)
      }
    }
    return Int(product.high)
  }

  /// Returns numbers each of which is 1 with the given probability, and else 0. Draws one word for four of them.
  ///
  /// Traps if the probability is not from 0 to 1. It counts as a multiple of 2⁻¹⁶.
  public mutating func bernoullis(count: Int, probability: Float) -> [Float] {
    precondition((0...1).contains(probability), "a probability of \(probability), which is not from 0 to 1")
    let bound = UInt64((probability * 0x1p16).rounded())
    return [Float](unsafeUninitializedCapacity: count) { numbers, filled in
      for first in stride(from: 0, to: count, by: 4) {
        var word = next()
        for index in first..<min(first + 4, count) {
          numbers[index] = word & 0xffff < bound ? 1 : 0
          word >>= 16
        }
      }
      filled = count
    }
  }

  /// Returns the first numbers that repeated calls of ``uniform(in:)`` would give, in that order.
  public mutating func uniforms(count: Int, in range: Range<Float> = 0..<1) -> [Float] {
    (0..<count).map { _ in uniform(in: range) }
  }

  /// Returns the first numbers that repeated calls of ``normal()`` would give, in that order.
  public mutating func normals(count: Int) -> [Float] {
    (0..<count).map { _ in normal() }
  }
}

/// Returns `bits`, of which there are 53, as a Double in [0, 1).
private func unitInterval(_ bits: UInt64) -> Double {
  Double(bits) * 0x1p-53
}

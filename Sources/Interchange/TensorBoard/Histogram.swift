import Foundation

/// How many of some numbers lie where.
public struct Histogram: Sendable, Equatable {
  /// The least and the greatest of the numbers.
  public let least, greatest: Double
  /// Of the numbers, and of their squares.
  public let sum, sumOfSquares: Double
  /// The upper ends of the bins, ascending.
  public let limits: [Double]
  /// How many numbers are in each bin; what lies at an end is in the bin above, but for the last.
  public let counts: [Int]

  /// Counts numbers in bins of one width. Those that are not finite are left out.
  ///
  /// - Parameters:
  ///   - values: The numbers.
  ///   - range: What the bins span, so that histograms can be compared; numbers outside count to the outermost. `nil`:
  ///     from the least to the greatest number.
  ///   - bins: How many there are, at least 1.
  public init(of values: [Float], in range: ClosedRange<Double>? = nil, bins: Int = 32) {
    precondition(bins >= 1, "a histogram of \(bins) bins")
    let values = values.lazy.map(Double.init).filter(\.isFinite)
    least = values.min() ?? 0
    greatest = values.max() ?? 0
    sum = values.reduce(0, +)
    sumOfSquares = values.reduce(0) { $0 + $1 * $1 }
    let low = range?.lowerBound ?? least
    // Numbers that are all equal get one bin of some width.
    let span = (range?.upperBound ?? greatest) - low, width = (span > 0 ? span : 1) / Double(bins)
    var counts = [Int](repeating: 0, count: bins)
    for value in values { counts[Int(max(0, min(Double(bins - 1), ((value - low) / width).rounded(.down))))] += 1 }
    self.counts = counts
    limits = (1...bins).map { low + Double($0) * width }
  }

  /// How many numbers were counted.
  public var count: Int { counts.reduce(0, +) }
}

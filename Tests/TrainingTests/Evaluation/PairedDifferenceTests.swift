import Testing
import Training

@Suite("Paired differences")
struct PairedDifferenceTests {
  private func difference(_ both: Int, _ onlyFirst: Int, _ onlySecond: Int, _ neither: Int) -> PairedDifference {
    let answers = [(both, true, true), (onlyFirst, true, false), (onlySecond, false, true), (neither, false, false)]
    return PairedDifference(
      answers.flatMap { [Bool](repeating: $0.1, count: $0.0) }, answers.flatMap { [Bool](repeating: $0.2, count: $0.0) }
    )
  }

  /// The standard error is that of a mean of numbers 1, 0 and −1, with n and not n − 1.
  @Test(arguments: [(50, 9, 1, 40), (0, 3, 4, 1), (10, 0, 0, 5), (0, 6, 0, 0)])
  func standardErrorIsThatOfAMean(both: Int, onlyFirst: Int, onlySecond: Int, neither: Int) {
    let difference = difference(both, onlyFirst, onlySecond, neither)
    let numbers = [Double](repeating: 1, count: onlyFirst) + [Double](repeating: -1, count: onlySecond)
    let n = Double(both + neither + numbers.count), mean = numbers.reduce(0, +) / n
    let zeros = Double(both + neither) * mean * mean
    let variance = (numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } + zeros) / n
    #expect(abs(difference.value - mean) < 1e-12)
    #expect(abs(difference.standardError - (variance / n).squareRoot()) < 1e-12)
    #expect(abs(difference.interval.high - mean - 1.96 * difference.standardError) < 1e-4)
    #expect(abs(difference.interval.low + difference.interval.high - 2 * mean) < 1e-12)
  }

  @Test func noiseIsTwoStandardErrors() {
    #expect(difference(50, 9, 1, 40).favorsFirstBeyondNoise)
    #expect(!difference(50, 1, 9, 40).favorsFirstBeyondNoise)
    #expect(!difference(50, 6, 2, 42).favorsFirstBeyondNoise, "1.45 standard errors")
    #expect(!difference(50, 0, 0, 50).favorsFirstBeyondNoise)
  }
}

import Testing
import Training

@Suite("Early classification's metrics")
struct StoppingPointTests {
  /// (earliness, accuracy)
  private func points(_ pairs: [(Double, Double)]) -> [StoppingPoint] {
    pairs.enumerated().map { StoppingPoint(threshold: Double($0), accuracy: $1.1, earliness: $1.0) }
  }

  @Test func harmonicMeanByHand() {
    func mean(_ accuracy: Double, _ earliness: Double) -> Double {
      StoppingPoint(threshold: 0, accuracy: accuracy, earliness: earliness).harmonicMean
    }
    #expect(mean(0.75, 0.75) == 0.375)
    #expect(mean(0.5, 0.5) == 0.5)
    #expect(mean(1, 1) == 0)
    #expect(mean(0, 1) == 0)
    #expect(mean(0, 0.5) == 0)
  }

  @Test func theFrontByHand() {
    let all = points([
      (1, 0.75), (0.5, 0.75), (0.25, 0.5), (0.25, 0.25), (0.75, 0.5), (0.75, 1), (0.5, 0.75), (0.875, 1),
    ])
    #expect(all.paretoFront.map(\.threshold) == [2, 1, 5])
    #expect(all.reversed().map { $0 }.paretoFront.map(\.accuracy) == [0.5, 0.75, 1])
    #expect([StoppingPoint]().paretoFront.isEmpty)
  }

  /// Nothing up to 0.25; 0.5 up to 0.5; 0.75 up to 0.75; 1 from there.
  @Test func theAreaByHand() {
    #expect(points([(0.75, 1), (0.25, 0.5), (0.5, 0.75), (1, 0.5)]).areaUnderFront == 0.125 + 0.1875 + 0.25)
    #expect(points([(0.125, 1)]).areaUnderFront == 0.875)
    #expect(points([(1, 1)]).areaUnderFront == 0)
    #expect([StoppingPoint]().areaUnderFront == 0)
  }

  @Test func theCheapestByHand() {
    let all = points([(1, 0.9), (0.5, 0.8), (0.25, 0.75), (0.5, 0.85), (0.75, 0.95)])
    #expect(all.cheapest(reaching: 0.7) == 2)
    #expect(all.cheapest(reaching: 0.8) == 3, "of two as early ones the more accurate")
    #expect(all.cheapest(reaching: 0.9) == 4, "later thresholds may be better and earlier")
    #expect(all.cheapest(reaching: 0.96) == nil)
  }
}

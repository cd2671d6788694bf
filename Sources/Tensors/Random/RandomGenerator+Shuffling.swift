extension RandomGenerator {
  /// Brings the elements into a random order, each order equally likely.
  ///
  /// Fisher and Yates' shuffle (Knuth, "The Art of Computer Programming", volume 2, algorithm 3.4.2P). The standard
  /// library has one as well, but promises no particular order for given random bits; a seeded run needs that.
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, integer(below: last + 1))
    }
  }

  /// Returns the integers 0 ..< `count` in a random order.
  public mutating func permutation(count: Int) -> [Int] {
    var order = Array(0..<count)
    shuffle(&order)
    return order
  }
}

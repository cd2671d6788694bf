/// A seeded generator of random numbers whose whole state is three integers.
///
/// The numbers are those of ``Philox4x32``: the seed is its key, the stream and the position are its counter.
/// So the same seed gives the same bits on every machine, whatever the number of threads, and generators of different
/// streams never share a number. Nothing is hidden: whoever draws numbers is given a generator, `inout`.
///
///     var random = RandomGenerator(seed: 42)
///     let weights = random.normals(count: 128 * 28)
///     var shuffling = random.stream(.shuffling, index: epoch)
///     let order = shuffling.permutation(count: 60_000)
///
/// Store it in a checkpoint (it is `Codable`, or take ``seed``, ``stream`` and ``position``), and it goes on where it was.
public struct RandomGenerator: RandomNumberGenerator, Sendable, Hashable, Codable {
  /// What all numbers of a run derive from.
  public let seed: UInt64

  /// Which of the seed's 2⁶⁴ independent sequences this is.
  public let stream: UInt64

  /// How many 64-bit words have been drawn from this stream.
  public private(set) var position: UInt64

  /// Creates a generator at a given place of a given stream; without these, at the start of the first.
  public init(seed: UInt64, stream: UInt64 = 0, position: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
    self.position = position
  }

  /// Returns the next 64 random bits.
  public mutating func next() -> UInt64 {
    // A block of Philox holds two words. Computing it for each of them costs some nanoseconds
    // and saves a cache that would have to be stored, compared and restored with the rest.
    let block = position >> 1
    let words = Philox4x32.block(
      counter: SIMD4(block.lowWord, block.highWord, stream.lowWord, stream.highWord),
      key: SIMD2(seed.lowWord, seed.highWord))
    let isSecond = position & 1 == 1
    position &+= 1
    return isSecond ? UInt64(low: words[2], high: words[3]) : UInt64(low: words[0], high: words[1])
  }
}

extension UInt64 {
  fileprivate var lowWord: UInt32 { UInt32(truncatingIfNeeded: self) }
  fileprivate var highWord: UInt32 { UInt32(truncatingIfNeeded: self >> 32) }

  fileprivate init(low: UInt32, high: UInt32) {
    self = UInt64(high) << 32 | UInt64(low)
  }
}

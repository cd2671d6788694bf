/// The counter-based random function Philox4x32-10.
///
/// It has no state: equal counters and keys give equal words on every machine, and different counters
/// give words that pass for independent. So any number of a stream can be had without drawing the ones before it.
///
/// Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 4.3;
/// the constants are those of table 2 and of the authors' library, Random123.
public enum Philox4x32 {
  /// Returns the block of four random words that belongs to `counter` under `key`, after ten rounds.
  public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var words = counter
    var roundKey = key
    for _ in 0..<10 {
      let first = multipliers.x.multipliedFullWidth(by: words[0])
      let second = multipliers.y.multipliedFullWidth(by: words[2])
      words = SIMD4(
        second.high ^ words[1] ^ roundKey.x, second.low,
        first.high ^ words[3] ^ roundKey.y, first.low)
      roundKey &+= keyIncrements
    }
    return words
  }

  /// Chosen by the authors by search: these mix fastest.
  private static let multipliers = SIMD2<UInt32>(0xD251_1F53, 0xCD9E_8D57)

  /// The golden ratio and √3 − 1 as binary fractions ("Weyl" increments of the key between rounds).
  private static let keyIncrements = SIMD2<UInt32>(0x9E37_79B9, 0xBB67_AE85)
}

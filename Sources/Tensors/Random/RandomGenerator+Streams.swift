/// What random numbers are drawn for.
///
/// Each purpose has its own streams, so drawing more or fewer numbers for one changes nothing for the others.
/// The raw values decide the bits of every seeded run: a value, once published, keeps its meaning.
/// Those below 1024 belong to this package; a program's own purposes take the others.
public struct RandomPurpose: RawRepresentable, Sendable, Hashable {
  /// The number that stands for the purpose in ``RandomGenerator/stream``.
  public let rawValue: UInt16

  /// Creates the purpose that a number stands for.
  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// Initial values of a model's parameters.
  public static let initialization = RandomPurpose(rawValue: 1)

  /// The order of the examples; the index is the epoch.
  public static let shuffling = RandomPurpose(rawValue: 2)

  /// Which examples are kept apart for validation.
  public static let validation = RandomPurpose(rawValue: 3)

  /// Dropout masks; the index is the update.
  public static let dropout = RandomPurpose(rawValue: 4)

  /// Random changes of the examples; the index is the update.
  public static let augmentation = RandomPurpose(rawValue: 5)

  /// How many steps of each example are read where that is random; the index is the update.
  public static let prefixes = RandomPurpose(rawValue: 6)

  /// How many blank steps come before each example where that is random; the index is the update.
  public static let delays = RandomPurpose(rawValue: 7)

  /// Sequences that are made up to be learned from; the index is the update.
  public static let trainingSequences = RandomPurpose(rawValue: 8)

  /// Sequences that are made up to watch training by; the index is the batch.
  public static let validationSequences = RandomPurpose(rawValue: 9)

  /// Sequences that are made up for the final test; the index is the batch.
  public static let testSequences = RandomPurpose(rawValue: 10)

  /// Which sequences are kept apart for the final test, where no file says so.
  public static let testSet = RandomPurpose(rawValue: 11)
}

extension RandomGenerator {
  /// Returns the generator for one purpose, at its start.
  ///
  /// The result depends on the seed, the purpose and the index alone, not on what this generator has drawn:
  /// asking twice gives the same numbers. No two (purpose, index) share a stream, and none is stream 0,
  /// where `init(seed:)` starts, unless its purpose has the raw value 0.
  ///
  /// A purpose has 2⁴⁸ streams, one for each index (an epoch, for example); this traps if the index is none of them.
  public func stream(_ purpose: RandomPurpose, index: Int = 0) -> RandomGenerator {
    precondition(index >= 0 && index < 1 << 48, "stream index \(index) is not in 0 ..< 2⁴⁸")
    return RandomGenerator(seed: seed, stream: UInt64(purpose.rawValue) << 48 | UInt64(index))
  }
}

/// What a safetensors file says about itself before its data: texts, and each array's name, type, shape and place.
public struct SafetensorsHeader: Sendable, Equatable {
  /// What the file says about one array.
  public struct Entry: Sendable, Equatable {
    /// The array's name.
    public let name: String
    /// The type of its elements.
    public let dtype: SafetensorsDType
    /// The length of each of its axes; empty for a scalar.
    public let shape: [Int]
    /// Where its bytes are, counted from the end of the header.
    public let dataRange: Range<Int>
  }

  /// The texts that travel with the arrays, by key.
  public let metadata: [String: String]

  /// The arrays in the order of their data, which have neither holes nor overlaps.
  public let entries: [Entry]

  /// The size of all arrays' data, in bytes.
  public var dataSize: Int { entries.last?.dataRange.upperBound ?? 0 }

  /// The length of header that the format allows, in bytes.
  static let maximumByteCount = 100_000_000

  /// The name that stands for the metadata, and for no array.
  static let metadataName = "__metadata__"

  /// Lays out the data of arrays one after another: element types of greater alignment first, so that every array is
  /// aligned, and then by the bytes of the names. The official library has the same order, so its files and ours
  /// are equal to the byte where there is at most one text.
  init(arrays: [String: SafetensorsArray], metadata: [String: String]) {
    let rank = Dictionary(uniqueKeysWithValues: SafetensorsDType.allCases.enumerated().map { ($1, $0) })
    let ordered = arrays.sorted { first, second in
      let (left, right) = (rank[first.value.dtype, default: 0], rank[second.value.dtype, default: 0])
      return left == right ? first.key.utf8.lexicographicallyPrecedes(second.key.utf8) : left > right
    }
    var end = 0
    entries = ordered.map { name, array in
      let begin = end
      end += array.bytes.count
      return Entry(name: name, dtype: array.dtype, shape: array.shape, dataRange: begin..<end)
    }
    self.metadata = metadata
  }

  /// Accepts the arrays that a file announces, if their data are as long as their shapes say
  /// and lie one behind the other, from the header to the end of the file.
  init(metadata: [String: String], announced: [AnnouncedArray], dataSize: Int) throws(SafetensorsError) {
    var end = 0
    var entries: [Entry] = []
    for array in announced.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      if let problem = array.problem(beginningAt: end) {
        throw SafetensorsError(problem, array: array.name)
      }
      end = array.end
      entries.append(Entry(name: array.name, dtype: array.dtype, shape: array.shape, dataRange: array.begin..<end))
    }
    if end != dataSize {
      throw SafetensorsError(.wrongDataSize(found: dataSize, expected: end))
    }
    self.entries = entries
    self.metadata = metadata
  }
}

/// What a file says about one array, before any of it is believed but that the numbers are not negative.
struct AnnouncedArray {
  let name: String
  let dtype: SafetensorsDType
  let shape: [Int]
  let begin: Int
  let end: Int

  /// Returns the first rule that the array breaks, if its data should begin at `expected`; nil if it keeps them all.
  func problem(beginningAt expected: Int) -> SafetensorsError.Problem? {
    if begin > end {
      return .reversedOffsets(begin: begin, end: end)
    }
    guard let size = dtype.byteCount(shape: shape) else {
      return .uncountableSize(dtype: dtype, shape: shape)
    }
    if end - begin != size {
      return .wrongSize(found: end - begin, expected: size, dtype: dtype, shape: shape)
    }
    if begin != expected {
      return .misplacedData(begin: begin, expected: expected)
    }
    return nil
  }
}

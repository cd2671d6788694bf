extension SequenceTargets {
  /// As what the targets in a file are to be read, which numbers alone do not tell.
  public enum Kind: Sendable {
    /// As names of classes: text as it is, whole numbers in decimal digits.
    case labels
    /// As numbers to be estimated.
    case numbers
  }
}

extension LabeledSequences {
  /// Reads sequences from files of one array each: NumPy's `.npy` or IDX, plain or gzip, recognised by content.
  ///
  /// - Parameters:
  ///   - valuesPath: Numbers [count, steps, features], or [count, steps] for one feature. NaN stands for a missing
  ///     value.
  ///   - targetsPath: What each sequence is to be answered with, [count] or [count, 1]; `nil` if that is not known.
  ///   - lengthsPath: How many steps each sequence has, [count] or [count, 1], from 1 to `steps`: what comes after them
  ///     is dropped. `nil` where all have as many.
  ///   - kind: As what the targets are read.
  /// - Throws: `DatasetError.missing` where a file cannot be read; `DatasetError.malformed` where one is damaged or no
  ///   such file, where shapes do not fit each other, a number is infinite, or a target is not of its kind.
  public init(
    arraysAt valuesPath: String, targetsAt targetsPath: String?, lengthsAt lengthsPath: String? = nil,
    as kind: SequenceTargets.Kind
  ) throws(DatasetError) {
    func stored(_ path: String?) throws(DatasetError) -> StoredArray? {
      guard let path else { return nil }
      return try StoredArray(FileBytes(path: path))
    }
    try self.init(
      StoredArray(FileBytes(path: valuesPath)), targets: stored(targetsPath), lengths: stored(lengthsPath), as: kind)
  }

  /// Reads the contents of such files; otherwise as `init(arraysAt:targetsAt:lengthsAt:as:)`.
  package init(
    arrays values: [UInt8], targets: [UInt8]?, lengths: [UInt8]? = nil, as kind: SequenceTargets.Kind
  ) throws(DatasetError) {
    func stored(_ bytes: [UInt8]?, _ name: String) throws(DatasetError) -> StoredArray? {
      guard let bytes else { return nil }
      return try StoredArray(FileBytes(bytes: bytes, name: name))
    }
    try self.init(
      StoredArray(FileBytes(bytes: values, name: "values")), targets: stored(targets, "targets"),
      lengths: stored(lengths, "lengths"), as: kind)
  }

  /// Puts arrays together; otherwise as `init(arraysAt:targetsAt:lengthsAt:as:)`.
  init(
    _ stored: StoredArray, targets: StoredArray?, lengths: StoredArray?, as kind: SequenceTargets.Kind
  ) throws(DatasetError) {
    guard stored.shape.count == 2 || stored.shape.count == 3 else {
      throw .malformed(
        "\(stored.name): has \(stored.shape.count) dimensions (\(spelled(stored.shape))); sequences are "
          + "[count, steps, features] or, of one feature, [count, steps]")
    }
    let (count, steps) = (stored.shape[0], stored.shape[1])
    let features = stored.shape.count == 3 ? stored.shape[2] : 1
    let sequenceTargets: SequenceTargets = if let targets { try targets.targets(kind, of: stored) } else { .none }
    let sequenceLengths =
      if let lengths { try lengths.lengths(of: stored) } else { [Int](repeating: steps, count: count) }
    var values = try stored.numbers()
    let kept = try values.cut(to: sequenceLengths, steps: steps, features: features, of: stored)
    values.removeLast(values.count - kept)
    self.init(features: features, lengths: sequenceLengths, values: values, targets: sequenceTargets)
  }
}

extension StoredArray {
  /// The targets of sequences.
  fileprivate func targets(_ kind: SequenceTargets.Kind, of sequences: StoredArray) throws(DatasetError)
    -> SequenceTargets
  {
    try checkIsOne(of: "target", for: sequences)
    switch kind {
    case .labels: return .labels(try labels())
    case .numbers:
      let numbers = try numbers()
      if let index = numbers.firstIndex(where: { !$0.isFinite }) {
        throw .malformed(
          "\(name): target \(index) is \(numbers[index]); every target must be finite: leave out sequences without one")
      }
      return .numbers(numbers)
    }
  }

  /// The lengths of sequences, each from 1 to their steps.
  fileprivate func lengths(of sequences: StoredArray) throws(DatasetError) -> [Int] {
    try checkIsOne(of: "length", for: sequences)
    // As text they are exact, which single precision is not.
    let lengths = try labels()
    let steps = sequences.shape[1]
    if let index = lengths.firstIndex(where: { !(1...steps).contains(Int($0) ?? 0) }) {
      throw .malformed(
        "\(name): length \(index) is \(printable(lengths[index])); whole numbers from 1 to \(steps), the steps of "
          + "\(sequences.name), were expected")
    }
    return lengths.compactMap { Int($0) }
  }

  /// Checks that there is one element for each sequence.
  private func checkIsOne(of what: String, for sequences: StoredArray) throws(DatasetError) {
    guard shape.count == 1 || shape.count == 2 && shape[1] == 1 else {
      throw .malformed(
        "\(name): has the dimensions \(shape.isEmpty ? "of a single number" : spelled(shape)); a \(what) for "
          + "each sequence is [count] (of one-hot rows, the argmax)")
    }
    guard shape[0] == sequences.shape[0] else {
      throw .malformed(
        "\(name): holds \(shape[0]) \(what)s for the \(sequences.shape[0]) sequences of \(sequences.name); they must "
          + "belong together")
    }
  }
}

extension [Float] {
  /// Moves the first steps of each sequence together, and sees that none of their numbers is infinite.
  ///
  /// - Returns: How many numbers there are now; what follows them is left over.
  fileprivate mutating func cut(
    to lengths: [Int], steps: Int, features: Int, of stored: StoredArray
  ) throws(DatasetError) -> Int {
    var kept = 0
    for (index, length) in lengths.enumerated() {
      let start = index * steps * features
      for offset in 0..<length * features {
        let value = self[start + offset]
        guard !value.isInfinite else {
          let place = [index, offset / features, offset % features].prefix(stored.shape.count)
          throw .malformed(
            "\(stored.name): the number at \(Swift.Array(place)) is infinite, or beyond single precision (±3.4e38); "
              + "NaN says that a number is missing")
        }
        self[kept + offset] = value
      }
      kept += length * features
    }
    return kept
  }
}

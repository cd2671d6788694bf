/// Sequences to learn from and, where the file says which, sequences to be examined on.
public struct SequenceParts: Equatable, Sendable {
  /// The sequences to learn from; of a file that does not divide them, all.
  public let train: LabeledSequences
  /// The sequences to be examined on, with the same features; `nil` where the file does not say which.
  public let test: LabeledSequences?

  /// Two parts.
  ///
  /// - Precondition: Both have the same features.
  public init(train: LabeledSequences, test: LabeledSequences?) {
    precondition(
      test.map { $0.features == train.features } ?? true,
      "test sequences of \(test?.features ?? 0) features beside training sequences of \(train.features)")
    (self.train, self.test) = (train, test)
  }

  /// Reads sequences from an archive of NumPy arrays (`.npz`).
  ///
  /// It holds either `X` and, if they are known, `y`; or `x_train`, `y_train`, `x_test` and `y_test`, as Keras has
  /// them. Beside them may be `lengths`; or `lengths_train` and `lengths_test`. Letters are upper or lower case. Other
  /// arrays are not looked at. What each of them holds is said at `LabeledSequences(arraysAt:targetsAt:lengthsAt:as:)`.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - kind: As what the targets are read.
  /// - Throws: `DatasetError.missing` where the file cannot be read; `DatasetError.malformed` where it is damaged, has
  ///   other arrays, where shapes do not fit each other, a number is infinite, or a target is not of its kind.
  public init(npz path: String, as kind: SequenceTargets.Kind) throws(DatasetError) {
    try self.init(NumPyArchive(contentsOf: path), as: kind)
  }

  /// Reads the content of such a file; otherwise as `init(npz:as:)`.
  package init(npz bytes: [UInt8], name: String, as kind: SequenceTargets.Kind) throws(DatasetError) {
    try self.init(NumPyArchive(bytes: bytes, name: name), as: kind)
  }

  private init(_ archive: NumPyArchive, as kind: SequenceTargets.Kind) throws(DatasetError) {
    let (whole, train, test) = (ArrayNames(part: nil), ArrayNames(part: "train"), ArrayNames(part: "test"))
    let isWhole = try archive.spelling(of: whole.values) != nil
    let isTrain = try archive.spelling(of: train.values) != nil
    let isTest = try archive.spelling(of: test.values) != nil
    guard isWhole != (isTrain || isTest), isTrain == isTest else {
      throw .malformed(
        "\(archive.name): holds the arrays \(archive.listedNames); X and y were expected, or "
          + "x_train, y_train, x_test and y_test")
    }
    guard !isWhole else {
      self.init(train: try archive.sequences(whole, as: kind), test: nil)
      return
    }
    let parts = (train: try archive.sequences(train, as: kind), test: try archive.sequences(test, as: kind))
    guard parts.train.features == parts.test.features else {
      throw .malformed(
        "\(archive.name): has \(parts.train.features) features in \(train.values) and \(parts.test.features) in "
          + "\(test.values); both must have as many")
    }
    self.init(train: parts.train, test: parts.test)
  }
}

/// What the arrays of a part are called, in lower case.
private struct ArrayNames {
  let values, targets, lengths: String

  init(part: String?) {
    let suffix = part.map { "_" + $0 } ?? ""
    (values, targets, lengths) = ("x" + suffix, "y" + suffix, "lengths" + suffix)
  }
}

extension NumPyArchive {
  /// The name of an array as it is in the file; `nil` if there is none.
  fileprivate func spelling(of lowercased: String) throws(DatasetError) -> String? {
    let found = names.filter { $0.lowercased() == lowercased }
    guard found.count <= 1 else {
      throw .malformed(
        "\(name): holds the arrays \(found.prefix(2).joined(separator: " and ")); which is meant? Leave out the other")
    }
    return found.first
  }

  fileprivate func sequences(_ names: ArrayNames, as kind: SequenceTargets.Kind) throws(DatasetError)
    -> LabeledSequences
  {
    func found(_ lowercased: String) throws(DatasetError) -> StoredArray? {
      guard let name = try spelling(of: lowercased) else { return nil }
      return try stored(name)
    }
    guard let values = try found(names.values) else { preconditionFailure("\(names.values) was there before") }
    return try LabeledSequences(values, targets: found(names.targets), lengths: found(names.lengths), as: kind)
  }
}

/// Where one's own sequences are, and how they are to be read: all that is needed to find the same training and test sets
/// again. A model file carries it.
public struct SeriesSource: Sendable, Hashable, Codable {
  /// The file with the training sequences, or with all of them.
  public var train: String
  /// The file with the test sequences; `nil` if they are in the same file.
  public var test: String?
  /// Whether each sequence is to be answered with a number, and not with a class.
  public var asksForNumber: Bool
  /// How a file of separated values holds its sequences; without that, it has one in each line.
  public var csv: CSVFormat?
  /// What stands in for missing values.
  public var missing: MissingValues
  /// Whether each feature is given a mean of 0 and a deviation of 1.
  public var normalizes: Bool
  /// The share of the sequences that are drawn for the test set where no file says which they are, above 0 and below 1.
  public var testShare: Double
  /// What that draw depends on.
  public var seed: UInt64

  enum CodingKeys: String, CodingKey {
    case train, test, csv, missing, seed
    case asksForNumber = "regression"
    case normalizes = "normalized"
    case testShare = "test_share"
  }

  /// A source from its parts.
  public init(
    train: String, test: String? = nil, asksForNumber: Bool = false, csv: CSVFormat? = nil,
    missing: MissingValues = .carry, normalizes: Bool = true, testShare: Double = 0.2, seed: UInt64 = 1
  ) {
    self.train = train
    self.test = test
    self.asksForNumber = asksForNumber
    self.csv = csv
    self.missing = missing
    self.normalizes = normalizes
    self.testShare = testShare
    self.seed = seed
  }
}

extension SeriesSource {
  /// Whether nothing but the files themselves can be wrong with it: what is read from a file must not trap later.
  package var isSound: Bool {
    if case .wide(let featuresPerStep) = csvFormat.shape, featuresPerStep < 1 { return false }
    return testShare > 0 && testShare < 1
  }

  /// Reads both parts, and draws the test set from the training sequences where no file has one.
  ///
  /// - Throws: `DatasetError.missing` where a file cannot be read; `DatasetError.malformed` where one is damaged, has no
  ///   targets or others than were asked for, or the parts do not fit each other.
  public func load() throws(DatasetError) -> SeriesDataset {
    let parts = try read(train)
    if let test {
      return try SeriesDataset(train: parts.train, test: try read(test).train, source: self)
    }
    if let test = parts.test { return try SeriesDataset(train: parts.train, test: test, source: self) }
    return try divided(parts.train)
  }

  /// Reads one part alone, and no file that it does not stand in.
  ///
  /// - Parameters:
  ///   - split: Which part.
  ///   - classes: All classes, as `load()` found them once; none where a number is asked for.
  /// - Returns: The sequences.
  /// - Throws: As `load()`, of what this part alone can be wrong in.
  public func load(_ split: Split, classes: [String]) throws(DatasetError) -> LabeledSequences {
    guard let test else {
      let both = try load()
      return split == .train ? both.train : both.test
    }
    let file = split == .train ? train : test, parts = try read(file)
    try parts.train.check(asksForNumber: asksForNumber, classes: classes, of: train, file)
    return parts.train
  }

  /// Reads the sequences of a file that are to be answered, whether it has targets or not.
  ///
  /// - Throws: As `load()`.
  public func sequences(of path: String) throws(DatasetError) -> LabeledSequences { try read(path).train }

  private func read(_ path: String) throws(DatasetError) -> SequenceParts {
    let kind: SequenceTargets.Kind = asksForNumber ? .numbers : .labels
    switch Self.kind(of: path) {
    case "ts": return SequenceParts(train: try LabeledSequences(contentsOfTS: path), test: nil)
    case _ where Self.isTable(path):
      return SequenceParts(train: try LabeledSequences(contentsOfCSV: path, format: csvFormat), test: nil)
    case "npz": return try SequenceParts(npz: path, as: kind)
    case "npy", "idx":
      let targets = Self.targetsFile(beside: path)
      return SequenceParts(train: try LabeledSequences(arraysAt: path, targetsAt: targets, as: kind), test: nil)
    default:
      throw .malformed(
        "\(path): a file of a kind that is not read; expected .\(Self.extensions.joined(separator: ", ."))")
    }
  }

  /// How a file of separated values is read.
  public var csvFormat: CSVFormat { csv ?? CSVFormat(target: asksForNumber ? .numbers() : .labels()) }

  /// A part of the sequences for the test set, by classes where there are any.
  private func divided(_ all: LabeledSequences) throws(DatasetError) -> SeriesDataset {
    let count = Int((Double(all.count) * testShare).rounded())
    guard count >= 1, count < all.count else {
      throw .malformed(
        "\(train): \(all.count) sequences, of which \(count) would be the test set; "
          + "give a test file (--test), or another share (--test-share)")
    }
    let numbers: [Int]? =
      if case .labels(let labels) = all.targets { classNumbers(of: labels, among: Set(labels).sorted()) } else { nil }
    let rows = drawnTestSet(count, of: all.count, labels: numbers, seed: seed)
    guard !rows.test.isEmpty else {
      throw .malformed("\(train): no class has a second sequence for the test set; give a test file (--test)")
    }
    return try SeriesDataset(train: all.selecting(rows.train), test: all.selecting(rows.test), source: self)
  }
}

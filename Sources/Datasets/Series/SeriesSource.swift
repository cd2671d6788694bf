import Foundation

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

  /// The file names that are read as series.
  public static let extensions = ["ts", "csv", "tsv", "txt", "npz", "npy"]

  /// Whether a path is that of a file of series, or of a folder that holds a pair of them; nothing is read.
  public static func isSource(_ path: String) -> Bool {
    isFolder(path) ? !pairs(in: path).isEmpty : extensions.contains(fileExtension(path))
  }

  /// The source at a path: a file and, if there is one beside it, its test file (`X_TEST.ts` for `X_TRAIN.ts`); or a folder
  /// with such a pair.
  ///
  /// - Throws: `DatasetError.missing` if there is neither.
  public init(at path: String) throws(DatasetError) {
    if isFolder(path) {
      let pairs = Self.pairs(in: path)
      guard let pair = pairs.first else {
        throw .missing(
          "\(path): holds no pair of files such as NAME_TRAIN.ts and NAME_TEST.ts, or train.csv and test.csv")
      }
      guard pairs.count == 1 else {
        throw .missing(
          "\(path): holds \(pairs.count) pairs of files, those of \(pair.train) and \(pairs[1].train) among them; name one "
            + "of these")
      }
      self.init(train: pair.train, test: pair.test)
      return
    }
    guard FileManager.default.fileExists(atPath: path) else {
      throw .missing("\(path): no such file or folder")
    }
    self.init(train: path, test: Self.testFile(beside: path))
  }

  /// The pairs of files in a folder of which one's name says train where the other's says test, by name.
  private static func pairs(in folder: String) -> [(train: String, test: String)] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    return names.filter { extensions.contains(fileExtension($0)) }.compactMap { name in
      testFile(beside: "\(folder)/\(name)").map { ("\(folder)/\(name)", $0) }
    }
  }

  /// The file beside `path` whose name has test for its last train; `nil` if there is none.
  private static func testFile(beside path: String) -> String? {
    let url = URL(fileURLWithPath: path), name = url.lastPathComponent
    for (train, test) in [("TRAIN", "TEST"), ("train", "test"), ("Train", "Test")] {
      guard let range = name.range(of: train, options: .backwards) else { continue }
      let other = url.deletingLastPathComponent().appending(path: name.replacingCharacters(in: range, with: test)).path
      if FileManager.default.fileExists(atPath: other) { return other }
    }
    return nil
  }

  private static func fileExtension(_ path: String) -> String {
    let url = URL(fileURLWithPath: path), last = url.pathExtension.lowercased()
    return last == "gz" ? url.deletingPathExtension().pathExtension.lowercased() : last
  }
}

// MARK: - Reading

extension SeriesSource {
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
    switch Self.fileExtension(path) {
    case "ts": return SequenceParts(train: try LabeledSequences(contentsOfTS: path), test: nil)
    case "csv", "tsv", "txt":
      return SequenceParts(
        train: try LabeledSequences(contentsOfCSV: path, format: csv ?? CSVFormat(target: csvTarget)), test: nil)
    case "npz": return try SequenceParts(npz: path, as: kind)
    case "npy":
      let targets = Self.targetsFile(beside: path)
      return SequenceParts(train: try LabeledSequences(arraysAt: path, targetsAt: targets, as: kind), test: nil)
    default:
      throw .malformed(
        "\(path): a file of a kind that is not read; expected .\(Self.extensions.joined(separator: ", ."))")
    }
  }

  private var csvTarget: CSVFormat.Target { asksForNumber ? .numbers() : .labels() }

  /// The file of targets beside a file of values: `y.npy` for `X.npy`, `y_train.npy` for `x_train.npy`.
  private static func targetsFile(beside path: String) -> String? {
    let url = URL(fileURLWithPath: path), name = url.lastPathComponent
    guard let first = name.first, "xX".contains(first) else { return nil }
    return ["y", "Y"].map { url.deletingLastPathComponent().appending(path: $0 + name.dropFirst()).path }
      .first { FileManager.default.fileExists(atPath: $0) }
  }

  /// A part of the sequences for the test set, by classes where there are any.
  private func divided(_ all: LabeledSequences) throws(DatasetError) -> SeriesDataset {
    let count = Int((Double(all.count) * testShare).rounded())
    guard count >= 1, count < all.count else {
      throw .malformed(
        "\(train): \(all.count) sequences, of which \(count) would be the test set; give a test file, or another share")
    }
    let numbers: [Int]? =
      if case .labels(let labels) = all.targets { classNumbers(of: labels, among: Set(labels).sorted()) } else { nil }
    let rows = drawnTestSet(count, of: all.count, labels: numbers, seed: seed)
    return try SeriesDataset(train: all.selecting(rows.train), test: all.selecting(rows.test), source: self)
  }
}

import Foundation

extension SeriesSource {
  /// The file names that are read as series. Files of IDX may also be called as MNIST's are: `NAME-idx3-ubyte`.
  public static let extensions = ["ts"] + tableExtensions + ["npz", "npy", "idx"]

  /// Those of files of separated values.
  private static let tableExtensions = ["csv", "tsv", "txt"]

  /// Whether a path is that of a file of series, or of a folder that holds a pair of them; nothing is read.
  public static func isSource(_ path: String) -> Bool {
    isFolder(path) ? !pairs(in: path).isEmpty : extensions.contains(kind(of: path))
  }

  /// The source at a path: a file and, if there is one beside it, its test file (`X_TEST.ts` for `X_TRAIN.ts`, `t10k-…`
  /// for `train-…`); or a folder with such a pair.
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
          "\(path): holds \(pairs.count) pairs of files, those of \(pair.train) and \(pairs[1].train) among them; name "
            + "one of these")
      }
      self.init(train: pair.train, test: pair.test)
      return
    }
    guard FileManager.default.fileExists(atPath: path) else {
      throw .missing("\(path): no such file or folder")
    }
    self.init(train: path, test: Self.testFile(beside: path))
  }

  /// The pairs of files in a folder of which one's name says train where the other's says test, by name. Not those of
  /// targets; nor those called exactly as MNIST's, with which a folder is one of images.
  private static func pairs(in folder: String) -> [(train: String, test: String)] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    let images = Set(DatasetFile.allCases.flatMap(\.acceptedNames))
    let series = names.filter { !images.contains($0) && extensions.contains(kind(of: $0)) }.map { "\(folder)/\($0)" }
    let targets = Set(series.compactMap(targetsFile))
    return series.filter { !targets.contains($0) }.compactMap { path in testFile(beside: path).map { (path, $0) } }
  }

  /// The file beside `path` whose name has test for its last train; `nil` if there is none.
  private static func testFile(beside path: String) -> String? {
    let url = URL(fileURLWithPath: path), name = url.lastPathComponent
    for (train, test) in [("TRAIN", "TEST"), ("train", "test"), ("Train", "Test"), ("train", "t10k")] {
      guard let range = name.range(of: train, options: .backwards) else { continue }
      let other = url.deletingLastPathComponent().appending(path: name.replacingCharacters(in: range, with: test)).path
      if FileManager.default.fileExists(atPath: other) { return other }
    }
    return nil
  }

  /// The file of targets beside a file of values, packed by gzip or not: `y_train.npy` for `x_train.npy`,
  /// `train-labels.idx` for `train-images.idx`, `NAME-labels-idx1-ubyte` for `NAME-idx3-float`; `nil` if there is none.
  static func targetsFile(beside path: String) -> String? {
    let url = URL(fileURLWithPath: path), folder = url.deletingLastPathComponent()
    let name = withoutGzip(url.lastPathComponent)
    let ending = name.firstMatch(of: mnistEnding)
    let base = ending.map { String(name[..<$0.range.lowerBound]) } ?? name
    var bases: [String] = []
    if let first = base.first, "xX".contains(first) { bases = ["y", "Y"].map { $0 + base.dropFirst() } }
    if let range = base.range(of: "images", options: .backwards) {
      bases.append(base.replacingCharacters(in: range, with: "labels"))
    } else if ending != nil {
      bases.append(base + "-labels")
    }
    // Labels have one dimension, and may be of another type.
    let endings = ending.map { ["\($0.mark)idx1-\($0.type)", "\($0.mark)idx1-ubyte"] } ?? [""]
    return bases.flatMap { base in endings.flatMap { [base + $0, base + $0 + ".gz"] } }
      .map { folder.appending(path: $0).path }.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// Whether a path is that of a file of separated values, which does not tell of itself whether it has targets.
  package static func isTable(_ path: String) -> Bool { tableExtensions.contains(kind(of: path)) }

  /// Whether a path is that of an IDX file.
  package static func isIDX(_ path: String) -> Bool { kind(of: path) == "idx" }

  /// What the kind of a file is by its name: the extension, in lower case and without that of gzip.
  static func kind(of path: String) -> String {
    let name = withoutGzip(URL(fileURLWithPath: path).lastPathComponent)
    return name.contains(mnistEnding) ? "idx" : URL(fileURLWithPath: name).pathExtension.lowercased()
  }

  private static func withoutGzip(_ name: String) -> String {
    name.lowercased().hasSuffix(".gz") ? String(name.dropLast(3)) : name
  }

  /// How the names of MNIST's files end: with the number of dimensions, and the type of the elements.
  private static var mnistEnding: Regex<(Substring, mark: Substring, type: Substring)> {
    /(?<mark>[-.])idx[0-9]+-(?<type>[a-z0-9]+)$/
  }
}

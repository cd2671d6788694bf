import Datasets

/// A small data set of random bytes: 16 × 16 pixels, 5 images to learn from, 2 to be examined on.
struct SampleDataset {
  /// The uncompressed content of each file.
  var files: [DatasetFile: [UInt8]]

  init(seed: UInt64 = 1, side: Int = 16) {
    var generator = SeededGenerator(seed: seed)
    // Every value of a pixel occurs.
    let first = (0..<side * side).map { UInt8(truncatingIfNeeded: $0) }
    files = [
      .trainImages: idx([5, side, side], first + generator.bytes(4 * side * side)),
      .trainLabels: idx([5], [0, 1, 2, 1, UInt8(seed % 3)]),
      .testImages: idx([2, side, side], generator.bytes(2 * side * side)),
      .testLabels: idx([2], [1, UInt8(seed % 3)]),
    ]
  }

  /// The data set under a name, bound by the checksums of its files.
  func known(
    as name: String = "sample", mirrors: [String] = [], pythonPackage: KnownDataset.PythonPackage? = nil,
    systemFolders: [String] = [], advice: String? = nil
  ) -> KnownDataset {
    KnownDataset(
      name: name, classes: ["zero", "one", "two"],
      files: files.mapValues { bytes in
        var hash = SHA256()
        hash.update(bytes)
        return KnownDataset.Content(sha256: hash.finalize(), byteCount: bytes.count)
      },
      mirrors: mirrors, pythonPackage: pythonPackage, systemFolders: systemFolders, advice: advice)
  }

  /// Writes the files into a folder, plain or as `.gz`.
  func write(to folder: TemporaryFolder, _ path: String, gzip: Bool = false) throws {
    for (file, bytes) in files {
      let content = gzip ? compress(bytes, gzip: true) : bytes
      try folder.write(content, to: "\(path)/\(file.rawValue)\(gzip ? ".gz" : "")")
    }
  }
}

extension DatasetStore {
  /// The folder into which a data set is fetched.
  ///
  /// - Throws: `DatasetError.missing` where the environment says nothing about where a cache could be.
  public func cacheFolder(for dataset: KnownDataset) throws(DatasetError) -> String {
    if let own = value(of: "UNROLL_DATA") {
      return own + "/" + dataset.name
    }
    if let caches = value(of: "XDG_CACHE_HOME") {
      return caches + "/unroll/" + dataset.name
    }
    guard let home = value(of: "HOME") else {
      throw .missing("none of UNROLL_DATA, XDG_CACHE_HOME and HOME is set: set UNROLL_DATA to a folder for data sets")
    }
    return home + "/.cache/unroll/" + dataset.name
  }

  /// The places in the cache where a data set may lie, best first; the files need not be there.
  func cached(_ dataset: KnownDataset) throws(DatasetError) -> [DatasetSource] {
    let own = DatasetSource(name: dataset.name, folder: try cacheFolder(for: dataset), known: dataset)
    guard let root = value(of: "UNROLL_DATA") else {
      return [own]
    }
    let direct = DatasetSource(name: dataset.name, folder: root, known: dataset)
    return [own] + (holdsAnotherDataset(than: dataset, direct) ? [] : [direct])
  }

  /// Whether the files are those of another known data set.
  ///
  /// `UNROLL_DATA` may point directly at one data set's files; asking for another must not find these and refuse
  /// them. A damaged file, however, must be refused, so only a positive match of the smallest file counts.
  private func holdsAnotherDataset(than dataset: KnownDataset, _ source: DatasetSource) -> Bool {
    guard let path = source.path(of: .testLabels),
      let labels = try? IDXArray(contentsOf: path, rank: DatasetFile.testLabels.rank)
    else { return false }
    let digest = labels.fileDigest
    return known.contains { $0.name != dataset.name && $0.files[.testLabels]?.sha256 == digest }
  }

  /// A variable of the environment; an empty one counts as not set, as the XDG specification demands.
  func value(of variable: String) -> String? {
    environment[variable].flatMap { $0.isEmpty ? nil : $0 }
  }
}

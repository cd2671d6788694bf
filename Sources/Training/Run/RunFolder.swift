import Foundation

/// The folder that a run writes, and the names of the files in it.
public struct RunFolder: Sendable, Equatable {
  /// The folder.
  public let url: URL

  /// The folder at `path`, which need not exist yet.
  public init(path: String) { url = URL(fileURLWithPath: path, isDirectory: true) }

  /// The trained model, which loads by itself.
  public var model: URL { url.appendingPathComponent("model.safetensors") }
  /// Where the run stopped or ended, to go on from.
  public var checkpoint: URL { url.appendingPathComponent("checkpoint.safetensors") }
  /// A line of JSON for each epoch.
  public var metrics: URL { url.appendingPathComponent("metrics.jsonl") }
  /// All choices, and the versions of everything.
  public var configuration: URL { url.appendingPathComponent("config.json") }
  /// The outcome in a few numbers.
  public var summary: URL { url.appendingPathComponent("summary.json") }
  /// Accuracy by steps as a picture.
  public var stepsPicture: URL { url.appendingPathComponent("steps.svg") }
  /// Accuracy by steps as a table.
  public func steps(_ truncation: Truncation) -> URL {
    url.appendingPathComponent(truncation == .end ? "steps.csv" : "steps-blank-front.csv")
  }

  /// The files that mark a folder as a run's, which another run must not overwrite.
  private var ownFiles: [URL] { [model, checkpoint, metrics, configuration, summary] }

  /// Whether a run has written here.
  public var isTaken: Bool { ownFiles.contains { FileManager.default.fileExists(atPath: $0.path) } }

  /// A folder that no run has written to: `runs/<date>-<dataset>` in the working directory, with a number behind it if
  /// that is taken.
  ///
  /// - Parameter dataset: A data set's name or path, of which the last part counts.
  public static func unused(for dataset: String, at date: Date = Date()) -> RunFolder {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyy-MM-dd"
    let name = URL(fileURLWithPath: dataset).lastPathComponent
    let base = "runs/\(formatter.string(from: date))-\(name)"
    var folder = RunFolder(path: base), number = 2
    while FileManager.default.fileExists(atPath: folder.url.path) {
      folder = RunFolder(path: "\(base)-\(number)")
      number += 1
    }
    return folder
  }

  /// Creates the folder, with those above it.
  ///
  /// - Throws: `FileError` if that cannot be done.
  public func create() throws(FileError) {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw FileError(.create, path: url.path, reason: .system(error.systemCode ?? EIO))
    }
  }

  /// Keeps of the metrics only the epochs that a checkpoint knows: a run may have been stopped between the two.
  ///
  /// - Throws: `FileError` if the file cannot be read or written.
  public func trimMetrics(toEpochs count: Int) throws {
    guard FileManager.default.fileExists(atPath: metrics.path) else { return }
    let text: String
    do {
      text = try String(contentsOf: metrics, encoding: .utf8)
    } catch {
      throw FileError(.open, path: metrics.path, reason: .system((error as NSError).systemCode ?? EIO))
    }
    let kept = text.split(separator: "\n").prefix(count).map { $0 + "\n" }.joined()
    if kept != text { try AtomicFile.write(kept, to: metrics) }
  }
}

extension Error {
  /// The system's error number behind an error of Foundation's.
  fileprivate var systemCode: Int32? {
    let error = self as NSError
    if error.domain == NSPOSIXErrorDomain { return Int32(error.code) }
    return (error.userInfo[NSUnderlyingErrorKey] as? NSError)?.systemCode
  }
}

/// A run's outcome, as it stands in `summary.json`.
public struct RunSummary: Sendable, Equatable, Codable {
  /// The share of the test set that was classified rightly after the last step, 0…1.
  public var testAccuracy: Double
  /// Seconds spent in training, all epochs together, and in each.
  public var trainSeconds: Double
  public var epochSeconds: [Double]
  /// Epochs trained.
  public var epochs: Int
  /// The run's seed.
  public var seed: UInt64
  /// Threads used.
  public var threads: Int
  /// The most memory that the process had resident, in bytes.
  public var peakResidentBytes: Int
  /// The version of Unroll.
  public var version: String

  enum CodingKeys: String, CodingKey {
    case testAccuracy = "test_accuracy"
    case trainSeconds = "train_seconds"
    case epochSeconds = "epoch_seconds"
    case peakResidentBytes = "peak_resident_bytes"
    case epochs, seed, threads, version
  }

  /// A summary from its parts.
  public init(testAccuracy: Double, epochSeconds: [Double], seed: UInt64, threads: Int, peakResidentBytes: Int) {
    self.testAccuracy = testAccuracy
    trainSeconds = epochSeconds.reduce(0, +)
    self.epochSeconds = epochSeconds
    epochs = epochSeconds.count
    self.seed = seed
    self.threads = threads
    self.peakResidentBytes = peakResidentBytes
    version = unrollVersion
  }
}

extension [StepAccuracy] {
  /// A table with a row for each step, numbers with six decimals.
  public var csv: String {
    let header = "step,accuracy,low,high,confidence,cross_entropy\n"
    return reduce(into: header) { text, row in
      let numbers = [row.accuracy, row.low, row.high, row.confidence, row.crossEntropy]
      text += ([String(row.step)] + numbers.map { String(format: "%.6f", $0) }).joined(separator: ",") + "\n"
    }
  }
}

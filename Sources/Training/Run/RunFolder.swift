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
  /// The model that the run learns from, if there is one: a copy, so that the folder has all to go on with.
  public var teacher: URL { url.appendingPathComponent(Self.teacherName) }
  /// What that file is called.
  public static let teacherName = "teacher.safetensors"
  /// What networks that have not learned from them answer to the training sequences; see `CrossValidation`.
  public var crossValidation: URL { url.appendingPathComponent("folds.safetensors") }
  /// Accuracy by steps as a picture.
  public var stepsPicture: URL { url.appendingPathComponent("steps.svg") }
  /// Accuracy by steps as a table.
  public func steps(_ truncation: Truncation) -> URL {
    url.appendingPathComponent(truncation == .end ? "steps.csv" : "steps-blank-front.csv")
  }
  /// What rules for stopping early are worth, as a table.
  public var early: URL { url.appendingPathComponent("early.csv") }
  /// The same as a picture.
  public var earlyPicture: URL { url.appendingPathComponent("early.svg") }
  /// How far the probabilities after each step can be believed, as a table.
  public var calibration: URL { url.appendingPathComponent("calibration.csv") }
  /// What goes on inside the model while it reads an image, as a web page.
  public var inspectionPage: URL { url.appendingPathComponent("inspect.html") }
  /// The same as one picture.
  public var inspectionPicture: URL { url.appendingPathComponent("inspect.svg") }
  /// The same as data.
  public var inspectionData: URL { url.appendingPathComponent("inspect.json") }

  /// A recurrent network beside a static one after each number of steps, as a table.
  public var contrast: URL { url.appendingPathComponent("contrast.csv") }
  /// The same as a picture.
  public var contrastPicture: URL { url.appendingPathComponent("contrast.svg") }

  /// A line of JSON for each network of a ceiling study.
  public var ceilingTrials: URL { url.appendingPathComponent("ceiling.jsonl") }
  /// A ceiling study's outcome as a table.
  public var ceilingTable: URL { url.appendingPathComponent("ceiling.csv") }
  /// A ceiling study's accuracies as a picture.
  public var ceilingPicture: URL { url.appendingPathComponent("ceiling.svg") }
  /// A ceiling study's differences as a picture.
  public var ceilingDifferencesPicture: URL { url.appendingPathComponent("ceiling-differences.svg") }
  /// The network that a ceiling study has chosen for a contestant.
  public func model(of contestant: CeilingContestant) -> URL {
    url.appendingPathComponent("\(contestant.rawValue).safetensors")
  }

  /// A line of JSON for each network of a memory study.
  public var memoryTrials: URL { url.appendingPathComponent("memory.jsonl") }
  /// A memory study's outcome as a table.
  public var memoryTable: URL { url.appendingPathComponent("memory.csv") }
  /// A memory study's errors by length, for a task, as a picture.
  public func memoryPicture(of task: MemoryTask) -> URL {
    url.appendingPathComponent("memory-\(task.rawValue).svg")
  }
  /// How the gradients of a memory study's inputs fall with the distance from the end, as a table.
  public var gradientsTable: URL { url.appendingPathComponent("gradients.csv") }
  /// The same for a task, before or after training, as a picture.
  public func gradientsPicture(of task: MemoryTask, afterTraining: Bool) -> URL {
    url.appendingPathComponent("gradients-\(task.rawValue)-\(afterTraining ? "after" : "before").svg")
  }

  /// The files that mark a folder as a run's, which another run must not overwrite.
  private var ownFiles: [URL] { [model, checkpoint, metrics, configuration, summary, ceilingTrials, memoryTrials] }

  /// Whether a run has written here.
  public var isTaken: Bool { ownFiles.contains { FileManager.default.fileExists(atPath: $0.path) } }

  /// Keeps of the metrics only the epochs that a checkpoint knows: a run may have been stopped between the two.
  ///
  /// - Throws: `FileError` if the file cannot be read or written.
  public func trimMetrics(toEpochs count: Int) throws(FileError) {
    guard FileManager.default.fileExists(atPath: metrics.path) else { return }
    let file = try OpenFile(metrics.path, flags: O_RDONLY, for: .open)
    let text = try file.read(count: Int(file.status().st_size), at: 0)
    let lineFeed = UInt8(ascii: "\n")
    let lines = text.split(separator: lineFeed).prefix(count)
    let kept = Array(lines.joined(separator: [lineFeed])) + (lines.isEmpty ? [] : [lineFeed])
    if kept != text { try AtomicFile.write(kept, to: metrics) }
  }
}

import Foundation
import Unroll

/// What a run's network makes of its test set.
enum Examination {
  /// All of it.
  case done(Findings)
  /// It was not asked for.
  case skipped
  /// The network or the test set is not here; what to do about it.
  case missing(String)

  /// Answers to a test set.
  struct Findings {
    /// Which class is taken for which.
    let evaluation: Evaluation
    /// The wrong answers, the surest first.
    let mistakes: [Mistake]
    /// The images of the first mistakes.
    let pictures: [GrayImage]
    /// Whether the images are those that the run's own files tell of.
    let isOwnData: Bool
  }

  /// What there is to tell.
  var findings: Findings? {
    if case .done(let findings) = self { findings } else { nil }
  }

  /// What is not here.
  var obstacle: String? {
    if case .missing(let obstacle) = self { obstacle } else { nil }
  }
}

/// The test sets of several runs, each read once. Nothing is fetched.
struct TestSets {
  /// Mistakes that are shown of each run.
  static let pictureCount = 12

  private let folder: String?
  private var sets: [String: Result<ImageSplit, DatasetError>] = [:]

  /// Test sets from `folder`, or from the cache and the runs' own folders if that is `nil`.
  init(data folder: String?) { self.folder = folder }

  /// Lets a run's network answer to its test set.
  ///
  /// - Throws: `DatasetError` or `InputError` if the test set is damaged or does not suit, or is not in the folder that was
  ///   given.
  mutating func examine(_ run: FinishedRun) throws -> Examination {
    guard let model = run.model else {
      return .missing(
        "\(run.path) has no model.safetensors; unroll train --resume \(shellQuoted(run.path)) writes it anew")
    }
    let set = testSet(named: model.dataset)
    if case .failure(.missing(let reason)) = set, folder == nil { return .missing(reason) }
    let split = try set.get()
    try split.check(suits: model.preprocessing, classCount: model.classNames.count)
    let images = split.images, data = SequenceData(images, model.preprocessing, on: .cpu)
    let mistakes = model.classifier.mistakes(data, temperature: model.temperatures?.last ?? 1)
    let size = images.height * images.width
    let pictures = mistakes.prefix(Self.pictureCount).map { mistake in
      GrayImage(
        width: images.width, height: images.height,
        pixels: Array(images.pixels[mistake.row * size..<(mistake.row + 1) * size]))
    }
    return .done(
      Examination.Findings(
        evaluation: model.classifier.evaluate(data), mistakes: mistakes, pictures: Array(pictures),
        isOwnData: isOwnData(of: model, from: folder)))
  }

  private mutating func testSet(named name: String) -> Result<ImageSplit, DatasetError> {
    if let known = sets[name] { return known }
    let set = Result { () throws(DatasetError) in try read(name) }
    sets[name] = set
    return set
  }

  private func read(_ name: String) throws(DatasetError) -> ImageSplit {
    guard let split = try findTestSet(name, from: folder) else {
      throw .missing("the data set \(name) is not on this machine (unroll data fetch \(name))")
    }
    return split
  }
}

/// Reads the test set of a data set that is on this machine, in `folder` or where the name says; `nil` if it is one that
/// could be fetched.
///
/// - Throws: `DatasetError`, which is `.missing` if it cannot be fetched either.
func findTestSet(_ name: String, from folder: String?) throws(DatasetError) -> ImageSplit? {
  let store = DatasetStore(), isKnown = store.knows(name)
  guard isKnown || folder != nil || isFolder(name) else {
    throw .missing("\(name): the folder with the data set is not there; name one with --data")
  }
  return try (isKnown ? store.find(name, data: folder) : store.find(folder ?? name))?.load(.test)
}

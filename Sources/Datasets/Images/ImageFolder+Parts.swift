import Foundation
import Tensors

extension ImageFolder {
  /// The share of the images of each class that becomes the test set where the folder does not say which do.
  public static let testShare = 0.2

  /// Whether a folder has folders in it, as one of pictures has; nothing is read.
  static func isOne(_ path: String) -> Bool {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.contains { !$0.hasPrefix(".") && isFolder("\(path)/\($0)") }
  }

  /// Both parts. Of a folder that is not divided, `testShare` of each class is drawn for the test set, always the same
  /// images.
  ///
  /// - Throws: As `load(_:)`; `DatasetError.malformed` too where there are too few images to draw from.
  func bothParts() throws(DatasetError) -> ImageDataset {
    if isDivided { return try loadBoth() }
    let all = try load().images, count = Int((Double(all.count) * Self.testShare).rounded())
    guard count >= 1 else {
      throw .malformed("\(path): holds \(all.count) images; at least 3 are needed to have a test set among them")
    }
    var random = RandomGenerator(seed: 1).stream(.testSet)
    let rows = stratified(
      random.permutation(count: all.count), labels: all.labels.map(Int.init), first: count)
    return ImageDataset(
      name: path, classes: classes, train: all.selecting(rows.dropFirst(count).sorted()),
      test: all.selecting(rows.prefix(count).sorted()))
  }
}

extension LabeledImages {
  /// Some of the images, in the order of `rows`.
  fileprivate func selecting(_ rows: [Int]) -> LabeledImages {
    let size = height * width
    return LabeledImages(
      height: height, width: width, pixels: rows.flatMap { pixels[$0 * size..<($0 + 1) * size] },
      labels: rows.map { labels[$0] })
  }
}

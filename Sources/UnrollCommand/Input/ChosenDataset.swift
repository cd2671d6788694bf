import Foundation
import Unroll

/// The data set to begin with: a known name, or a folder or file of series by a path that is good in any working directory;
/// MNIST if none was given.
func chosenDataset(_ given: String?) -> String { given.map(absoluteDataset) ?? "mnist" }

private func absoluteDataset(_ name: String) -> String {
  DatasetStore().knows(name) || !FileManager.default.fileExists(atPath: name) ? name : absolutePath(name)
}

/// A path that is good in any working directory.
func absolutePath(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

/// Whether a data set is one's own series, and not images.
func isSeries(_ dataset: String) -> Bool { !DatasetStore().knows(dataset) && SeriesSource.isSource(dataset) }

/// - Throws: `UsageError` if a data set was given and it is another than `begun`.
func checkDataset(_ given: String?, agreesWith begun: String) throws(UsageError) {
  if let given = given.map(absoluteDataset), given != begun {
    throw UsageError(contradiction: "the data set \(given)", begun: begun)
  }
}

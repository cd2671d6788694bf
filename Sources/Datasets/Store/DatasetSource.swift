import Foundation

/// A folder in which a data set was found: nothing is read until it is asked for.
public struct DatasetSource: Equatable, Sendable {
  /// The data set's name, or the folder's path for a folder of one's own.
  public let name: String
  /// The folder that holds the files.
  public let folder: String
  /// What the files must be; `nil` for a folder of one's own, which is bound by no checksum.
  public let known: KnownDataset?

  /// Reads both parts.
  ///
  /// - Throws: `DatasetError.missing` where a file is not there; `DatasetError.malformed` where a file is damaged, is
  ///   not the one that its name promises, has a label beyond the classes, or the parts differ in height or width.
  public func load() throws(DatasetError) -> ImageDataset {
    if let pictures = try imageFolder() { return try pictures.loadBoth() }
    let train = try images(of: .train)
    let test = try images(of: .test)
    guard (train.height, train.width) == (test.height, test.width) else {
      throw .malformed(
        "\(folder): training images are \(train.height) × \(train.width), test images \(test.height) × \(test.width); "
          + "both must have one size")
    }
    return ImageDataset(name: name, classes: classes(for: [train, test]), train: train, test: test)
  }

  /// Reads one part only, and needs only that part's two files.
  ///
  /// - Throws: as `load()`.
  public func load(_ split: Split) throws(DatasetError) -> ImageSplit {
    if let pictures = try imageFolder() { return try pictures.load(split) }
    let images = try images(of: split)
    return ImageSplit(name: name, classes: classes(for: [images]), images: images)
  }

  /// The folder as one of pictures in two parts, with a folder for each class, if it is that and not one of IDX files.
  private func imageFolder() throws(DatasetError) -> ImageFolder? {
    known == nil && present.isEmpty && ImageFolder.isOne(folder) ? try ImageFolder(folder).divided() : nil
  }

  /// The path of a file, in whichever accepted spelling it is there.
  public func path(of file: DatasetFile) -> String? {
    file.acceptedNames.lazy.map { folder + "/" + $0 }.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// The files that are there, right or wrong.
  var present: [DatasetFile] {
    DatasetFile.allCases.filter { path(of: $0) != nil }
  }

  private func images(of split: Split) throws(DatasetError) -> LabeledImages {
    let (imagesFile, labelsFile): (DatasetFile, DatasetFile) =
      switch split {
      case .train: (.trainImages, .trainLabels)
      case .test: (.testImages, .testLabels)
      }
    let (labelsPath, labels) = try read(labelsFile)
    let (imagesPath, images) = try read(imagesFile)
    return try LabeledImages(
      images: images, from: imagesPath, labels: labels, from: labelsPath, classCount: known?.classes.count)
  }

  /// Reads a file and holds it against its checksum, if it has one.
  func read(_ file: DatasetFile) throws(DatasetError) -> (path: String, array: IDXArray) {
    guard let path = path(of: file) else {
      if known == nil && present.isEmpty {
        throw .missing(
          "\(folder): holds none of the four IDX files (\(DatasetFile.trainImages.rawValue) and the like), no folders of "
            + "images, one for each class, and no pair of files of series "
            + "(\(SeriesSource.extensions.joined(separator: ", ")))")
      }
      throw .missing("\(folder): there is no \(file.rawValue), neither plain nor .gz; put the file there")
    }
    let array = try IDXArray(contentsOf: path, rank: file.rank)
    if let known, let expected = known.files[file]?.sha256 {
      let found = array.fileDigest
      guard found == expected else {
        throw .malformed(
          "\(path): is not \(known.name)'s file: its uncompressed bytes have SHA-256 \(found), expected \(expected); "
            + "fetch it again if it was fetched; if it is of your own, give its folder's path as a data set")
      }
    }
    return (path, array)
  }

  /// The known names, or "0" up to the largest label that occurs.
  private func classes(for parts: [LabeledImages]) -> [String] {
    known?.classes ?? (0...Int(parts.compactMap { $0.labels.max() }.max() ?? 0)).map(String.init)
  }
}

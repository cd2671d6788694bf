import Foundation

/// A folder of pictures in which each class has a folder of its own: `ROOT/train/CLASS/…` and `ROOT/test/CLASS/…`, or
/// `ROOT/CLASS/…` for whoever divides them later.
///
/// - Names that begin with a dot are not looked at, and files beside the classes' folders neither; where there are
///   `train` and `test`, nor is anything else beside these two.
/// - In a class's folder there must be PNG and PGM files only (`.png`, `.pgm`, of letters of either case), and at least
///   one.
/// - Classes, and the images of each, are in the order of their names, with numbers by their value: 2 before 10.
/// - Images are taken as they are, grey from 0 (black) to 255 (white): dark ink on a light ground is not inverted.
public struct ImageFolder: Equatable, Sendable {
  /// The folder's path.
  public let path: String
  /// The names of the classes, at most 256; the first has label 0.
  public let classes: [String]
  /// The paths of the images, by class: under `nil` all of them, or under each split its own.
  private let files: [Split?: [String: [String]]]

  /// Looks what is in a folder. No image is read yet.
  ///
  /// - Parameter path: The folder.
  /// - Throws: `DatasetError.missing` where a folder cannot be read; `DatasetError.malformed` where what it holds is
  ///   not as said above, where there are more than 256 classes, or where a class occurs in `test` alone.
  public init(_ path: String) throws(DatasetError) {
    self.path = path
    let parts = Split.allCases.filter { isFolder(path + "/" + $0.rawValue) }
    switch parts.count {
    case 0:
      let all = try Self.files(in: path)
      (files, classes) = ([nil: all], all.keys.sorted(by: isInNaturalOrder))
    case Split.allCases.count:
      let (train, test) = (path + "/" + Split.train.rawValue, path + "/" + Split.test.rawValue)
      let (known, examined) = (try Self.files(in: train), try Self.files(in: test))
      if let stranger = examined.keys.sorted(by: isInNaturalOrder).first(where: { known[$0] == nil }) {
        throw .malformed("\(test)/\(stranger): is a class that \(train) does not have; a network could not learn it")
      }
      (files, classes) = ([.train: known, .test: examined], known.keys.sorted(by: isInNaturalOrder))
    default:
      throw .malformed(
        "\(path): holds a folder \(parts[0].rawValue), and not both train and test; add the other, or rename it")
    }
    guard classes.count <= 256 else {
      throw .malformed(
        "\(path): holds \(classes.count) classes; images can have at most 256, because a label is kept in one byte")
    }
  }

  /// The share of the images of each class that becomes the test set where the folder does not say which do.
  public static let testShare = 0.2

  /// The same folder with images to learn from and images to be examined on. Where it does not say which are which,
  /// `testShare` of each class is drawn for the test set, always the same images; none is read for it.
  ///
  /// - Throws: `DatasetError.malformed` where there are too few images to draw from.
  public func divided() throws(DatasetError) -> ImageFolder {
    guard let all = files[nil] else { return self }
    let named = classes.enumerated().flatMap { label, name in (all[name] ?? []).map { (label, name, $0) } }
    let count = Int((Double(named.count) * Self.testShare).rounded())
    guard count >= 1 else {
      throw .malformed("\(path): holds \(named.count) images; at least 3 are needed to have a test set among them")
    }
    let rows = drawnTestSet(count, of: named.count, labels: named.map(\.0), seed: 1)
    guard !rows.test.isEmpty else {
      throw .malformed("\(path): no class has a second image for the test set; divide them into train and test")
    }
    func part(_ rows: [Int]) -> [String: [String]] {
      Dictionary(grouping: rows.map { named[$0] }, by: \.1).mapValues { $0.map(\.2) }
    }
    return ImageFolder(path: path, classes: classes, files: [.train: part(rows.train), .test: part(rows.test)])
  }

  private init(path: String, classes: [String], files: [Split?: [String: [String]]]) {
    self.path = path
    self.classes = classes
    self.files = files
  }

  /// Whether a folder has folders in it, as one of pictures has; nothing is read.
  static func isOne(_ path: String) -> Bool {
    let names = (try? visibleNames(in: path)) ?? []
    return names.contains { isFolder("\(path)/\($0)") }
  }

  /// Whether there are images to learn from and images to be examined on, and not just images.
  public var isDivided: Bool { files[nil] == nil }

  /// Reads all images of a folder that is not divided.
  ///
  /// - Throws: `DatasetError.missing` where a file cannot be read, or the folder is divided; `DatasetError.malformed`
  ///   where a file is damaged, or has another size than the others.
  public func load() throws(DatasetError) -> ImageSplit {
    guard !isDivided else {
      throw .missing("\(path): is divided into train and test; one of them must be asked for")
    }
    return try read(nil)
  }

  /// Reads the images of one part alone.
  ///
  /// - Throws: As `load()`; `DatasetError.missing` where the folder is not divided.
  public func load(_ split: Split) throws(DatasetError) -> ImageSplit {
    guard isDivided else {
      throw .missing("\(path): has no folders train and test; put each class's folder into both of them")
    }
    return try read(split)
  }

  /// Reads both parts.
  ///
  /// - Throws: As `load(_:)`; also where images of the two differ in size.
  public func loadBoth() throws(DatasetError) -> ImageDataset {
    let (train, test) = (try load(.train).images, try load(.test).images)
    guard (train.height, train.width) == (test.height, test.width) else {
      throw otherSize(
        test.height, test.width, at: firstFile(.test), than: train.height, train.width, at: firstFile(.train))
    }
    return ImageDataset(name: path, classes: classes, train: train, test: test)
  }

  /// Reads a part, one file after the other.
  private func read(_ split: Split?) throws(DatasetError) -> ImageSplit {
    var (height, width) = (0, 0)
    var (pixels, labels): ([UInt8], [UInt8]) = ([], [])
    for (label, name) in classes.enumerated() {
      for file in files[split]?[name] ?? [] {
        let image = try GrayImage(contentsOf: file)
        if labels.isEmpty {
          (height, width) = (image.height, image.width)
          let count = files[split]?.values.reduce(0) { $0 + $1.count } ?? 0
          try checkMemory(for: count, of: image.pixels.count, from: path)
          pixels.reserveCapacity(count * image.pixels.count)
        }
        guard (image.height, image.width) == (height, width) else {
          throw otherSize(image.height, image.width, at: file, than: height, width, at: firstFile(split))
        }
        pixels += image.pixels
        labels.append(UInt8(label))
      }
    }
    return ImageSplit(
      name: path, classes: classes,
      images: LabeledImages(height: height, width: width, pixels: pixels, labels: labels))
  }

  private func firstFile(_ split: Split?) -> String {
    classes.lazy.compactMap { files[split]?[$0]?.first }.first ?? path
  }

  private func otherSize(
    _ height: Int, _ width: Int, at file: String, than firstHeight: Int, _ firstWidth: Int, at first: String
  ) -> DatasetError {
    .malformed(
      "\(file): is \(height) × \(width), but \(first) is \(firstHeight) × \(firstWidth); all images must have one size")
  }

  /// The paths of the images in the folders of a folder, each of which is a class.
  private static func files(in folder: String) throws(DatasetError) -> [String: [String]] {
    let classes = try visibleNames(in: folder).filter { isFolder(folder + "/" + $0) }
    guard !classes.isEmpty else {
      throw .malformed(
        "\(folder): holds no folders; one for each class was expected, or train and test with these in them")
    }
    var files: [String: [String]] = [:]
    for name in classes {
      let folder = folder + "/" + name
      let images = try visibleNames(in: folder)
      if let stranger = images.first(where: { !["png", "pgm"].contains(extensionName($0)) }) {
        throw .malformed(
          "\(folder)/\(stranger): is neither .png nor .pgm, and the folder of a class holds only these; convert it "
            + "or take it away")
      }
      guard !images.isEmpty else { throw .malformed("\(folder): holds no images; put some there or take it away") }
      files[name] = images.map { folder + "/" + $0 }
    }
    return files
  }
}

/// The names of what is in a folder, in natural order; those that begin with a dot are left out.
private func visibleNames(in folder: String) throws(DatasetError) -> [String] {
  let names: [String]
  do {
    names = try FileManager.default.contentsOfDirectory(atPath: folder)
  } catch {
    throw .missing("\(folder): there is no such folder, or it cannot be read")
  }
  return names.filter { !$0.hasPrefix(".") }.sorted(by: isInNaturalOrder)
}

/// What follows the last dot of a name, in lower case; nothing where there is none.
private func extensionName(_ name: String) -> String {
  name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
}

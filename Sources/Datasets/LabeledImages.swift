/// Grey images of one size, each with the number of its class.
///
/// Pixels stay bytes, as in the files, until a batch is made of them: 60,000 MNIST images are 47 MB.
public struct LabeledImages: Equatable, Sendable {
  /// How many images there are; at least 1.
  public let count: Int
  /// Rows of an image, in pixels.
  public let height: Int
  /// Columns of an image, in pixels.
  public let width: Int
  /// Shape [count, height, width], row-major: 0 is background, 255 full ink.
  public let pixels: [UInt8]
  /// Shape [count]: the class of each image, counted from 0.
  public let labels: [UInt8]

  /// Images that are already in memory.
  ///
  /// - Parameters:
  ///   - height: rows of an image, at least 1.
  ///   - width: columns of an image, at least 1.
  ///   - pixels: shape [count, height, width].
  ///   - labels: shape [count], at least one.
  /// - Precondition: the sizes fit each other.
  public init(height: Int, width: Int, pixels: [UInt8], labels: [UInt8]) {
    precondition(height > 0 && width > 0 && !labels.isEmpty, "there must be at least one image of at least one pixel")
    precondition(
      pixels.count == labels.count * height * width,
      "\(pixels.count) pixels are not \(labels.count) images of \(height) × \(width)")
    self.count = labels.count
    self.height = height
    self.width = width
    self.pixels = pixels
    self.labels = labels
  }

  /// Reads a pair of IDX files.
  ///
  /// - Parameters:
  ///   - imagesPath: a file of three dimensions: count, height, width.
  ///   - labelsPath: a file of one dimension: as many labels.
  ///   - classCount: labels must be below it; `nil` admits all 256.
  /// - Throws: `DatasetError.missing` where a file cannot be read; `DatasetError.malformed` where one is damaged,
  ///   the counts differ or a label is too large.
  public init(imagesAt imagesPath: String, labelsAt labelsPath: String, classCount: Int? = nil) throws(DatasetError) {
    let images = try IDXArray(contentsOf: imagesPath, rank: 3)
    let labels = try IDXArray(contentsOf: labelsPath, rank: 1)
    try self.init(images: images, from: imagesPath, labels: labels, from: labelsPath, classCount: classCount)
  }

  /// Pairs two arrays that were read; the paths are for messages.
  init(
    images: IDXArray, from imagesPath: String, labels: IDXArray, from labelsPath: String, classCount: Int?
  ) throws(DatasetError) {
    let count = images.dimensions[0]
    guard labels.bytes.count == count else {
      throw .malformed(
        "\(labelsPath): holds \(labels.bytes.count) labels for the \(count) images of \(imagesPath); "
          + "the files must belong together")
    }
    if let classCount, let index = labels.bytes.firstIndex(where: { $0 >= classCount }) {
      throw .malformed(
        "\(labelsPath): label \(index) is \(labels.bytes[index]), but there are only \(classCount) classes, from 0")
    }
    self.init(height: images.dimensions[1], width: images.dimensions[2], pixels: images.bytes, labels: labels.bytes)
  }
}

/// One part of a data set, with what is needed to read its labels.
public struct ImageSplit: Equatable, Sendable {
  /// The data set's name, or the folder that it was read from.
  public let name: String
  /// The name of each class, by label.
  public let classes: [String]
  /// The images; every label is below `classes.count`.
  public let images: LabeledImages
}

/// Images to learn from and images to be examined on.
public struct ImageDataset: Equatable, Sendable {
  /// The data set's name, or the folder that it was read from.
  public let name: String
  /// The name of each class, by label.
  public let classes: [String]
  /// The images to learn from; every label is below `classes.count`.
  public let train: LabeledImages
  /// The images to be examined on, of the same size.
  public let test: LabeledImages
}

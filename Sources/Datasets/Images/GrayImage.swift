/// A picture in shades of grey.
public struct GrayImage: Equatable, Sendable {
  /// Columns, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int
  /// Shape [height, width], row-major: 0 is black, 255 white.
  public let pixels: [UInt8]
  /// What the picture is called in messages: its path, if it came from a file.
  public let name: String

  /// A picture that is already in memory.
  ///
  /// - Precondition: there are `width * height` pixels, and at least one.
  public init(width: Int, height: Int, pixels: [UInt8], name: String = "image") {
    precondition(
      width > 0 && height > 0 && pixels.count == width * height,
      "\(pixels.count) pixels are not a picture of \(width) × \(height)")
    self.width = width
    self.height = height
    self.pixels = pixels
    self.name = name
  }

  /// Reads a PNG or PGM file, recognised by content.
  ///
  /// - Throws: `DatasetError.missing` where the file cannot be read; `DatasetError.malformed` where it is damaged, in
  ///   another format, or larger than 32 megapixels.
  public init(contentsOf path: String) throws(DatasetError) {
    try self.init(encoded: try FileBytes.contents(of: path, atMost: Self.greatestFileSize), name: path)
  }

  /// Decodes the content of a PNG or PGM file.
  ///
  /// - Parameters:
  ///   - bytes: the file's content.
  ///   - name: what the picture is called in messages.
  /// - Throws: `DatasetError.malformed` where the content is damaged, in another format or too large.
  public init(encoded bytes: [UInt8], name: String) throws(DatasetError) {
    do throws(ImageFlaw) {
      let (width, height, pixels) =
        if PNGFile.recognizes(bytes) {
          try PNGFile(bytes).decode()
        } else if PGM.recognizes(bytes) {
          try PGM.decode(bytes)
        } else {
          throw ImageFlaw("is neither PNG nor PGM (P2, P5); convert it to one of them")
        }
      self.init(width: width, height: height, pixels: pixels, name: name)
    } catch {
      throw .malformed("\(name): \(error.reason)")
    }
  }

  /// More pixels than this are refused, in bytes of memory 64 MiB at most.
  static let greatestPixelCount = 1 << 25
  private static let greatestFileSize = 1 << 28
}

/// What is wrong with an encoded picture, to be put behind its name.
struct ImageFlaw: Error {
  let reason: String

  init(_ reason: String) {
    self.reason = reason
  }
}

/// Checks the size that a picture announces before memory is taken for it.
///
/// - Returns: the number of pixels.
func checkedPixelCount(width: Int, height: Int) throws(ImageFlaw) -> Int {
  let (count, overflow) = width.multipliedReportingOverflow(by: height)
  guard width > 0, height > 0 else {
    throw ImageFlaw("announces a size of \(width) × \(height); both must be at least 1")
  }
  guard !overflow, count <= GrayImage.greatestPixelCount else {
    throw ImageFlaw(
      "announces a size of \(width) × \(height); at most \(GrayImage.greatestPixelCount) pixels are read: shrink it")
  }
  return count
}

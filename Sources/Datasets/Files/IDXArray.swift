/// An array of unsigned bytes from a file in the IDX format of the MNIST database (see `IDXHeader`).
///
/// Files of other numbers are read as sequences, by `LabeledSequences(arraysAt:targetsAt:lengthsAt:as:)`.
public struct IDXArray: Equatable, Sendable {
  /// The size of each dimension; none is zero.
  public let dimensions: [Int]
  /// The elements, row-major; as many as the product of the dimensions.
  public let bytes: [UInt8]

  /// Reads a file, plain or gzip.
  ///
  /// Strict: the type must be unsigned byte, and the file must hold exactly the announced elements. Memory is taken
  /// once, in the size of the elements, and only after the file's own size has shown that they can be in it;
  /// so neither a lying header nor a gzip bomb costs more than the file could honestly hold.
  ///
  /// - Parameters:
  ///   - path: the file; gzip is recognised by content.
  ///   - rank: how many dimensions the file must have (3 for images, 1 for labels).
  /// - Throws: `DatasetError.missing` where the file cannot be read, `DatasetError.malformed` where it is not such
  ///   a file.
  public init(contentsOf path: String, rank: Int) throws(DatasetError) {
    try self.init(FileBytes(path: path), rank: rank)
  }

  /// Reads the content of a file; otherwise as `init(contentsOf:rank:)`.
  package init(bytes: [UInt8], name: String, rank: Int) throws(DatasetError) {
    try self.init(FileBytes(bytes: bytes, name: name), rank: rank)
  }

  private init(_ file: FileBytes, rank: Int) throws(DatasetError) {
    precondition((1...255).contains(rank), "an IDX file has 1 to 255 dimensions, not \(rank)")
    let header = try IDXHeader(magic: try file.header(IDXHeader.magicSize, format: "IDX"), of: file.name)
    guard header.type == .uint8 else {
      throw .malformed(
        "\(file.name): holds elements of type \(header.typeName); only unsigned bytes (08) can be read here")
    }
    guard header.rank == rank else {
      throw .malformed(
        "\(file.name): has \(header.rank) dimensions, \(rank) expected; images have 3, labels 1: are two files swapped?"
      )
    }
    dimensions = try header.shape(from: file)
    let count = try file.checkedCount(of: dimensions, elementSize: 1)
    bytes = try file.bytes(atMost: count)
    guard bytes.count == count else {
      throw .malformed("\(file.name): ends after \(bytes.count) of \(count) announced bytes; fetch or copy it again")
    }
    try file.finish(after: "\(count) bytes")
  }
}

extension IDXArray {
  /// SHA-256 of the uncompressed file, as 64 lower-case hexadecimal digits.
  ///
  /// The reader accepts only one spelling of an array, so the file's bytes follow from the value.
  package var fileDigest: String {
    let sizes = dimensions.flatMap { size in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } }
    var hash = SHA256()
    hash.update([0, 0, 0x08, UInt8(dimensions.count)] + sizes)
    hash.update(bytes)
    return hash.finalize()
  }
}

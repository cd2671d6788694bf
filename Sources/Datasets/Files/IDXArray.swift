/// An array of unsigned bytes from a file in the IDX format of the MNIST database.
///
/// The format (<https://yann.lecun.org/exdb/mnist/>): two zero bytes, a byte for the element type, a byte for the
/// number of dimensions, each dimension as a big-endian 32-bit number, then the elements, last dimension fastest.
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
    precondition((1...255).contains(rank), "an IDX file has 1 to 255 dimensions, not \(rank)")
    let file = try FileBytes(path: path)
    dimensions = try Self.readDimensions(of: file, rank: rank)
    let count = try Self.elementCount(dimensions, of: file)
    bytes = try Self.readElements(count, of: file)
  }

  private static func readDimensions(of file: FileBytes, rank: Int) throws(DatasetError) -> [Int] {
    let magic = try header(4, of: file)
    guard magic[0] == 0, magic[1] == 0 else {
      let found = magic.map { hexadecimal($0) }.joined(separator: " ")
      throw .malformed("\(file.path): begins with the bytes \(found); an IDX file begins with 00 00 08")
    }
    guard magic[2] == 0x08 else {
      throw .malformed(
        "\(file.path): holds elements of type \(elementName(magic[2])); only unsigned bytes (08) can be read")
    }
    guard Int(magic[3]) == rank else {
      throw .malformed(
        "\(file.path): has \(magic[3]) dimensions, \(rank) expected; images have 3, labels 1: are two files swapped?")
    }
    let sizes = try header(4 * rank, of: file)
    return (0..<rank).map { dimension in
      sizes[4 * dimension..<4 * dimension + 4].reduce(0) { $0 << 8 | Int($1) }
    }
  }

  /// The product of the dimensions, refused where it overflows or the file cannot hold it.
  private static func elementCount(_ dimensions: [Int], of file: FileBytes) throws(DatasetError) -> Int {
    let shape = dimensions.map(String.init).joined(separator: " × ")
    guard !dimensions.contains(0) else {
      throw .malformed("\(file.path): is empty: its dimensions are \(shape); each must be at least 1")
    }
    var count = 1
    for size in dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= file.greatestCount else {
        throw .malformed(
          "\(file.path): announces \(shape) bytes, more than a file of its size can hold; fetch or copy it again")
      }
      count = product
    }
    return count
  }

  private static func readElements(_ count: Int, of file: FileBytes) throws(DatasetError) -> [UInt8] {
    let bytes = try file.bytes(atMost: count)
    guard bytes.count == count else {
      throw .malformed("\(file.path): ends after \(bytes.count) of \(count) announced bytes; fetch or copy it again")
    }
    guard try file.bytes(atMost: 1).isEmpty else {
      throw .malformed("\(file.path): goes on after the \(count) bytes that its header announces")
    }
    return bytes
  }

  private static func header(_ count: Int, of file: FileBytes) throws(DatasetError) -> [UInt8] {
    let bytes = try file.bytes(atMost: count)
    guard bytes.count == count else {
      throw .malformed("\(file.path): ends inside the IDX header; fetch or copy the file again")
    }
    return bytes
  }

  private static func elementName(_ code: UInt8) -> String {
    let names: [UInt8: String] = [
      0x09: "signed byte", 0x0b: "16-bit integer", 0x0c: "32-bit integer", 0x0d: "float", 0x0e: "double",
    ]
    return "\(hexadecimal(code)) (\(names[code] ?? "unknown"))"
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

/// Two lower-case hexadecimal digits.
func hexadecimal(_ byte: UInt8) -> String {
  (byte < 16 ? "0" : "") + String(byte, radix: 16)
}

/// The first bytes of a file in the IDX format of the MNIST database.
///
/// The format (<https://yann.lecun.org/exdb/mnist/>): two zero bytes, a byte for the element type, a byte for the
/// number of dimensions, each dimension as a big-endian 32-bit number, then the elements, last dimension fastest.
struct IDXHeader {
  /// The bytes that say what follows.
  static let magicSize = 4

  /// The element type's number in the file.
  let typeCode: UInt8
  /// How many dimensions there are.
  let rank: Int

  /// Understands the first four bytes.
  ///
  /// - Parameters:
  ///   - magic: the four bytes.
  ///   - name: the file's, for messages.
  /// - Throws: `DatasetError.malformed` where it does not begin with two zeros.
  init(magic: [UInt8], of name: String) throws(DatasetError) {
    guard magic[0] == 0, magic[1] == 0 else {
      let found = magic.map { hexadecimal($0) }.joined(separator: " ")
      throw .malformed("\(name): begins with the bytes \(found); an IDX file begins with 00 00 08")
    }
    typeCode = magic[2]
    rank = Int(magic[3])
  }

  /// The size of each dimension, which follows the first four bytes.
  func shape(from stream: any ByteStream) throws(DatasetError) -> [Int] {
    let sizes = try stream.header(4 * rank, format: "IDX")
    return (0..<rank).map { dimension in
      sizes[4 * dimension..<4 * dimension + 4].reduce(0) { $0 << 8 | Int($1) }
    }
  }

  /// The type of the elements; `nil` if there is none of that number.
  var type: NumberType? {
    switch typeCode {
    case 0x08: .uint8
    case 0x09: .int8
    case 0x0b: .int16
    case 0x0c: .int32
    case 0x0d: .float32
    case 0x0e: .float64
    default: nil
    }
  }

  /// The type for messages: "0d (float)".
  var typeName: String {
    let names: [UInt8: String] = [
      0x08: "unsigned byte", 0x09: "signed byte", 0x0b: "16-bit integer", 0x0c: "32-bit integer", 0x0d: "float",
      0x0e: "double",
    ]
    return "\(hexadecimal(typeCode)) (\(names[typeCode] ?? "unknown"))"
  }
}

/// Two lower-case hexadecimal digits.
func hexadecimal(_ byte: UInt8) -> String {
  (byte < 16 ? "0" : "") + String(byte, radix: 16)
}

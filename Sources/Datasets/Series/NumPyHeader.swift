/// What stands before the elements in a `.npy` file.
///
/// The format (`numpy.lib.format`, versions 1.0, 2.0 and 3.0): the bytes 93 and `NUMPY`, two for the version, the size
/// of the dictionary as a little-endian number (of 2 bytes in version 1, else of 4), and a dictionary in Python's
/// spelling.
struct NumPyHeader {
  /// The elements' type.
  let type: StoredType
  /// Whether the first dimension is the fastest ("Fortran order").
  let isColumnMajor: Bool
  /// The size of each dimension; at most 8 of them.
  let shape: [Int]

  /// More dimensions than this are refused.
  static let greatestRank = 8
  /// A longer dictionary is refused, as NumPy does.
  static let greatestSize = 10_000

  /// The first bytes.
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Whether a file that begins with these four bytes is meant to be such a file.
  static func recognizes(_ first: [UInt8]) -> Bool {
    magic.starts(with: first)
  }

  /// Reads on to the first element.
  ///
  /// - Parameters:
  ///   - first: The four bytes that were already taken from the stream.
  ///   - stream: All that follows them.
  /// - Throws: `DatasetError.malformed` where it is not such a header, or one of an array that cannot be read here.
  init(first: [UInt8], of stream: any ByteStream) throws(DatasetError) {
    let start = try first + stream.header(4, format: "NumPy")
    guard start.starts(with: Self.magic) else {
      let found = start.prefix(Self.magic.count).map { hexadecimal($0) }.joined(separator: " ")
      throw .malformed("\(stream.name): begins with the bytes \(found); a NumPy array begins with 93 4e 55 4d 50 59")
    }
    let (major, minor) = (start[6], start[7])
    guard (1...3).contains(major), minor == 0 else {
      throw .malformed(
        "\(stream.name): is of version \(major).\(minor) of the NumPy format; 1.0, 2.0 and 3.0 can be read")
    }
    let size = try stream.header(major == 1 ? 2 : 4, format: "NumPy").reversed().reduce(0) { $0 << 8 | Int($1) }
    guard size <= Self.greatestSize else {
      throw .malformed("\(stream.name): has a NumPy header of \(size) bytes; at most \(Self.greatestSize) are read")
    }
    let text = try stream.header(size, format: "NumPy")
    do throws(NumPyDictionary.Flaw) {
      let dictionary = try NumPyDictionary(text)
      (isColumnMajor, shape) = (dictionary.isColumnMajor, dictionary.shape)
      type = try Self.elementType(dictionary.description)
    } catch {
      throw .malformed("\(stream.name): \(error.reason)")
    }
    guard shape.count <= Self.greatestRank else {
      throw .malformed("\(stream.name): has \(shape.count) dimensions; at most \(Self.greatestRank) are read")
    }
  }

  /// The type that NumPy describes so: the order of bytes, a letter, and the size: `<f4`.
  private static func elementType(_ description: String) throws(NumPyDictionary.Flaw) -> StoredType {
    if description.dropFirst().first == "O" {
      throw .init(
        "holds Python objects (\(printable(description))), which are not read: they can hold anything, even code "
          + "to run; save numbers or texts (for sequences of different lengths, fill them up to one and save their "
          + "lengths beside them)"
      )
    }
    guard let type = readableType(description) else {
      throw .init(
        "holds elements of type \(printable(description)); f2, f4, f8, i1 to i8, u1 to u8, b1 and, for classes, S "
          + "and U can be read: convert it with astype")
    }
    guard type.isNumber || (1...StoredType.greatestTextLength).contains(type.textLength) else {
      throw .init(
        "holds texts of up to \(type.textLength) characters (\(printable(description))); 1 to "
          + "\(StoredType.greatestTextLength) are read"
      )
    }
    return type
  }

  private static func readableType(_ description: String) -> StoredType? {
    guard let order = description.first, "<>|".contains(order), description.utf8.count <= 12 else { return nil }
    let isBigEndian = order == ">"
    let kind = description.dropFirst()
    if let number = numbers[String(kind)] {
      // Of one byte there is no order, and of several one must be said.
      return order == "|" && number.size > 1 ? nil : .number(number, isBigEndian: isBigEndian)
    }
    guard kind.dropFirst().allSatisfy({ ("0"..."9").contains($0) }), let count = Int(kind.dropFirst()) else {
      return nil
    }
    return switch kind.first {
    case "S": .bytes(count)
    case "U" where order != "|": .scalars(count, isBigEndian: isBigEndian)
    default: nil
    }
  }

  private static let numbers: [String: NumberType] = [
    "b1": .bool, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64, "u1": .uint8, "u2": .uint16, "u4": .uint32,
    "u8": .uint64, "f2": .float16, "f4": .float32, "f8": .float64,
  ]
}

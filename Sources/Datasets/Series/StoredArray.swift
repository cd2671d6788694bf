/// An array in a file, of which the header has been read and the elements are still to come, once.
struct StoredArray {
  /// The size of each dimension, none of them 0.
  let shape: [Int]
  /// The product of the dimensions.
  let count: Int
  /// How an element lies in the file.
  let type: StoredType
  /// Whether the first dimension is the fastest.
  let isColumnMajor: Bool
  private let stream: any ByteStream

  /// What it is called in messages.
  var name: String { stream.name }

  /// Reads the header of a NumPy array or an IDX file, recognised by content.
  ///
  /// - Throws: `DatasetError.malformed` where it is neither, announces more than the file can hold, or more numbers
  ///   than this machine has memory for.
  init(_ stream: any ByteStream) throws(DatasetError) {
    let first = try stream.header(IDXHeader.magicSize, format: "array's")
    if NumPyHeader.recognizes(first) {
      try self.init(NumPyHeader(first: first, of: stream), stream)
    } else if first.starts(with: ZipArchive.magic) {
      throw .malformed(
        "\(stream.name): is an archive of arrays (.npz) where one array was expected; give it alone, "
          + "without other files"
      )
    } else if first.prefix(2) == [0, 0] {
      try self.init(IDXHeader(magic: first, of: stream.name), stream)
    } else {
      throw .malformed("\(stream.name): is neither a NumPy array (.npy) nor an IDX file")
    }
  }

  /// Reads the header of a NumPy array; otherwise as `init(_:)`.
  init(numPy stream: any ByteStream) throws(DatasetError) {
    let first = try stream.header(IDXHeader.magicSize, format: "NumPy")
    try self.init(NumPyHeader(first: first, of: stream), stream)
  }

  private init(_ header: NumPyHeader, _ stream: any ByteStream) throws(DatasetError) {
    try self.init(header.shape, header.type, isColumnMajor: header.isColumnMajor, stream)
  }

  private init(_ header: IDXHeader, _ stream: any ByteStream) throws(DatasetError) {
    guard let type = header.type else {
      throw .malformed("\(stream.name): holds elements of type \(header.typeName), which IDX does not know")
    }
    guard (1...NumPyHeader.greatestRank).contains(header.rank) else {
      throw .malformed("\(stream.name): has \(header.rank) dimensions; 1 to \(NumPyHeader.greatestRank) are read")
    }
    try self.init(header.shape(from: stream), .number(type, isBigEndian: true), isColumnMajor: false, stream)
  }

  private init(
    _ shape: [Int], _ type: StoredType, isColumnMajor: Bool, _ stream: any ByteStream
  ) throws(DatasetError) {
    (self.shape, self.type, self.isColumnMajor, self.stream) = (shape, type, isColumnMajor, stream)
    count = try stream.checkedCount(of: shape, elementSize: type.size)
    // Of compressed files their size proves little.
    try checkMemory(for: count, of: MemoryLayout<Float>.size, from: stream.name)
  }

  /// The elements in single precision, row-major. Beside them, 64 KB of the file are in memory.
  ///
  /// - Throws: `DatasetError.malformed` where they are texts, and where the file is damaged, too short or too long.
  func numbers() throws(DatasetError) -> [Float] {
    guard case .number(let numberType, let isBigEndian) = type else {
      throw .malformed("\(name): holds texts; numbers are wanted here")
    }
    return try array(count: count) { output throws(DatasetError) in
      // Only where the order differs must each number be carried to its place.
      let isInPlace = !isColumnMajor || shape.count { $0 > 1 } <= 1
      var order = ColumnMajorOrder(shape)
      try forEachPiece { elements, bytes throws(DatasetError) in
        guard !isInPlace else {
          let part = UnsafeMutableBufferPointer(rebasing: output[elements])
          numberType.decode(bytes, isBigEndian: isBigEndian, into: part)
          return
        }
        var piece = [Float](repeating: 0, count: elements.count)
        piece.withUnsafeMutableBufferPointer { numberType.decode(bytes, isBigEndian: isBigEndian, into: $0) }
        for number in piece { output[order.next()] = number }
      }
      return count
    }
  }

  /// The elements as names of classes: texts as they are, whole numbers in decimal digits.
  ///
  /// - Throws: `DatasetError.malformed` where one is neither, or an empty text; otherwise as `numbers()`.
  /// - Precondition: At most one dimension is larger than 1, so that there is one order.
  func labels() throws(DatasetError) -> [String] {
    precondition(shape.count { $0 > 1 } <= 1, "labels of \(spelled(shape))")
    var labels: [String] = []
    try forEachPiece { elements, bytes throws(DatasetError) in
      for index in elements {
        let start = (index - elements.lowerBound) * type.size
        let element = UnsafeRawBufferPointer(rebasing: bytes[start..<start + type.size])
        guard let label = type.label(element) else {
          throw .malformed(
            "\(name): element \(index) is not "
              + (type.isNumber ? "a whole number, as a class or a length must be" : "valid text")
          )
        }
        guard !label.isEmpty else {
          throw .malformed("\(name): element \(index) is an empty text; a class must have a name")
        }
        labels.append(label)
      }
    }
    return labels
  }

  /// Calls `body` with the numbers and bytes of some elements after others, in the order of the file; then sees that it
  /// ends.
  private func forEachPiece(
    _ body: (_ elements: Range<Int>, _ bytes: UnsafeRawBufferPointer) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let greatest = max(1, (1 << 16) / type.size)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: greatest * type.size, alignment: 16)
    defer { buffer.deallocate() }
    for start in stride(from: 0, to: count, by: greatest) {
      let elements = start..<min(start + greatest, count)
      let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(elements.count * type.size)])
      let filled = try stream.read(into: wanted)
      guard filled == wanted.count else {
        throw .malformed(
          "\(name): ends after \(start + filled / type.size) of \(count) announced elements; fetch or copy it again")
      }
      try body(elements, UnsafeRawBufferPointer(wanted))
    }
    try stream.finish(after: "\(count) elements")
  }
}

/// The places, in an array whose last dimension is the fastest, of elements that come with the first one fastest.
private struct ColumnMajorOrder {
  private let shape: [Int]
  private let strides: [Int]
  private var index: [Int]
  private var place = 0

  init(_ shape: [Int]) {
    self.shape = shape
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    self.strides = strides
    index = [Int](repeating: 0, count: shape.count)
  }

  /// The place of the next element.
  mutating func next() -> Int {
    defer { advance() }
    return place
  }

  private mutating func advance() {
    for axis in shape.indices {
      index[axis] += 1
      place += strides[axis]
      guard index[axis] == shape[axis] else { return }
      index[axis] = 0
      place -= strides[axis] * shape[axis]
    }
  }
}

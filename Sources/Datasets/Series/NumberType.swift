/// How a number lies in a file, but for the order of its bytes.
enum NumberType {
  case bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, float32, float64

  /// Bytes of a number.
  var size: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .int16, .uint16, .float16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  /// Turns numbers one after another into the nearest of single precision; what is beyond it becomes infinite.
  ///
  /// - Parameters:
  ///   - bytes: `size` of them for each element of `output`.
  ///   - isBigEndian: whether the byte of the greatest weight comes first.
  ///   - output: what they become; `bool` 0 or 1.
  func decode(
    _ bytes: UnsafeRawBufferPointer, isBigEndian: Bool, into output: UnsafeMutableBufferPointer<Float>
  ) {
    func each<Word: FixedWidthInteger>(_: Word.Type, _ convert: (Word) -> Float) {
      for index in output.indices {
        output[index] = convert(bytes.word(at: index * MemoryLayout<Word>.size, isBigEndian: isBigEndian))
      }
    }
    switch self {
    case .bool: each(UInt8.self) { $0 == 0 ? 0 : 1 }
    case .int8: each(Int8.self) { Float($0) }
    case .int16: each(Int16.self) { Float($0) }
    case .int32: each(Int32.self) { Float($0) }
    case .int64: each(Int64.self) { Float($0) }
    case .uint8: each(UInt8.self) { Float($0) }
    case .uint16: each(UInt16.self) { Float($0) }
    case .uint32: each(UInt32.self) { Float($0) }
    case .uint64: each(UInt64.self) { Float($0) }
    case .float16: each(UInt16.self) { Float(halfPrecision: $0) }
    case .float32: each(UInt32.self) { Float(bitPattern: $0) }
    case .float64: each(UInt64.self) { Float(Double(bitPattern: $0)) }
    }
  }

  /// A whole number as decimal text, whatever its size; `nil` for one with a fraction, NaN and the infinite.
  ///
  /// - Parameters:
  ///   - bytes: `size` of them.
  ///   - isBigEndian: whether the byte of the greatest weight comes first.
  /// - Returns: The text, without a point.
  func wholeText(_ bytes: UnsafeRawBufferPointer, isBigEndian: Bool) -> String? {
    func word<Word: FixedWidthInteger>(_: Word.Type) -> Word { bytes.word(at: 0, isBigEndian: isBigEndian) }
    func text(_ value: Double) -> String? { Int64(exactly: value).map { String($0) } }
    return switch self {
    case .bool: word(UInt8.self) == 0 ? "0" : "1"
    case .int8: String(word(Int8.self))
    case .int16: String(word(Int16.self))
    case .int32: String(word(Int32.self))
    case .int64: String(word(Int64.self))
    case .uint8: String(word(UInt8.self))
    case .uint16: String(word(UInt16.self))
    case .uint32: String(word(UInt32.self))
    case .uint64: String(word(UInt64.self))
    case .float16: text(Double(Float(halfPrecision: word(UInt16.self))))
    case .float32: text(Double(Float(bitPattern: word(UInt32.self))))
    case .float64: text(Double(bitPattern: word(UInt64.self)))
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The integer that begins at an offset, aligned or not.
  func word<Word: FixedWidthInteger>(at offset: Int, isBigEndian: Bool) -> Word {
    let word = loadUnaligned(fromByteOffset: offset, as: Word.self)
    return isBigEndian ? Word(bigEndian: word) : Word(littleEndian: word)
  }
}

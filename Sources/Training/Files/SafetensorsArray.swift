/// An element type of the safetensors format, by its name in the file.
///
/// Source: `Dtype` of Hugging Face's safetensors 0.8. The order is theirs, from the least alignment to the
/// greatest, and files store their arrays from the last to the first.
public enum SafetensorsDType: String, Sendable, CaseIterable {
  /// One byte, 0 or 1.
  case bool = "BOOL"
  /// Floating point in 4 bits.
  case f4 = "F4"
  /// Floating point in 6 bits, of which 2 for the exponent.
  case f6E2M3 = "F6_E2M3"
  /// Floating point in 6 bits, of which 3 for the exponent.
  case f6E3M2 = "F6_E3M2"
  /// Unsigned 8-bit integer.
  case u8 = "U8"
  /// Signed 8-bit integer.
  case i8 = "I8"
  /// Floating point in 8 bits, of which 5 for the exponent.
  case f8E5M2 = "F8_E5M2"
  /// Floating point in 8 bits, of which 4 for the exponent.
  case f8E4M3 = "F8_E4M3"
  /// A power of two in 8 bits.
  case f8E8M0 = "F8_E8M0"
  /// As `f8E4M3`, without infinities and without a negative zero.
  case f8E4M3FNUZ = "F8_E4M3FNUZ"
  /// As `f8E5M2`, without infinities and without a negative zero.
  case f8E5M2FNUZ = "F8_E5M2FNUZ"
  /// Signed 16-bit integer.
  case i16 = "I16"
  /// Unsigned 16-bit integer.
  case u16 = "U16"
  /// IEEE 754 half precision.
  case f16 = "F16"
  /// The upper half of single precision ("bfloat16").
  case bf16 = "BF16"
  /// Signed 32-bit integer.
  case i32 = "I32"
  /// Unsigned 32-bit integer.
  case u32 = "U32"
  /// IEEE 754 single precision.
  case f32 = "F32"
  /// Complex number of two single precision parts.
  case c64 = "C64"
  /// IEEE 754 double precision.
  case f64 = "F64"
  /// Signed 64-bit integer.
  case i64 = "I64"
  /// Unsigned 64-bit integer.
  case u64 = "U64"

  /// The size of an element, in bits.
  public var bitWidth: Int {
    switch self {
    case .f4: 4
    case .f6E2M3, .f6E3M2: 6
    case .bool, .u8, .i8, .f8E5M2, .f8E4M3, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ: 8
    case .i16, .u16, .f16, .bf16: 16
    case .i32, .u32, .f32: 32
    case .c64, .f64, .i64, .u64: 64
    }
  }

  /// Returns the size of an array, in bytes; nil if it is no whole number or too large for an `Int`.
  func byteCount(shape: [Int]) -> Int? {
    var bits = bitWidth
    for length in shape {
      let (product, overflow) = bits.multipliedReportingOverflow(by: length)
      if overflow { return nil }
      bits = product
    }
    return bits.isMultiple(of: 8) ? bits / 8 : nil
  }
}

/// An array as a safetensors file holds it: an element type, a shape, and the elements' bytes,
/// little-endian and in row-major order.
public struct SafetensorsArray: Sendable, Equatable {
  /// The type of the elements.
  public let dtype: SafetensorsDType

  /// The length of each axis; empty for a scalar.
  public let shape: [Int]

  /// The elements.
  public let bytes: [UInt8]

  /// Creates an array from its elements' bytes. Traps unless `bytes` are exactly those of `shape`.
  public init(dtype: SafetensorsDType, shape: [Int], bytes: [UInt8]) {
    precondition(
      shape.allSatisfy { $0 >= 0 } && dtype.byteCount(shape: shape) == bytes.count,
      "\(bytes.count) bytes are not an array of \(dtype.rawValue) with shape \(shape)")
    self.dtype = dtype
    self.shape = shape
    self.bytes = bytes
  }

  /// Creates an array of element type F32. Traps unless there are exactly as many floats as `shape` says.
  public init(shape: [Int], floats: [Float]) {
    let words = floats.map(\.bitPattern.littleEndian)
    self.init(dtype: .f32, shape: shape, bytes: words.withUnsafeBytes(Array.init))
  }

  /// Returns the elements of an array of F32, F64, F16 or BF16 in row-major order.
  ///
  /// F64 is rounded to the nearest Float, infinity included; the others are exact.
  ///
  /// - Throws: `SafetensorsError` for other element types, with neither the file nor the array in it.
  public func floats() throws(SafetensorsError) -> [Float] {
    switch dtype {
    case .f32: elements(UInt32.self) { Float(bitPattern: $0) }
    case .f64: elements(UInt64.self) { Float(Double(bitPattern: $0)) }
    case .f16: elements(UInt16.self, Float.init(halfPrecision:))
    case .bf16: elements(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    default: throw SafetensorsError(.notFloatingPoint(dtype))
    }
  }

  private func elements<Word: FixedWidthInteger>(_ type: Word.Type, _ convert: (Word) -> Float) -> [Float] {
    bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: MemoryLayout<Word>.size).map { offset in
        convert(Word(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Word.self)))
      }
    }
  }
}

/// A message in the wire format of Protocol Buffers, as far as TensorBoard's logs need it: fields are appended, nothing
/// is read.
///
/// swift-protobuf is no dependency of what everybody builds, on purpose: it would cost each clean build more time than
/// these sixty lines cost their reader.
struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  /// How a field's value lies in the message, in the lowest three bits of the field's tag.
  private enum WireType: UInt64 {
    case varint = 0
    case eightBytes = 1
    case lengthAndBytes = 2
    case fourBytes = 5
  }

  /// A field of type `double`.
  mutating func append(_ field: UInt64, _ value: Double) {
    appendTag(field, .eightBytes)
    append(littleEndian: value.bitPattern)
  }

  /// A field of type `float`.
  mutating func append(_ field: UInt64, _ value: Float) {
    appendTag(field, .fourBytes)
    append(littleEndian: value.bitPattern)
  }

  /// A field of type `int64`.
  mutating func append(_ field: UInt64, _ value: Int) {
    appendTag(field, .varint)
    append(varint: UInt64(bitPattern: Int64(value)))
  }

  /// A field of type `string`.
  mutating func append(_ field: UInt64, _ value: String) { append(field, bytes: Array(value.utf8)) }

  /// A field that is a message itself.
  mutating func append(_ field: UInt64, _ value: ProtobufMessage) { append(field, bytes: value.bytes) }

  /// A repeated field of type `double`, packed.
  mutating func append(_ field: UInt64, packed values: [Double]) {
    var message = ProtobufMessage()
    for value in values { message.append(littleEndian: value.bitPattern) }
    append(field, message)
  }

  private mutating func append(_ field: UInt64, bytes value: [UInt8]) {
    appendTag(field, .lengthAndBytes)
    append(varint: UInt64(value.count))
    bytes += value
  }

  private mutating func appendTag(_ field: UInt64, _ type: WireType) { append(varint: field << 3 | type.rawValue) }

  /// Seven bits at a time, the lowest first; all bytes but the last have the highest bit set.
  private mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func append(littleEndian value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}

/// The cyclic redundancy check with Castagnoli's polynomial, 0x1EDC6F41, as iSCSI has it (RFC 3720, section 12.1).
package func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
  ~bytes.reduce(~0) { crc, byte in (crc >> 8) ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] }
}

/// The check as TFRecord files hold it: turned and moved, for a check of data that hold checks of their own is weak.
func maskedCRC32C(_ bytes: some Sequence<UInt8>) -> UInt32 {
  let crc = crc32c(bytes)
  return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
}

/// What each byte does to the check, with the polynomial's bits in reverse order.
private let table: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { crc, _ in (crc >> 1) ^ (crc & 1 == 0 ? 0 : 0x82F6_3B78) }
}

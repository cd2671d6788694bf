extension Float {
  /// A number of IEEE 754's binary16, by its bits. Swift's own `Float16` does not exist on Intel Macs.
  package init(halfPrecision half: UInt16) {
    let sign = UInt32(half & 0x8000) << 16
    let exponent = UInt32(half >> 10 & 0x1F)
    let fraction = UInt32(half & 0x3FF)
    switch exponent {
    case 0:
      // Zero and the subnormals: multiples of 2⁻²⁴, all of which are normal as Float.
      self.init(bitPattern: sign | (Float(fraction) * 0x1p-24).bitPattern)
    case 0x1F:
      self.init(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default:
      self.init(bitPattern: sign | (exponent + 127 - 15) << 23 | fraction << 13)
    }
  }
}

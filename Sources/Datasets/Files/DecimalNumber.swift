/// A decimal number as text files spell it: `-12`, `.5`, `3.`, `6.02e+23`.
///
/// `Float(_: Substring)` alone would take hexadecimal, `inf` and `nan(1)` as well, make infinity of `1e39`, and needs a
/// string for each of a file's million numbers. So the spelling is read here, and most values follow from it exactly.
struct DecimalNumber {
  /// The digits without the point, as far as 19 of them.
  private(set) var significand: UInt64 = 0
  /// The power of ten that `significand` is multiplied by.
  private(set) var exponent = 0
  let isNegative: Bool

  /// Digits other than zeros had no place in `significand`.
  private var isTruncated = false
  private let bytes: ArraySlice<UInt8>

  /// `nil` where the bytes, all of them, do not spell a number.
  init?(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    var position = bytes.startIndex
    let sign = position < bytes.endIndex ? bytes[position] : 0
    isNegative = sign == UInt8(ascii: "-")
    if isNegative || sign == UInt8(ascii: "+") {
      position += 1
    }
    let wholeDigits = takeDigits(from: &position)
    var fractionDigits = 0
    if position < bytes.endIndex, bytes[position] == UInt8(ascii: ".") {
      position += 1
      fractionDigits = takeDigits(from: &position, areFraction: true)
    }
    guard wholeDigits + fractionDigits > 0 else { return nil }
    if position < bytes.endIndex, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      guard let power = Self.power(in: bytes, from: &position) else { return nil }
      exponent += power
    }
    guard position == bytes.endIndex else { return nil }
  }

  /// Takes the digits from `position` on into the significand and returns how many there are.
  private mutating func takeDigits(from position: inout Int, areFraction: Bool = false) -> Int {
    let start = position
    while position < bytes.endIndex, let digit = Self.digit(bytes[position]) {
      if significand < Self.greatestBeforeOneMore {
        significand = significand * 10 + digit
        exponent -= areFraction ? 1 : 0
      } else {
        isTruncated = isTruncated || digit != 0
        exponent += areFraction ? 0 : 1
      }
      position += 1
    }
    return position - start
  }

  /// The power after the e; beyond ±99,999 it makes no difference which.
  private static func power(in bytes: ArraySlice<UInt8>, from position: inout Int) -> Int? {
    let sign = position < bytes.endIndex ? bytes[position] : 0
    if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      position += 1
    }
    var power: Int?
    while position < bytes.endIndex, let digit = digit(bytes[position]) {
      power = min((power ?? 0) * 10 + Int(digit), 99_999)
      position += 1
    }
    return sign == UInt8(ascii: "-") ? power.map { -$0 } : power
  }

  /// The nearest number in single precision; `nil` where that would be infinity.
  var float: Float? {
    if !isTruncated, significand <= 1 << 53, Self.powersOfTen.indices.contains(abs(exponent)) {
      // Both operands are exact, so the result is the double nearest to the number (Clinger 1990). It leads to the
      // nearest float unless it lies just in the middle of two, where the first rounding would decide for the second.
      let power = Self.powersOfTen[abs(exponent)]
      let double = exponent < 0 ? Double(significand) / power : Double(significand) * power
      if double.bitPattern & 0x1fff_ffff != 0x1000_0000 {
        return Float(isNegative ? -double : double)
      }
    }
    // The runtime's conversion is correctly rounded and does not know of locales.
    guard let value = Float(String(decoding: bytes, as: UTF8.self)), value.isFinite else { return nil }
    return value
  }

  /// Nothing, `?`, `NaN` or `NA`, whatever the case: a number that is not there.
  static func isMissing(_ bytes: ArraySlice<UInt8>) -> Bool {
    switch bytes.count {
    case 0: true
    case 1: bytes.first == UInt8(ascii: "?")
    case 2: bytes.map { $0 | 0x20 } == Array("na".utf8)
    case 3: bytes.map { $0 | 0x20 } == Array("nan".utf8)
    default: false
    }
  }

  static func digit(_ byte: UInt8) -> UInt64? {
    let value = byte &- UInt8(ascii: "0")
    return value < 10 ? UInt64(value) : nil
  }

  /// Below this, ten times as many and a digit fit into 64 bits.
  private static let greatestBeforeOneMore: UInt64 = 1_000_000_000_000_000_000

  /// Those that a double holds exactly.
  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]
}

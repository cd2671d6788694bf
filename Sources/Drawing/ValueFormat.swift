/// How a number is written on axes, in cells and in tables.
public enum ValueFormat: Hashable, Sendable {
  /// A plain decimal number.
  case number
  /// A whole number, such as an epoch or a count. An axis of this format has no ticks between whole numbers.
  case integer
  /// A fraction as per cent: 0.989 is "98.9 %".
  case percent

  /// Writes a number.
  ///
  /// - Parameters:
  ///   - value: Any number; NaN and the infinities are written "nan", "inf" and "-inf".
  ///   - decimals: Digits behind the point (for ``percent``, of the percentage; ``integer`` has none). Halves are
  ///     rounded away from zero.
  /// - Returns: `value` as text.
  public func string(_ value: Double, decimals: Int) -> String {
    switch self {
    case .number: fixedDecimal(value, decimals: decimals)
    case .integer: fixedDecimal(value, decimals: 0)
    case .percent: fixedDecimal(value * 100, decimals: decimals) + " %"
    }
  }

  /// The digits that tell numbers apart which need `decimals` digits as plain numbers.
  package func tickDecimals(_ decimals: Int) -> Int { self == .percent ? max(0, decimals - 2) : decimals }
}

/// 10 to the power `exponent`, exact where Double can be.
package func powerOfTen(_ exponent: Int) -> Double {
  let power = (0..<abs(exponent)).reduce(1.0) { power, _ in power * 10 }
  return exponent < 0 ? 1 / power : power
}

/// `value` with exactly `decimals` digits behind the point, and commas between thousands from 10,000 on.
/// Beyond what fits in 15 digits, Swift's shortest notation.
package func fixedDecimal(_ value: Double, decimals: Int) -> String {
  precondition(decimals >= 0, "decimals is \(decimals), it must not be negative")
  let scaled = (value.magnitude * powerOfTen(decimals)).rounded()
  guard scaled < 1e15 else { return value.description }
  var digits = String(Int(scaled))
  digits = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
  let fraction = digits.suffix(decimals)
  let whole = digits.dropLast(decimals)
  let sign = value < 0 && scaled > 0 ? "-" : ""
  return sign + grouped(whole) + (decimals > 0 ? "." + fraction : "")
}

/// `value` with at most `decimals` digits behind the point, no zeros at the end and no commas: for machines.
package func trimmedDecimal(_ value: Double, decimals: Int) -> String {
  var text = fixedDecimal(value, decimals: decimals).filter { $0 != "," }
  guard text.contains("."), !text.contains("e") else { return text }
  while text.last == "0" { text.removeLast() }
  if text.last == "." { text.removeLast() }
  return text
}

/// A positive number with two digits: "0.0012", "150", "1.2e-9".
package func twoDigits(_ value: Double) -> String {
  let exponent = Int(decimalLogarithm(of: value).rounded(.down))
  guard (-4...5).contains(exponent) else {
    let mantissa = exponent < 0 ? value * powerOfTen(-exponent) : value / powerOfTen(exponent)
    return "\(fixedDecimal(mantissa, decimals: 1))e\(exponent)"
  }
  return fixedDecimal(value, decimals: max(0, 1 - exponent))
}

private func grouped(_ digits: Substring) -> String {
  guard digits.count > 4 else { return String(digits) }
  var result = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0 { result += "," }
    result.append(digit)
  }
  return result
}

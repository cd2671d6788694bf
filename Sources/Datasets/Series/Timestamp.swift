/// When a step was: a number, or a date with or without a time of day.
///
/// Kept as whole units and a fraction, so that nanoseconds since 1970 still come one after another, which a `Double`
/// cannot tell apart.
struct Timestamp: Equatable, Sendable {
  /// Seconds since 1970 rather than the file's own number; the two cannot be compared.
  let isDate: Bool
  private let whole: Int
  /// From 0 up to 1.
  private let fraction: Double

  /// Reads a number, or `YYYY-MM-DD` followed by nothing or by `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fff`, with a space or a
  /// T between, and with `Z` or `±HH:MM` at the end or not.
  init?(_ bytes: ArraySlice<UInt8>) {
    if let number = DecimalNumber(bytes) {
      self.init(number)
    } else {
      self.init(date: bytes)
    }
  }

  /// Whether this was earlier than `other`, which must be of the same kind.
  func isBefore(_ other: Timestamp) -> Bool {
    (whole, fraction) < (other.whole, other.fraction)
  }

  private init?(_ number: DecimalNumber) {
    var (significand, exponent) = (number.significand, number.exponent)
    // Digits far behind the point go; zeros in front of it come.
    while exponent < -18, significand > 0 {
      significand /= 10
      exponent += 1
    }
    while exponent > 0, significand > 0 {
      let (product, overflow) = significand.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      significand = product
      exponent -= 1
    }
    var unit: UInt64 = 1
    if significand > 0 {
      for _ in 0..<(-exponent) { unit *= 10 }
    }
    guard let whole = Int(exactly: significand / unit) else { return nil }
    let fraction = Double(significand % unit) / Double(unit)
    isDate = false
    self.whole = number.isNegative ? -whole - (fraction > 0 ? 1 : 0) : whole
    self.fraction = number.isNegative && fraction > 0 ? 1 - fraction : fraction
  }

  private init?(date bytes: ArraySlice<UInt8>) {
    var rest = bytes
    guard let year = Self.digits(4, &rest), Self.take("-", &rest), let month = Self.digits(2, &rest),
      Self.take("-", &rest), let day = Self.digits(2, &rest),
      (1...12).contains(month), (1...Self.days(inMonth: month, of: year)).contains(day)
    else { return nil }
    var seconds = 86_400 * Self.days(to: year, month, day)
    var fraction = 0.0
    if !rest.isEmpty {
      guard Self.take("T", &rest) || Self.take(" ", &rest), let time = Self.timeOfDay(&rest, &fraction),
        let offset = Self.offset(&rest), rest.isEmpty
      else { return nil }
      seconds += time - offset
    }
    isDate = true
    whole = seconds
    self.fraction = fraction
  }

  /// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fff`, in seconds.
  private static func timeOfDay(_ rest: inout ArraySlice<UInt8>, _ fraction: inout Double) -> Int? {
    guard let hour = digits(2, &rest), hour < 24, take(":", &rest), let minute = digits(2, &rest), minute < 60 else {
      return nil
    }
    guard take(":", &rest) else {
      return 3600 * hour + 60 * minute
    }
    // 60 in leap seconds.
    guard let second = digits(2, &rest), second <= 60 else { return nil }
    if rest.first == UInt8(ascii: ".") {
      let length = rest.dropFirst().prefix { DecimalNumber.digit($0) != nil }.count
      guard length > 0, let part = DecimalNumber(rest.prefix(1 + length)), let timestamp = Timestamp(part) else {
        return nil
      }
      fraction = timestamp.fraction
      rest = rest.dropFirst(1 + length)
    }
    return 3600 * hour + 60 * minute + second
  }

  /// Seconds east of Greenwich: `Z`, `±HH:MM`, or nothing, which is read as `Z`.
  private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int? {
    if rest.isEmpty || take("Z", &rest) {
      return 0
    }
    let isWest = take("-", &rest)
    guard isWest || take("+", &rest), let hours = digits(2, &rest), hours < 24, take(":", &rest),
      let minutes = digits(2, &rest), minutes < 60
    else { return nil }
    return (isWest ? -1 : 1) * (3600 * hours + 60 * minutes)
  }

  private static func digits(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> Int? {
    guard rest.count >= count else { return nil }
    var value = 0
    for byte in rest.prefix(count) {
      guard let digit = DecimalNumber.digit(byte) else { return nil }
      value = value * 10 + Int(digit)
    }
    rest = rest.dropFirst(count)
    return value
  }

  private static func take(_ character: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest = rest.dropFirst()
    return true
  }

  private static func days(inMonth month: Int, of year: Int) -> Int {
    let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  /// Days since 1970-01-01 in the Gregorian calendar, from which a leap day at the end of a year that begins in March
  /// makes a formula without cases (Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2014).
  private static func days(to year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

extension LineReader {
  /// The time that stands there.
  func timestamp(in range: Range<Int>) throws(DatasetError) -> Timestamp {
    let range = trimmed(range)
    guard let time = Timestamp(bytes[range]) else {
      throw flaw(
        at: range.lowerBound,
        "\(excerpt(range)) is not a time; expected a number or a date as 2026-01-31 23:59:59")
    }
    return time
  }

  /// - Throws: `DatasetError.malformed` where `time`, which stands there, is not later than `last`.
  func check(_ time: Timestamp, isAfter last: Timestamp?, at range: Range<Int>) throws(DatasetError) {
    guard let last else { return }
    guard last.isDate == time.isDate else {
      throw flaw(at: range.lowerBound, "the time \(excerpt(range)) after a time of another kind; use numbers or dates")
    }
    guard last.isBefore(time) else {
      throw flaw(
        at: range.lowerBound, "the time \(excerpt(range)) is not after that of the step before; sort the steps by time")
    }
  }
}

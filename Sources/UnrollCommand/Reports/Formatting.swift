import Foundation

/// A share as a percentage with two decimals: "98.91 %".
func percent(_ share: Double) -> String { fixed(100 * share, 2) + " %" }

/// A number with a fixed number of decimals.
func fixed(_ value: Double, _ decimals: Int) -> String { formatted(value, "%.\(decimals)f") }

/// A number of any size with four significant digits: "0.01235", "1.235e+06".
func short(_ value: Double) -> String { formatted(value, "%.4g") }

/// A number, whose sign does not matter where it is none: C writes "-nan" too.
private func formatted(_ value: Double, _ format: String) -> String {
  value.isNaN ? "nan" : String(format: format, value)
}

/// A count with commas: "60,000".
func grouped(_ count: Int) -> String {
  var digits = String(count.magnitude), groups: [Substring] = []
  while digits.count > 3 {
    groups.insert(digits.suffix(3), at: 0)
    digits = String(digits.dropLast(3))
  }
  return (count < 0 ? "-" : "") + ([Substring(digits)] + groups).joined(separator: ",")
}

/// Seconds as people say them: "3.6 s", "42 s", "2 min 5 s".
func duration(_ seconds: Double) -> String {
  guard seconds.isFinite else { return "?" }
  if seconds < 9.95 { return fixed(seconds, 1) + " s" }
  let whole = Int(seconds.rounded())
  if whole < 60 { return "\(whole) s" }
  return whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
}

extension TerminalStyle {
  /// A horizontal bar for a fraction, such as a probability.
  ///
  /// In Unicode its end is exact to an eighth of a column; in ASCII, to a whole one.
  ///
  /// - Parameters:
  ///   - fraction: How much of the bar is full; values outside of 0...1 count as 0 or 1, NaN as 0.
  ///   - width: The columns of a full bar.
  /// - Returns: The bar, filled up with spaces to `width` columns, so that bars can stand in front of other text.
  public func bar(_ fraction: Double, width: Int) -> String {
    precondition(width >= 0, "a bar cannot be \(width) columns wide")
    let clamped = fraction.isNaN ? 0 : min(max(fraction, 0), 1)
    switch characters {
    case .ascii:
      let full = Int((clamped * Double(width)).rounded())
      return String(repeating: "#", count: full) + String(repeating: " ", count: width - full)
    case .unicode:
      let eighths = Int((clamped * Double(width * 8)).rounded())
      let parts: [Character] = Array(" ▏▎▍▌▋▊▉")
      let end = eighths % 8 == 0 ? "" : String(parts[eighths % 8])
      return (String(repeating: "█", count: eighths / 8) + end).padded(to: width)
    }
  }
}

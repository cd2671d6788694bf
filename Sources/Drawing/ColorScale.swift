/// How a heat map turns numbers into colours.
public enum ColorScale: Hashable, Sendable {
  /// From dark violet (low) through green to yellow (high), after viridis: equal steps of the value look like equal
  /// steps of brightness. Without a range, from the smallest to the largest value.
  case sequential(ClosedRange<Double>?)
  /// Blue (negative), white (zero), red (positive), up to `limit` on both sides. Without a limit, the largest magnitude.
  case diverging(limit: Double?)
  /// The colours of ``sequential(_:)`` over log(1 + value), from 0 up to `limit`: for counts, where
  /// one confusion should show beside a thousand right answers. Without a limit, the largest value.
  case counts(limit: Double?)
  /// From white (low) to black (high), as ink on paper. Without a range, from the smallest to the largest value.
  case gray(ClosedRange<Double>?)

  /// The scale with its limits settled: given ones are kept, open ones taken from the finite ones of `values`.
  package func fitted(to values: some Sequence<Double>) -> FittedColorScale {
    let finite = values.filter(\.isFinite)
    let extent = (finite.min() ?? 0)...(finite.max() ?? 1)
    switch self {
    case .sequential(let range): return FittedColorScale(kind: .sequential, range: range ?? extent)
    case .gray(let range): return FittedColorScale(kind: .gray, range: range ?? extent)
    case .diverging(let limit):
      let limit = limit ?? finite.map(\.magnitude).max() ?? 1
      return FittedColorScale(kind: .diverging, range: -limit...limit)
    case .counts(let limit):
      return FittedColorScale(kind: .counts, range: 0...max(limit ?? finite.max() ?? 1, 0))
    }
  }
}

/// A colour scale between known limits.
package struct FittedColorScale {
  package enum Kind { case sequential, diverging, counts, gray }

  package let kind: Kind
  package let range: ClosedRange<Double>

  /// Where `value` lies between the limits, 0...1; values beyond them count as the limits. `nil` for NaN.
  /// The middle if the limits coincide.
  package func position(of value: Double) -> Double? {
    if value.isNaN { return nil }
    let clamped = min(max(value, range.lowerBound), range.upperBound)
    let (part, whole) =
      kind == .counts
      ? (logarithm(onePlus: clamped), logarithm(onePlus: range.upperBound))
      : (clamped / 2 - range.lowerBound / 2, range.upperBound / 2 - range.lowerBound / 2)
    return whole > 0 ? part / whole : 0.5
  }

  /// The colour of `value`; `nil` for NaN.
  package func color(of value: Double) -> RGB? { position(of: value).map(color(at:)) }

  /// The colour at a position of 0...1.
  package func color(at position: Double) -> RGB {
    let stops =
      switch kind {
      case .sequential, .counts: Self.viridis
      case .diverging: Self.blueWhiteRed
      case .gray: Self.paper
      }
    let place = position * Double(stops.count - 1)
    let index = min(Int(place), stops.count - 2)
    return stops[index].mixed(with: stops[index + 1], fraction: place - Double(index))
  }

  /// The colour at a position of 0...1 among a terminal's 256.
  package func terminalColor(at position: Double) -> Int {
    let stops =
      switch kind {
      case .sequential, .counts: Self.terminalViridis
      case .diverging: Self.terminalBlueWhiteRed
      case .gray: Self.terminalPaper
      }
    return stops[Int((position * Double(stops.count - 1)).rounded())]
  }

  /// The values that the legend names.
  package var legendValues: [Double] {
    guard kind == .counts else { return Ticks(inside: range, atMost: 6).values }
    return [0] + sequence(first: 1) { $0 * 10 }.prefix { $0 <= range.upperBound }
  }

  // Eleven equidistant samples of viridis (Smith and van der Walt, 2015, CC0).
  private static let viridis: [RGB] = [
    0x440154, 0x482475, 0x414487, 0x355F8D, 0x2A788E, 0x21918C, 0x22A884, 0x44BF70, 0x7AD151, 0xBDDF26, 0xFDE725,
  ].map { RGB($0) }

  // ColorBrewer's RdBu (Brewer, 2002), reversed: blue is negative.
  private static let blueWhiteRed: [RGB] = [
    0x053061, 0x2166AC, 0x4393C3, 0x92C5DE, 0xD1E5F0, 0xF7F7F7, 0xFDDBC7, 0xF4A582, 0xD6604D, 0xB2182B, 0x67001F,
  ].map { RGB($0) }

  private static let paper = [RGB(0xFFFFFF), RGB(0x000000)]

  // Picked by eye from the 6×6×6 cube of xterm's colours: the nearest entries by distance turn dark blue into teal.
  private static let terminalViridis = [53, 54, 55, 24, 30, 36, 72, 78, 113, 148, 220]
  private static let terminalBlueWhiteRed = [17, 25, 32, 74, 153, 231, 224, 216, 167, 124, 52]
  private static let terminalPaper = [231, 253, 250, 247, 244, 241, 238, 235, 16]
}

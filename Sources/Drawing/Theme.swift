/// What a colour is for, with its shade on a light and on a dark ground.
package struct ColorRole: Sendable {
  package let name: String
  package let light: RGB
  package let dark: RGB

  func className(for property: String) -> String { "\(property)-\(name)" }
}

/// The looks shared by all SVG pictures.
///
/// The light colours are written as presentation attributes, so every renderer shows them, also one that knows
/// nothing of stylesheets. The stylesheet holds only the dark colours, within a media query; where that is
/// understood, it overrides the attributes, because CSS outranks presentation attributes.
package enum Theme {
  package static let fontFamily =
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', Arial, sans-serif"

  package static let ground = ColorRole(name: "ground", light: RGB(0xFFFFFF), dark: RGB(0x14171C))
  package static let ink = ColorRole(name: "ink", light: RGB(0x1B1F24), dark: RGB(0xE9ECF0))
  package static let muted = ColorRole(name: "muted", light: RGB(0x5B636E), dark: RGB(0xA4ACB8))
  package static let axis = ColorRole(name: "axis", light: RGB(0x8B939E), dark: RGB(0x6B7480))
  package static let grid = ColorRole(name: "grid", light: RGB(0xE3E6EA), dark: RGB(0x2B3038))
  /// The fill of a heat map's cell without a value.
  package static let missing = ColorRole(name: "missing", light: RGB(0xD5D9DE), dark: RGB(0x3A404A))

  /// Okabe and Ito's colour-blind-safe palette (2008), in an order that keeps neighbours far apart, and behind it, where
  /// theirs has a yellow that is hard to see on white and the ink itself, a violet and a grey; the dark shades are lighter
  /// versions of the same hues. Colours repeat after the eighth series.
  package static func series(_ index: Int) -> ColorRole { palette[index % palette.count] }

  /// The colours of series, in their order.
  package static let palette = [
    ColorRole(name: "series-1", light: RGB(0x0072B2), dark: RGB(0x56B4E9)),
    ColorRole(name: "series-2", light: RGB(0xD55E00), dark: RGB(0xFF9350)),
    ColorRole(name: "series-3", light: RGB(0x009E73), dark: RGB(0x3DCFA3)),
    ColorRole(name: "series-4", light: RGB(0xCC79A7), dark: RGB(0xEBA6CC)),
    ColorRole(name: "series-5", light: RGB(0xE69F00), dark: RGB(0xF5C24B)),
    ColorRole(name: "series-6", light: RGB(0x56B4E9), dark: RGB(0x9AD4F7)),
    ColorRole(name: "series-7", light: RGB(0x5B3A99), dark: RGB(0xB49AE8)),
    ColorRole(name: "series-8", light: RGB(0x7A7F87), dark: RGB(0xC2C8D0)),
  ]

  package static let darkStylesheet: String = {
    let rules = ([ground, ink, muted, axis, grid, missing] + palette).flatMap { role in
      ["fill", "stroke"].map { ".\(role.className(for: $0)){\($0):\(role.dark.hex)}" }
    }
    return "@media (prefers-color-scheme:dark){\(rules.joined())}"
  }()
}

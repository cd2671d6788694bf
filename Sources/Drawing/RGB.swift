/// A colour in sRGB, a byte per channel.
package struct RGB: Hashable, Sendable {
  package let red: UInt8
  package let green: UInt8
  package let blue: UInt8

  /// The colour written as in CSS: `RGB(0xD55E00)`.
  package init(_ hex: UInt32) {
    red = UInt8(truncatingIfNeeded: hex >> 16)
    green = UInt8(truncatingIfNeeded: hex >> 8)
    blue = UInt8(truncatingIfNeeded: hex)
  }

  private init(red: Double, green: Double, blue: Double) {
    self.red = UInt8(red.rounded())
    self.green = UInt8(green.rounded())
    self.blue = UInt8(blue.rounded())
  }

  /// The colour as CSS writes it, lower case.
  package var hex: String {
    let channels = [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return "#" + channels.joined()
  }

  /// The colour `fraction` (0...1) of the way to `other`, channel by channel.
  package func mixed(with other: RGB, fraction: Double) -> RGB {
    func mix(_ from: UInt8, _ to: UInt8) -> Double { Double(from) + (Double(to) - Double(from)) * fraction }
    return RGB(red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
  }

  /// Relative luminance, 0 (black) to 1 (white): WCAG 2.2, "relative luminance".
  package var luminance: Double {
    func linear(_ channel: UInt8) -> Double {
      let value = Double(channel) / 255
      return value <= 0.04045 ? value / 12.92 : power((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  /// Contrast ratio with `other`, 1 (equal) to 21 (black on white): WCAG 2.2, "contrast ratio".
  package func contrast(with other: RGB) -> Double {
    let (low, high) = (min(luminance, other.luminance), max(luminance, other.luminance))
    return (high + 0.05) / (low + 0.05)
  }

  /// Black or white, whichever is easier to read on this colour. The better of the two always has a contrast of at
  /// least 4.5, WCAG's bar for text.
  package var readableInk: RGB {
    let (black, white) = (RGB(0x000000), RGB(0xFFFFFF))
    return contrast(with: black) >= contrast(with: white) ? black : white
  }
}

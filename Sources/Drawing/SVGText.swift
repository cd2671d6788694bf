/// The sizes and colours of text in SVG pictures.
enum SVGText {
  static let titleSize = 26.0
  static let bodySize = 16.0
  static let smallSize = 14.0

  /// From one line's baseline to the next, in font sizes.
  static let lineHeight = 1.35

  enum Anchor: String { case start, middle, end }

  /// A line of text whose baseline is at `y`.
  static func line(
    _ text: String, x: Double, y: Double, size: Double, color: ColorRole = Theme.ink, bold: Bool = false,
    anchor: Anchor = .start
  ) -> SVGElement {
    SVGElement(
      "text",
      ["x": x, "y": y, "font-size": size, "font-weight": bold ? 600 : 400, "text-anchor": anchor.rawValue],
      text: text
    ).painted(fill: color)
  }

  /// The name of an axis; nothing if it has none.
  static func axisLabel(_ text: String, x: Double, y: Double, anchor: Anchor = .middle) -> [SVGElement] {
    text.isEmpty ? [] : [line(text, x: x, y: y, size: bodySize, anchor: anchor)]
  }

  /// The baseline for text whose digits and capitals should be centred at `middle`. Their height is about 0.72 font
  /// sizes in all the usual fonts; `dominant-baseline` would ask the font, but not every renderer knows it.
  static func baseline(centeredAt middle: Double, size: Double) -> Double { middle + size * 0.36 }

  /// Title and subtitle, wrapped to `width`, from `y` down. `y` is moved to the lower end.
  static func heading(title: String, subtitle: String, x: Double, width: Double, y: inout Double) -> [SVGElement] {
    var elements: [SVGElement] = []
    for (text, size, color, bold) in [
      (title, titleSize, Theme.ink, true), (subtitle, bodySize, Theme.muted, false),
    ] {
      for piece in wrapped(text, width: width, size: size) {
        elements.append(line(piece, x: x, y: y + size, size: size, color: color, bold: bold))
        y += size * lineHeight
      }
    }
    return elements
  }

  /// A width that `text` will hardly exceed.
  ///
  /// An SVG is laid out before anybody knows in which font it will be shown, so these are the widths of
  /// DejaVu Sans, the widest of the usual system fonts.
  static func width(of text: String, size: Double) -> Double {
    text.reduce(0) { $0 + emWidth(of: $1) } * size
  }

  private static func emWidth(of character: Character) -> Double {
    switch character {
    case " ", ".", ",", ":", ";", "i", "j", "l", "I", "'", "|", "!", "(", ")", "[", "]", "-", "f", "t", "r", "/": 0.4
    case "0"..."9": 0.64
    case "m", "M", "w", "W", "%", "@": 0.98
    case "A"..."Z": 0.74
    case _ where character.terminalColumns > 1: 1
    default: 0.63
    }
  }

  /// `text` in lines no wider than `width`, broken at spaces. A single word is never broken.
  static func wrapped(_ text: String, width: Double, size: Double) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, Self.width(of: last + " " + word, size: size) <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}

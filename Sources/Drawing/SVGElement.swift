/// A value that can stand in an SVG attribute.
package protocol SVGValue {
  /// The attribute's text, before escaping.
  var svgText: String { get }
}

extension String: SVGValue {
  package var svgText: String { self }
}

extension Int: SVGValue {
  package var svgText: String { String(self) }
}

extension Double: SVGValue {
  /// At most two decimals: a hundredth of a pixel is invisible, and short numbers keep the file readable in a diff.
  package var svgText: String { trimmedDecimal(self, decimals: 2) }
}

/// An XML element: the only place that knows how SVG is written down.
package struct SVGElement {
  private var name: String
  private var attributes: [(name: String, value: String)]
  private var children: [SVGElement]
  private var text: String
  /// Whether children are pieces of a text, between which a line break would be a space.
  private var isRunningText = false

  /// An element that holds other elements.
  package init(_ name: String, _ attributes: KeyValuePairs<String, any SVGValue> = [:], _ children: [SVGElement] = []) {
    self.name = name
    self.attributes = attributes.map { ($0.key, $0.value.svgText) }
    self.children = children
    text = ""
  }

  /// An element that holds text.
  package init(_ name: String, _ attributes: KeyValuePairs<String, any SVGValue> = [:], text: String) {
    self.init(name, attributes)
    self.text = text
  }

  /// A text in several pieces.
  package init(_ name: String, _ attributes: KeyValuePairs<String, any SVGValue> = [:], runs: [SVGElement]) {
    self.init(name, attributes, runs)
    isRunningText = true
  }

  /// The element with its colours: presentation attributes for the light look, and the classes by which the
  /// stylesheet of ``Theme`` replaces them in the dark one.
  package func painted(fill: ColorRole? = nil, stroke: ColorRole? = nil) -> SVGElement {
    var painted = self
    let classes = [fill?.className(for: "fill"), stroke?.className(for: "stroke")].compactMap { $0 }
    painted.attributes.append(("class", classes.joined(separator: " ")))
    painted.attributes.append(("fill", fill?.light.hex ?? "none"))
    if let stroke { painted.attributes.append(("stroke", stroke.light.hex)) }
    return painted
  }

  /// The element in a colour that does not depend on the look.
  package func filled(_ color: RGB) -> SVGElement {
    var filled = self
    filled.attributes.append(("fill", color.hex))
    return filled
  }

  /// The element as XML, one element a line.
  package func xml(indent: Int = 0) -> String {
    let margin = String(repeating: " ", count: indent)
    let opening = attributes.reduce(into: margin + "<" + name) { line, attribute in
      line += " \(attribute.name)=\"\(Self.escaped(attribute.value))\""
    }
    if !text.isEmpty { return "\(opening)>\(Self.escaped(text))</\(name)>\n" }
    if children.isEmpty { return "\(opening)/>\n" }
    if isRunningText { return "\(opening)>\(children.map { $0.xml().dropLast() }.joined())</\(name)>\n" }
    return "\(opening)>\n\(children.map { $0.xml(indent: indent + 1) }.joined())\(margin)</\(name)>\n"
  }

  /// `text` with XML's special characters escaped, and the characters that XML 1.0 forbids (section 2.2) replaced.
  package static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x26: result += "&amp;"
      case 0x3C: result += "&lt;"
      case 0x3E: result += "&gt;"
      case 0x22: result += "&quot;"
      case 0x27: result += "&#39;"
      case 0x09, 0x0A, 0x0D: result += " "
      case 0x00...0x1F, 0x7F, 0xFFFE, 0xFFFF: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// A whole picture: the root element with what every chart here shares.
package struct SVGDocument {
  /// The width in user units (pixels at scale 1).
  package var width: Double
  /// The height in user units.
  package var height: Double
  /// The accessible name.
  package var title: String
  /// The accessible description.
  package var description: String
  /// What is drawn, back to front.
  package var elements: [SVGElement]

  /// A standalone SVG file.
  ///
  /// `<title>` and `<desc>` come first, where SVG-AAM looks for name and description; so no `id` is needed
  /// and several charts can be inlined in one page.
  package var xml: String {
    let background = SVGElement("rect", ["width": width, "height": height]).painted(fill: Theme.ground)
    return SVGElement(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 \(width.svgText) \(height.svgText)",
        "width": width, "height": height, "role": "img", "font-family": Theme.fontFamily,
      ],
      [
        SVGElement("title", text: title.isEmpty ? "Chart" : title),
        SVGElement("desc", text: description),
        SVGElement("style", text: Theme.darkStylesheet),
        background,
      ] + elements
    ).xml()
  }
}

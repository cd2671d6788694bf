extension HTMLPage.Block {
  /// The block as HTML.
  var html: String {
    switch self {
    case .heading(let text, let level, let color):
      let level = min(max(level, 2), 6)
      return "<h\(level)>\(color.map(Self.spot) ?? "")\(SVGElement.escaped(text))</h\(level)>"
    case .paragraph(let text):
      return "<p>\(SVGElement.escaped(text))</p>"
    case .note(let text):
      return "<p class=\"note\">\(SVGElement.escaped(text))</p>"
    case .formula(let text):
      return "<p class=\"formula\">\(Formula(text).html)</p>"
    case .figure(let svg, let narrow, let caption):
      let line = caption.isEmpty ? "" : "<figcaption>\(SVGElement.escaped(caption))</figcaption>\n"
      let pictures = narrow.isEmpty ? svg : "<div class=\"wide\">\(svg)</div>\n<div class=\"narrow\">\(narrow)</div>\n"
      return "<figure>\n\(pictures)\(line)</figure>"
    case .table(let header, let rows, let numeric):
      return Self.table(header: header, rows: rows, numeric: numeric)
    case .key(let entries):
      let items = entries.map { entry in
        let text = entry.text.isEmpty ? "" : " <span>\(SVGElement.escaped(entry.text))</span>"
        return "<li>\(Self.spot(entry.color))<b>\(SVGElement.escaped(entry.name))</b>\(text)</li>"
      }
      return "<ul class=\"key\">\n\(items.joined(separator: "\n"))\n</ul>"
    case .pictures(let pictures, let width):
      let items = pictures.map { $0.html(width: width) }.joined(separator: "\n")
      return "<div class=\"pictures\" style=\"\(Self.columns(minimumWidth: width))\">\n\(items)\n</div>"
    case .gallery(let blocks, let minimumWidth):
      let items = blocks.map { "<div>\($0.html)</div>" }.joined(separator: "\n")
      return "<div class=\"gallery\" style=\"\(Self.columns(minimumWidth: minimumWidth))\">\n\(items)\n</div>"
    case .group(let blocks):
      return blocks.map(\.html).joined(separator: "\n")
    case .details(let summary, let blocks):
      let inner = blocks.map(\.html).joined(separator: "\n")
      return "<details>\n<summary>\(SVGElement.escaped(summary))</summary>\n\(inner)\n</details>"
    }
  }

  private static func table(header: [String], rows: [[String]], numeric: Set<Int>) -> String {
    func row(_ cells: [String], _ tag: String) -> String {
      let cells = cells.enumerated().map { index, text in
        "<\(tag)\(numeric.contains(index) ? " class=\"number\"" : "")>\(SVGElement.escaped(text))</\(tag)>"
      }
      return "<tr>\(cells.joined())</tr>"
    }
    return """
      <div class="table"><table>
      <thead>\(row(header, "th"))</thead>
      <tbody>
      \(rows.map { row($0, "td") }.joined(separator: "\n"))
      </tbody>
      </table></div>
      """
  }

  /// A spot in a colour of the palette.
  private static func spot(_ color: Int) -> String {
    "<i class=\"spot\" style=\"background:var(--\(Theme.series(color).name))\"></i>"
  }

  private static func columns(minimumWidth: Int) -> String {
    "grid-template-columns:repeat(auto-fill,minmax(min(100%,\(minimumWidth)px),1fr))"
  }
}

extension HTMLPage.Picture {
  fileprivate func html(width: Int) -> String {
    let lines = lines.enumerated().map { index, line in
      index == 0 ? "<b>\(SVGElement.escaped(line))</b>" : "<br/>\(SVGElement.escaped(line))"
    }
    let caption = lines.isEmpty ? "" : "<figcaption>\(lines.joined())</figcaption>"
    return """
      <figure><img src="\(SVGElement.escaped(source))" alt="\(SVGElement.escaped(description))" width="\(width)"/>\
      \(caption)</figure>
      """
  }
}

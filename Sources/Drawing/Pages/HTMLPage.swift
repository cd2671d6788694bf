/// A web page in one file: no script, no font and no picture comes from elsewhere, so that it can be mailed, kept and
/// opened in ten years.
///
/// ```swift
/// let page = HTMLPage(title: "Two runs", blocks: [.paragraph("What is compared."), .figure(chart.svg())])
/// try page.html.write(to: url, atomically: true, encoding: .utf8)
/// ```
///
/// It follows the reader's light or dark look and is good on a telephone too: figures shrink, wide tables scroll.
public struct HTMLPage: Hashable, Sendable {
  /// What a page is made of. Texts are plain: characters that mean something in HTML are escaped.
  public indirect enum Block: Hashable, Sendable {
    /// A section's headline; level 2 is the highest below the title.
    case heading(String, level: Int = 2)
    /// A paragraph.
    case paragraph(String)
    /// A formula, set off from the text, with `_` before each index.
    case formula(String)
    /// A picture: a whole SVG document, such as `LineChart.svg()` gives; with a line below it.
    case figure(String, caption: String = "")
    /// A table. Columns of numbers, by index, are set flush right.
    case table(header: [String], rows: [[String]], numeric: Set<Int> = [])
    /// Blocks side by side where there is room, each at least so many pixels wide.
    case gallery([Block], minimumWidth: Int)
    /// Blocks that belong together, as one item of a gallery.
    case group([Block])
    /// Blocks that are shown when the reader opens them.
    case details(summary: String, [Block])
  }

  /// The headline, and what the browser's tab says.
  public var title: String
  /// What follows below it.
  public var blocks: [Block]

  /// A page.
  public init(title: String, blocks: [Block]) {
    self.title = title
    self.blocks = blocks
  }

  /// The page as the text of a file. The same page always gives the same bytes.
  public var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(SVGElement.escaped(title))</title>
    <style>
    \(Self.stylesheet)
    </style>
    </head>
    <body>
    <main>
    <h1>\(SVGElement.escaped(title))</h1>
    \(blocks.map(\.html).joined(separator: "\n"))
    </main>
    </body>
    </html>

    """
  }

  private static let stylesheet = """
    :root{--ground:\(Theme.ground.light.hex);--ink:\(Theme.ink.light.hex);--muted:\(Theme.muted.light.hex);\
    --rule:\(Theme.grid.light.hex)}
    @media (prefers-color-scheme:dark){:root{--ground:\(Theme.ground.dark.hex);--ink:\(Theme.ink.dark.hex);\
    --muted:\(Theme.muted.dark.hex);--rule:\(Theme.grid.dark.hex)}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 \(Theme.fontFamily)}
    main{max-width:1040px;margin:0 auto;padding:24px 20px 64px}
    h1{font-size:1.75rem;line-height:1.2;margin:.5em 0}
    h2{font-size:1.3rem;margin:2em 0 .5em}
    h3{font-size:1.05rem;margin:1.5em 0 .5em}
    p{max-width:44em}
    .formula{font:italic 1.05rem/1.5 Cambria,Georgia,'Times New Roman',serif;margin:.5em 0}
    sub{font-size:.75em;line-height:0}
    figure{margin:1em 0}
    figure svg{display:block;width:100%;max-width:100%;height:auto}
    figcaption{color:var(--muted);font-size:.875rem}
    .table{overflow-x:auto}
    table{border-collapse:collapse;font-variant-numeric:tabular-nums}
    th,td{padding:.3em .8em .3em 0;border-bottom:1px solid var(--rule);text-align:left;white-space:nowrap}
    th{color:var(--muted);font-weight:600}
    .number{text-align:right}
    .gallery{display:grid;gap:16px}
    .gallery figure{margin:0}
    .gallery h3{margin-top:.5em}
    summary{cursor:pointer;color:var(--muted)}
    """
}

extension HTMLPage.Block {
  /// The block as HTML.
  fileprivate var html: String {
    switch self {
    case .heading(let text, let level):
      let level = min(max(level, 2), 6)
      return "<h\(level)>\(SVGElement.escaped(text))</h\(level)>"
    case .paragraph(let text):
      return "<p>\(SVGElement.escaped(text))</p>"
    case .formula(let text):
      return "<p class=\"formula\">\(Formula(text).html)</p>"
    case .figure(let svg, let caption):
      let line = caption.isEmpty ? "" : "<figcaption>\(SVGElement.escaped(caption))</figcaption>\n"
      return "<figure>\n\(svg)\(line)</figure>"
    case .table(let header, let rows, let numeric):
      func row(_ cells: [String], _ tag: String) -> String {
        let cells = cells.enumerated().map { index, text in
          "<\(tag)\(numeric.contains(index) ? " class=\"number\"" : "")>\(SVGElement.escaped(text))</\(tag)>"
        }
        return "<tr>\(cells.joined())</tr>"
      }
      let body = rows.map { row($0, "td") }.joined(separator: "\n")
      return """
        <div class="table"><table>
        <thead>\(row(header, "th"))</thead>
        <tbody>
        \(body)
        </tbody>
        </table></div>
        """
    case .gallery(let blocks, let minimumWidth):
      let columns = "repeat(auto-fill,minmax(min(100%,\(minimumWidth)px),1fr))"
      let items = blocks.map { "<div>\($0.html)</div>" }.joined(separator: "\n")
      return "<div class=\"gallery\" style=\"grid-template-columns:\(columns)\">\n\(items)\n</div>"
    case .group(let blocks):
      return blocks.map(\.html).joined(separator: "\n")
    case .details(let summary, let blocks):
      let inner = blocks.map(\.html).joined(separator: "\n")
      return "<details>\n<summary>\(SVGElement.escaped(summary))</summary>\n\(inner)\n</details>"
    }
  }
}

/// A web page in one file: no script, no font and no picture comes from elsewhere, so that it can be mailed, kept and
/// opened in ten years.
///
/// ```swift
/// let page = HTMLPage(title: "Two runs", blocks: [.paragraph("What is compared."), .figure(chart.svg())])
/// try page.html.write(to: url, atomically: true, encoding: .utf8)
/// ```
///
/// It follows the reader's light or dark look and is good on a telephone too: figures shrink, wide tables scroll. It is
/// HTML and well-formed XML at once, so that any parser of either reads it.
public struct HTMLPage: Hashable, Sendable {
  /// What a page is made of. Texts are plain: characters that mean something in HTML are escaped.
  public indirect enum Block: Hashable, Sendable {
    /// A section's headline; level 2 is the highest below the title. With a colour of the palette, a spot of it in front.
    case heading(String, level: Int = 2, color: Int? = nil)
    /// A paragraph.
    case paragraph(String)
    /// A paragraph of lesser weight, such as how to read a figure or what is missing.
    case note(String)
    /// A formula, set off from the text, with `_` before each index.
    case formula(String)
    /// A picture: a whole SVG document, such as `LineChart.svg()` gives, never larger than it is at scale 1; with a line
    /// below it. On screens too narrow for it, `narrow` is shown instead if there is one.
    case figure(String, narrow: String = "", caption: String = "")
    /// A table. Columns of numbers, by index, are set flush right. The first column stays in sight when others scroll.
    case table(header: [String], rows: [[String]], numeric: Set<Int> = [])
    /// What lines of a colour stand for in all figures of the page.
    case key([KeyEntry])
    /// Small pictures of pixels, as many beside each other as have room.
    case pictures([Picture], width: Int)
    /// Blocks side by side where there is room, each at least so many pixels wide.
    case gallery([Block], minimumWidth: Int)
    /// Blocks that belong together, one below the other, as one item of a gallery.
    case group([Block])
    /// Blocks that are shown when the reader opens them.
    case details(summary: String, [Block])
  }

  /// What a colour stands for.
  public struct KeyEntry: Hashable, Sendable {
    /// The palette's colour, from 0, as in `LineChart.Series`.
    public var color: Int
    /// What it stands for.
    public var name: String
    /// A few words on that.
    public var text: String

    /// An entry of a key.
    public init(color: Int, name: String, text: String = "") {
      self.color = color
      self.name = name
      self.text = text
    }
  }

  /// A picture of pixels within the page.
  public struct Picture: Hashable, Sendable {
    /// The picture itself, as a `data:` URI, such as `data:image/png;base64,…`.
    public var source: String
    /// What is to be seen, for those who cannot.
    public var description: String
    /// The lines below it, the first of them in bold.
    public var lines: [String]

    /// A picture.
    ///
    /// - Precondition: `source` is a `data:` URI of an image: a page loads nothing.
    public init(source: String, description: String, lines: [String] = []) {
      precondition(source.hasPrefix("data:image/"), "a picture from \(source.prefix(40)): a data:image/ URI expected")
      self.source = source
      self.description = description
      self.lines = lines
    }
  }

  /// How many colours there are to tell things apart by.
  public static var colorCount: Int { Theme.palette.count }

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
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta name="color-scheme" content="light dark"/>
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
}

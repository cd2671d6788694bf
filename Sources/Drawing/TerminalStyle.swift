/// What a terminal can show.
public struct TerminalStyle: Hashable, Sendable {
  /// The characters to draw with.
  public enum Characters: Hashable, Sendable {
    /// Lines, blocks and braille patterns: any terminal with UTF-8.
    case unicode
    /// The 95 printable characters of ASCII.
    case ascii
  }

  /// The characters to draw with.
  public var characters: Characters
  /// Whether to colour with ANSI escape sequences (256 colours). Nothing relies on colour alone.
  public var usesColor: Bool

  /// A style; by default Unicode without colour, which is right for files and pipes too.
  public init(characters: Characters = .unicode, usesColor: Bool = false) {
    self.characters = characters
    self.usesColor = usesColor
  }

  /// The style that fits a process's surroundings.
  ///
  /// Unicode where the locale says UTF-8 (`LC_ALL`, else `LC_CTYPE`, else `LANG`). Colour on terminals, unless
  /// `NO_COLOR` is set to something (no-color.org) or `TERM` is `dumb`.
  ///
  /// - Parameters:
  ///   - environment: The environment variables.
  ///   - isTerminal: Whether the output goes to a terminal.
  public init(environment: [String: String], isTerminal: Bool) {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    let name = locale.lowercased()
    characters = name.hasSuffix("utf-8") || name.hasSuffix("utf8") ? .unicode : .ascii
    let refusesColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    usesColor = isTerminal && !refusesColor && environment["TERM"] != "dumb"
  }

  /// `text` in `ink` where the terminal has colours, unchanged elsewhere.
  package func inked(_ text: String, _ ink: TerminalInk) -> String {
    usesColor && !text.isEmpty ? "\u{1B}[\(ink.code)m\(text)\u{1B}[0m" : text
  }
}

/// A way to set off text on a terminal: the parameters of an ANSI "select graphic rendition" sequence.
package struct TerminalInk: Hashable, Sendable {
  let code: String

  package static let bold = TerminalInk(code: "1")
  package static let dim = TerminalInk(code: "2")
  /// Bold green: what is right.
  package static let right = TerminalInk(code: "1;38;5;35")

  /// The colour of a series: the terminal's neighbours of the SVG's palette, mid-tones that can be read on black and
  /// on white.
  package static func series(_ index: Int) -> TerminalInk {
    let colors = [32, 166, 36, 169, 172, 74]
    return TerminalInk(code: "38;5;\(colors[index % colors.count])")
  }

  /// A ground of one of the terminal's 256 colours.
  package static func ground(_ color: Int) -> TerminalInk { TerminalInk(code: "48;5;\(color)") }
}

extension Character {
  /// The columns that a terminal gives the character: 0, 1 or 2.
  ///
  /// The simple cases of Unicode's annexes 11 (East Asian width) and 51 (emoji): ideographs, Hangul, kana,
  /// full-width forms and emoji are wide; control characters and lone combining marks take no room.
  package var terminalColumns: Int {
    guard let first = unicodeScalars.first else { return 0 }
    switch first.properties.generalCategory {
    case .control, .format, .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    if unicodeScalars.contains("\u{FE0F}") || first.properties.isEmojiPresentation { return 2 }
    return Self.wideRanges.contains { $0.contains(first.value) } ? 2 : 1
  }

  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
    0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD,
  ]
}

extension String {
  /// The columns that a terminal gives the text; ANSI colour sequences take none.
  package var terminalColumns: Int { withoutColors.reduce(0) { $0 + $1.terminalColumns } }

  /// The text without the sequences by which ``TerminalStyle`` colours it.
  package var withoutColors: String {
    guard contains("\u{1B}") else { return self }
    var result = ""
    var isInSequence = false
    for character in self {
      if character == "\u{1B}" {
        isInSequence = true
      } else if isInSequence {
        isInSequence = character != "m"
      } else {
        result.append(character)
      }
    }
    return result
  }

  /// The text with spaces up to `columns`, on the left or on the right.
  package func padded(to columns: Int, onLeft: Bool = false) -> String {
    let spaces = String(repeating: " ", count: max(0, columns - terminalColumns))
    return onLeft ? spaces + self : self + spaces
  }

  /// The text in at most `columns`, with a mark at the end if something is missing. For text without colours.
  package func truncated(to columns: Int, style: TerminalStyle) -> String {
    guard terminalColumns > columns else { return self }
    let mark = style.characters == .unicode ? "…" : "~"
    var result = ""
    var room = columns - 1
    for character in self {
      room -= character.terminalColumns
      guard room >= 0 else { break }
      result.append(character)
    }
    return columns > 0 ? result + mark : ""
  }
}

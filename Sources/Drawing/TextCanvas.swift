/// A sheet of terminal cells. What is put beyond its edges is lost, so a drawing can never be too large.
struct TextCanvas {
  private enum Cell {
    case empty
    case character(Character, ink: TerminalInk?)
    /// The second half of a wide character.
    case covered
  }

  let width: Int
  let height: Int
  private var rows: [[Cell]]

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    rows = Array(repeating: Array(repeating: .empty, count: width), count: height)
  }

  /// Puts `text` into the row from `column` on, over what is there.
  mutating func put(_ text: String, column: Int, row: Int, ink: TerminalInk? = nil) {
    guard rows.indices.contains(row) else { return }
    var column = column
    for character in text where character.terminalColumns > 0 {
      let last = column + character.terminalColumns - 1
      if column >= 0, last < width {
        rows[row][column] = .character(character, ink: ink)
        if last > column { rows[row][last] = .covered }
      }
      column = last + 1
    }
  }

  /// The rows as lines, without spaces at their ends and without a newline at the very end.
  func text(style: TerminalStyle) -> String {
    rows.map { row in
      var line = ""
      var (piece, pieceInk) = ("", TerminalInk?.none)
      func finished() -> String { pieceInk.map { style.inked(piece, $0) } ?? piece }
      let end = row.lastIndex { if case .empty = $0 { false } else { true } } ?? -1
      for cell in row[...end] {
        let (character, ink): (Character, TerminalInk?)
        switch cell {
        case .empty: (character, ink) = (" ", nil)
        case .character(let content, let contentInk): (character, ink) = (content, contentInk)
        case .covered: continue
        }
        if ink != pieceInk {
          line += finished()
          (piece, pieceInk) = ("", ink)
        }
        piece.append(character)
      }
      return line + finished()
    }.joined(separator: "\n")
  }
}

/// A grid of dots finer than terminal cells, on which lines are drawn.
///
/// In Unicode each cell holds the 2×4 dots of a braille pattern, in ASCII a single dot.
struct DotGrid {
  let columns: Int
  let rows: Int
  private let dotColumns: Int
  private let dotRows: Int
  private var cells: [(pattern: UInt8, owner: Int)]

  init(columns: Int, rows: Int, characters: TerminalStyle.Characters) {
    self.columns = columns
    self.rows = rows
    (dotColumns, dotRows) = characters == .unicode ? (2, 4) : (1, 1)
    cells = Array(repeating: (0, 0), count: columns * rows)
  }

  /// The dot for a place given as fractions of the grid, x to the right and y up.
  ///
  /// 0 and 1 are the *middles* of the outermost cells, because that is where the tick labels stand.
  func dot(x: Double, y: Double) -> (column: Int, row: Int) {
    func position(_ fraction: Double, cells: Int, dots: Int) -> Int {
      // Places far outside are drawn far outside, but a line to them must not take forever.
      let clamped = min(max(fraction, -10), 11)
      return Int((clamped * Double((cells - 1) * dots) + Double(dots - 1) / 2).rounded(.down))
    }
    return (position(x, cells: columns, dots: dotColumns), position(1 - y, cells: rows, dots: dotRows))
  }

  /// The cell that holds a dot; `nil` outside of the grid.
  func cell(of dot: (column: Int, row: Int)) -> (column: Int, row: Int)? {
    guard dot.column >= 0, dot.row >= 0 else { return nil }
    let cell = (column: dot.column / dotColumns, row: dot.row / dotRows)
    return cell.column < columns && cell.row < rows ? cell : nil
  }

  /// Sets all dots on the way between two dots, both included (Bresenham, 1965).
  mutating func draw(from start: (column: Int, row: Int), to end: (column: Int, row: Int), owner: Int) {
    let (width, height) = (abs(end.column - start.column), -abs(end.row - start.row))
    let (right, down) = (start.column < end.column ? 1 : -1, start.row < end.row ? 1 : -1)
    var dot = start
    var error = width + height
    set(dot, owner: owner)
    while dot != end {
      let doubled = 2 * error
      if doubled >= height {
        error += height
        dot.column += right
      }
      if doubled <= width {
        error += width
        dot.row += down
      }
      set(dot, owner: owner)
    }
  }

  private mutating func set(_ dot: (column: Int, row: Int), owner: Int) {
    guard let cell = cell(of: dot) else { return }
    // Braille numbers its dots 1-2-3-7 down the left side and 4-5-6-8 down the right one.
    let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    let index = cell.row * columns + cell.column
    cells[index].pattern |= bits[dot.row % dotRows][dot.column % dotColumns]
    cells[index].owner = owner
  }

  /// The cell's braille pattern as bits, and whose line was drawn there last. `nil` if the cell is empty.
  func content(column: Int, row: Int) -> (pattern: UInt8, owner: Int)? {
    let cell = cells[row * columns + column]
    return cell.pattern == 0 ? nil : cell
  }
}

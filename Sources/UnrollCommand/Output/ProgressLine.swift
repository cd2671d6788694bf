/// A line that tells how far a long task is.
///
/// On a terminal it is rewritten in its place, at most ten times a second. Elsewhere, in a log, it becomes a plain line
/// once in ten seconds, so that a log shows life without being flooded. Lines that shall stay are printed above it.
///
///     var progress = ProgressLine(isQuiet: false)
///     for step in steps {
///       …
///       progress.update("step \(step) of \(count)")
///     }
///     progress.clear()
struct ProgressLine {
  private let stream: StandardStream
  /// What the line may look like.
  let terminal: Terminal
  private let isQuiet: Bool
  private let interval: Duration
  private var lastUpdate: ContinuousClock.Instant?
  private var isShown = false

  /// Begins without showing anything; if it is to be quiet, only `printLine` ever does.
  init(isQuiet: Bool, on stream: StandardStream = .error) {
    self.isQuiet = isQuiet
    self.stream = stream
    terminal = Terminal(stream)
    interval = terminal.canRewrite ? .milliseconds(100) : .seconds(10)
    // The first line of a log waits as well: a task that ends before needs none.
    lastUpdate = terminal.canRewrite ? nil : .now
  }

  /// Shows a text in place of the one before, unless that has just been shown. The text is only made if it is shown.
  mutating func update(_ text: @autoclosure () -> String) {
    if isQuiet { return }
    let now = ContinuousClock.now
    if let lastUpdate, now - lastUpdate < interval { return }
    lastUpdate = now
    if terminal.canRewrite {
      // The last column stays empty: some terminals move on to the next line when it is filled.
      stream.tryWrite(Self.erase + text().prefix(terminal.width - 1))
      isShown = true
    } else {
      stream.tryWriteLine(text())
    }
  }

  /// Prints a line that stays, above the progress, unless it is to be quiet.
  mutating func say(_ line: String) {
    if !isQuiet { printLine(line) }
  }

  /// Prints a line that stays, above the progress.
  mutating func printLine(_ line: String) {
    clear()
    stream.tryWriteLine(line)
  }

  /// Takes the progress away, so that other things can be written; the next update shows it again at once.
  mutating func clear() {
    guard isShown else { return }
    stream.tryWrite(Self.erase)
    isShown = false
    lastUpdate = nil
  }

  /// Back to the line's start, and nothing from there to its end (ECMA-48: EL).
  private static let erase = "\r\u{1B}[K"
}

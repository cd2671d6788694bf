import Foundation

/// What a stream's other end can show.
struct Terminal: Sendable, Equatable {
  /// Whether it is a terminal, and not a file or a pipe.
  let isTerminal: Bool

  /// Whether a line can be replaced by another in its place.
  let canRewrite: Bool

  /// Whether colors are wanted (https://no-color.org).
  let showsColors: Bool

  /// The number of characters in a line.
  let width: Int

  /// Finds out about a stream.
  init(_ stream: StandardStream, environment: [String: String] = ProcessInfo.processInfo.environment) {
    var size = winsize()
    let isTerminal = isatty(stream.descriptor) == 1
    let hasSize = isTerminal && ioctl(stream.descriptor, UInt(TIOCGWINSZ), &size) == 0
    self.init(isTerminal: isTerminal, columns: hasSize ? Int(size.ws_col) : 0, environment: environment)
  }

  /// Puts together what the system and the environment say; `columns` is 0 if unknown.
  init(isTerminal: Bool, columns: Int, environment: [String: String]) {
    self.isTerminal = isTerminal
    canRewrite = isTerminal && environment["TERM"] != "dumb"
    showsColors = canRewrite && environment["NO_COLOR", default: ""].isEmpty
    let wanted = environment["COLUMNS"].flatMap { Int($0) } ?? 0
    width = wanted > 0 ? wanted : columns > 0 ? columns : 80
  }
}

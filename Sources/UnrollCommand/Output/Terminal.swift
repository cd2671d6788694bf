import Foundation
import Unroll

/// What a stream's other end can show.
struct Terminal: Sendable {
  /// Whether a line can be replaced by another in its place.
  let canRewrite: Bool

  /// The number of characters in a line; never fewer than a chart needs.
  let width: Int

  /// Which characters and colors tables and charts may use.
  let style: TerminalStyle

  /// Finds out about a stream.
  init(_ stream: StandardStream, environment: [String: String] = ProcessInfo.processInfo.environment) {
    let isTerminal = isatty(stream.descriptor) == 1
    var size = winsize()
    let hasSize = isTerminal && ioctl(stream.descriptor, UInt(TIOCGWINSZ), &size) == 0
    let columns = hasSize ? Int(size.ws_col) : 0
    let wanted = environment["COLUMNS"].flatMap { Int($0) } ?? 0
    canRewrite = isTerminal && environment["TERM"] != "dumb"
    width = max(LineChart.leastTextSize.width, wanted > 0 ? wanted : columns > 0 ? columns : 80)
    style = TerminalStyle(environment: environment, isTerminal: isTerminal)
  }
}

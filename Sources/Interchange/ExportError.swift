/// A model that cannot be written in another tool's format. Its description is one line.
public enum ExportError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The network reads from the last step too, and what is to be written reads a stream.
  case bidirectional
  /// A weight, or what becomes of it on the way, is not a finite number.
  case notFinite(String)

  /// What was found, and what to do.
  public var description: String {
    switch self {
    case .bidirectional:
      "a bidirectional network cannot read a stream, which has no end to begin from; export one that reads forward alone"
    case .notFinite(let name):
      "\(name) holds numbers that are not finite; export a model whose training has not diverged"
    }
  }
}

extension String {
  /// The text without line breaks. An error's description is one line, and may hold names out of a file or of a path,
  /// which can be anything.
  package var onOneLine: String { String(map { $0.isNewline ? " " : $0 }) }
}

import Datasets
import Testing

/// Which case an error is, without its message.
enum ErrorKind {
  case missing, malformed, unavailable, unwritable

  init(_ error: DatasetError) {
    self =
      switch error {
      case .missing: .missing
      case .malformed: .malformed
      case .unavailable: .unavailable
      case .unwritable: .unwritable
      }
  }
}

/// Expects an error of a kind, whose message is one line and has all the fragments.
func expect(
  _ kind: ErrorKind, saying fragments: String..., at location: SourceLocation = #_sourceLocation,
  from body: () throws -> Void
) {
  let error = #expect(throws: DatasetError.self, sourceLocation: location) { try body() }
  guard let error else { return }
  let message = error.description
  let found = ErrorKind(error)
  #expect(found == kind, "\(message)", sourceLocation: location)
  let isOneLine = !message.contains(where: \.isNewline)
  #expect(isOneLine, "\(message)", sourceLocation: location)
  for fragment in fragments {
    #expect(message.contains(fragment), "\(message)", sourceLocation: location)
  }
}

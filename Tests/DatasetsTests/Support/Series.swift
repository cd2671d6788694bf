import Datasets
import Testing

extension LabeledSequences {
  /// The values with `nil` where one is missing, since NaN equals nothing.
  var numbers: [Float?] {
    values.map { $0.isNaN ? nil : $0 }
  }
}

/// Expects bad data, and exactly this message.
func expectFlaw(
  _ message: String, at location: SourceLocation = #_sourceLocation, from body: () throws -> LabeledSequences
) {
  let error = #expect(throws: DatasetError.self, sourceLocation: location) { _ = try body() }
  guard let error else { return }
  #expect(error.description == message, sourceLocation: location)
  let kind = ErrorKind(error)
  #expect(kind == .malformed, sourceLocation: location)
}

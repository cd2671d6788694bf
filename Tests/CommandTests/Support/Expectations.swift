import Foundation
import Testing

/// Expects a failure: the exit status, one line on standard error with all the fragments, and no results.
func expect(
  _ outcome: Outcome, failsWith status: Int32, saying fragments: String...,
  at location: SourceLocation = #_sourceLocation
) {
  #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: location)
  #expect(outcome.output.isEmpty, sourceLocation: location)
  let lines = outcome.errors.split(separator: "\n", omittingEmptySubsequences: false)
  #expect(lines.count == 2 && lines.last == "", "one line: \(outcome.errors)", sourceLocation: location)
  #expect(outcome.errors.hasPrefix("unroll: "), "\(outcome.errors)", sourceLocation: location)
  for fragment in fragments {
    #expect(outcome.errors.contains(fragment), "\(outcome.errors)", sourceLocation: location)
  }
}

/// Expects success, with nothing on standard error.
func expectQuietSuccess(_ outcome: Outcome, at location: SourceLocation = #_sourceLocation) {
  #expect(outcome.status == 0, "\(outcome.errors)", sourceLocation: location)
  #expect(outcome.errors.isEmpty, "\(outcome.errors)", sourceLocation: location)
}

/// The flags of a small run of a moment.
let quickly = ["--epochs", "2", "--hidden", "8", "--batch-size", "50", "--threads", "1"]

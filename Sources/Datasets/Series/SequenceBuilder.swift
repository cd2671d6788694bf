/// Targets as a reader finds them, one sequence after another.
struct TargetBuilder {
  enum Kind {
    case labels, numbers, none
  }

  let kind: Kind
  private(set) var labels: [String] = []
  private(set) var numbers: [Float] = []

  init(_ kind: Kind) {
    self.kind = kind
  }

  /// Takes the next sequence's target, which stands as `text` at `offset` of the current line.
  ///
  /// - Throws: `DatasetError.malformed` where it is empty, or should be a number and is not.
  mutating func append(_ text: String, at offset: Int, of lines: LineReader) throws(DatasetError) {
    switch kind {
    case .labels:
      labels.append(try Self.label(text, at: offset, of: lines))
    case .numbers:
      numbers.append(try Self.number(text, at: offset, of: lines))
    case .none:
      break
    }
  }

  /// Holds the target that stands in a further row of sequence `index` against that in its first.
  ///
  /// - Throws: `DatasetError.malformed` where they differ.
  func check(_ text: String, isThatOf index: Int, at offset: Int, of lines: LineReader) throws(DatasetError) {
    let first: String
    switch kind {
    case .labels where text == labels[index]: return
    case .labels: first = labels[index]
    case .numbers:
      guard try Self.number(text, at: offset, of: lines) != numbers[index] else { return }
      first = "\(numbers[index])"
    case .none: return
    }
    throw lines.flaw(
      at: offset, "the target '\(text)' in a sequence that had '\(first)' before; all rows of a sequence must have one")
  }

  var targets: SequenceTargets {
    switch kind {
    case .labels: .labels(labels)
    case .numbers: .numbers(numbers)
    case .none: .none
    }
  }

  private static func label(_ text: String, at offset: Int, of lines: LineReader) throws(DatasetError) -> String {
    guard !text.isEmpty else {
      throw lines.flaw(at: offset, "an empty label; every sequence needs one")
    }
    return text
  }

  private static func number(_ text: String, at offset: Int, of lines: LineReader) throws(DatasetError) -> Float {
    guard let value = DecimalNumber(Array(text.utf8)[...])?.float else {
      throw lines.flaw(at: offset, "the target '\(text)'; a finite number was expected")
    }
    return value
  }
}

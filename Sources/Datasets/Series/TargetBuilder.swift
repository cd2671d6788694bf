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

  /// Takes the next sequence's target, `text`, which stands at `range` of the current line.
  ///
  /// - Throws: `DatasetError.malformed` where it is empty, or should be a number and is not.
  mutating func append(_ text: String, at range: Range<Int>, of lines: LineReader) throws(DatasetError) {
    switch kind {
    case .labels:
      labels.append(try Self.label(text, at: range, of: lines))
    case .numbers:
      numbers.append(try Self.number(text, at: range, of: lines))
    case .none:
      break
    }
  }

  /// Holds the target that stands in a further row of sequence `index` against that in its first.
  ///
  /// - Throws: `DatasetError.malformed` where they differ.
  func check(
    _ text: String, isThatOf index: Int, at range: Range<Int>, of lines: LineReader
  ) throws(DatasetError) {
    let first: String
    switch kind {
    case .labels where text == labels[index]: return
    case .labels: first = labels[index]
    case .numbers:
      guard try Self.number(text, at: range, of: lines) != numbers[index] else { return }
      first = "\(numbers[index])"
    case .none: return
    }
    throw lines.flaw(
      at: range.lowerBound,
      "the target \(lines.excerpt(range)) in a sequence that had \(quoted(first)) before; its lines must have the same")
  }

  var targets: SequenceTargets {
    switch kind {
    case .labels: .labels(labels)
    case .numbers: .numbers(numbers)
    case .none: .none
    }
  }

  private static func label(_ text: String, at range: Range<Int>, of lines: LineReader) throws(DatasetError) -> String {
    guard !text.isEmpty else {
      throw lines.flaw(at: range.lowerBound, "an empty label; every sequence needs one")
    }
    return text
  }

  private static func number(_ text: String, at range: Range<Int>, of lines: LineReader) throws(DatasetError) -> Float {
    guard let value = DecimalNumber(Array(text.utf8)[...])?.float else {
      throw lines.flaw(at: range.lowerBound, "the target \(lines.excerpt(range)); expected a finite number")
    }
    return value
  }
}

extension LabeledSequences {
  /// Reads a `.ts` file of the UCR and UEA archives, plain or gzip.
  ///
  /// The format of sktime and aeon: lines `@key value`, then `@data`, then one sequence per line, dimension after
  /// dimension with colons between, and the class, or with `@targetlabel true` the number to be estimated, behind the
  /// last colon. Sequences may differ in length; the dimensions of one may not. `?` and `NaN` are missing values. With
  /// `@timestamps true` a step is `(time,value)`; times are numbers or dates as `2026-01-31 23:59:59`, they must rise,
  /// and be the same in all dimensions of a sequence, but are not kept. What the header says about the data must hold.
  ///
  /// - Parameter path: The file; gzip is recognised by content.
  /// - Throws: `DatasetError.missing` where the file cannot be read, `DatasetError.malformed` where it is not such a
  ///   file: with line and column, from 1.
  public init(contentsOfTS path: String) throws(DatasetError) {
    try self.init(ts: try FileBytes(path: path))
  }

  /// Reads a `.ts` file that is in memory.
  ///
  /// - Parameters:
  ///   - bytes: The file's content, plain or gzip.
  ///   - name: What stands in messages where a path would.
  /// - Throws: `DatasetError.malformed`, as ``init(contentsOfTS:)``.
  public init(ts bytes: [UInt8], name: String) throws(DatasetError) {
    try self.init(ts: FileBytes(bytes: bytes, name: name))
  }

  private init(ts file: FileBytes) throws(DatasetError) {
    var reader = try TSReader(file)
    while try reader.readSequence() {}
    self = try reader.finish()
  }
}

/// A `.ts` file, as far as it has been read.
private struct TSReader {
  private var lines: LineReader
  private let header: TSHeader
  private let declared: Set<String>?

  private var features: Int?
  private var lengths: [Int] = []
  private var values: [Float] = []
  private var targets: TargetBuilder

  /// The current sequence, [dimensions, steps], and its steps' times.
  private var sequence: [Float] = []
  private var times: [Timestamp] = []

  init(_ file: FileBytes) throws(DatasetError) {
    lines = LineReader(file)
    header = try TSHeader(&lines)
    declared = header.classes.map(Set.init)
    features = header.dimensions
    targets = TargetBuilder(header.target)
  }

  /// Reads the next sequence; false at the end of the file.
  mutating func readSequence() throws(DatasetError) -> Bool {
    var line = 0..<0
    repeat {
      guard try lines.next() else { return false }
      line = lines.trimmed(lines.bytes.indices)
    } while line.isEmpty || TSHeader.commentMarks.contains(lines.bytes[line.lowerBound])

    let (values, target) = try parts(of: line)
    try readDimensions(values)
    if let target {
      try readTarget(target)
    }
    return true
  }

  /// Cuts a line at its last colon, if sequences have a target.
  private func parts(of line: Range<Int>) throws(DatasetError) -> (values: Range<Int>, target: Range<Int>?) {
    guard header.target != .none else {
      return (line, nil)
    }
    // There are colons in times, too, but behind the last parenthesis there is only the target's.
    let colon = UInt8(ascii: ":")
    let bracket = header.hasTimestamps ? lines.bytes[line].lastIndex(of: UInt8(ascii: ")")) : nil
    let found = bracket.map { lines.bytes[$0..<line.upperBound].firstIndex(of: colon) }
    guard let end = found ?? lines.bytes[line].lastIndex(of: colon) else {
      throw lines.flaw(
        at: line.upperBound, "the line ends without a target, which the header announces, behind a colon")
    }
    return (line.lowerBound..<end, lines.trimmed(end + 1..<line.upperBound))
  }

  private mutating func readTarget(_ range: Range<Int>) throws(DatasetError) {
    let text = try lines.text(in: range)
    if let declared, !text.isEmpty, !declared.contains(text) {
      throw lines.flaw(at: range.lowerBound, "the class \(lines.excerpt(range)), which @classLabel does not name")
    }
    try targets.append(text, at: range, of: lines)
  }

  private mutating func readDimensions(_ range: Range<Int>) throws(DatasetError) {
    sequence.removeAll(keepingCapacity: true)
    times.removeAll(keepingCapacity: true)
    var dimensions = 0
    var length = 0
    var start = range.lowerBound
    repeat {
      let before = sequence.count
      let end =
        header.hasTimestamps
        ? try readTimedDimension(start..<range.upperBound, isFirst: dimensions == 0)
        : try readDimension(start..<range.upperBound)
      let steps = sequence.count - before
      if dimensions == 0 {
        length = steps
        try check(length: length, at: start)
      } else if steps != length {
        throw lines.flaw(
          at: start,
          "dimension \(dimensions + 1) has \(counted(steps, "step")) and the first \(length); all of a sequence must "
            + "have the same number")
      }
      dimensions += 1
      start = end + 1
    } while start <= range.upperBound

    if features == nil {
      features = dimensions
    }
    guard dimensions == features else {
      let expectation = header.dimensions == nil ? "the first sequence has" : "the header announces"
      throw lines.flaw(
        at: range.lowerBound, "\(counted(dimensions, "dimension")); \(expectation) \(features ?? 0)\(hint(dimensions))")
    }
    appendTransposed(dimensions, length)
    lengths.append(length)
  }

  /// An error's advice where the number of dimensions is one more than expected.
  private func hint(_ dimensions: Int) -> String {
    dimensions == (features ?? 0) + 1 && header.target == .none ? "; is the last a target?" : ""
  }

  private func check(length: Int, at offset: Int) throws(DatasetError) {
    if let announced = header.length, length != announced {
      throw lines.flaw(at: offset, "\(counted(length, "step")); the header announces \(announced)")
    }
    if header.isEqualLength, let first = lengths.first, length != first {
      throw lines.flaw(
        at: offset, "\(counted(length, "step")); the first sequence has \(first), and @equalLength is true")
    }
  }

  /// Values up to the next colon, whose place is returned.
  private mutating func readDimension(_ range: Range<Int>) throws(DatasetError) -> Int {
    let end = lines.bytes.firstIndex(ofByte: UInt8(ascii: ":"), in: range) ?? range.upperBound
    var start = range.lowerBound
    repeat {
      let comma = lines.bytes.firstIndex(ofByte: UInt8(ascii: ","), in: start..<end) ?? end
      try readValue(start..<comma)
      start = comma + 1
    } while start <= end
    return end
  }

  /// Steps `(time,value)` up to the colon behind one of them, whose place is returned.
  private mutating func readTimedDimension(_ range: Range<Int>, isFirst: Bool) throws(DatasetError) -> Int {
    var step = 0
    var start = range.lowerBound
    while true {
      let open = lines.skippingBlanks(start..<range.upperBound)
      guard open < range.upperBound, lines.bytes[open] == UInt8(ascii: "("),
        let close = lines.bytes.firstIndex(ofByte: UInt8(ascii: ")"), in: open..<range.upperBound),
        let comma = lines.bytes[open..<close].lastIndex(of: UInt8(ascii: ","))
      else {
        throw lines.flaw(
          at: open,
          "\(lines.excerpt(open..<range.upperBound)) where a step was expected: (time,value), as the header "
            + "has @timestamps true")
      }
      try readTime(open + 1..<comma, step: step, isFirst: isFirst)
      try readValue(comma + 1..<close)
      step += 1
      let next = lines.skippingBlanks(close + 1..<range.upperBound)
      guard next < range.upperBound, lines.bytes[next] != UInt8(ascii: ":") else {
        return next
      }
      guard lines.bytes[next] == UInt8(ascii: ",") else {
        throw lines.flaw(
          at: next, "\(lines.excerpt(next..<range.upperBound)) after a step; expected a comma or a colon")
      }
      start = next + 1
    }
  }

  private mutating func readTime(_ range: Range<Int>, step: Int, isFirst: Bool) throws(DatasetError) {
    let time = try lines.timestamp(in: range)
    if isFirst {
      try lines.check(time, isAfter: times.last, at: range)
      times.append(time)
    } else if step < times.count, time != times[step] {
      throw lines.flaw(
        at: range.lowerBound,
        "the time \(lines.excerpt(range)) of step \(step + 1) is not that of the first dimension; the "
          + "dimensions of a sequence must be taken at the same times")
    }
  }

  private mutating func readValue(_ range: Range<Int>) throws(DatasetError) {
    guard !lines.trimmed(range).isEmpty else {
      throw lines.flaw(at: range.lowerBound, "an empty value; a missing one is written as ?")
    }
    let value = try lines.number(in: range)
    guard value != nil || header.mayMissValues else {
      throw lines.flaw(
        at: range.lowerBound,
        "a missing value, but the header has @missing false; if values may be missing, say true there")
    }
    sequence.append(value ?? .nan)
  }

  /// [dimensions, steps] → [steps, dimensions].
  private mutating func appendTransposed(_ dimensions: Int, _ length: Int) {
    for step in 0..<length {
      for dimension in 0..<dimensions {
        values.append(sequence[dimension * length + step])
      }
    }
  }

  func finish() throws(DatasetError) -> LabeledSequences {
    guard let features, !lengths.isEmpty else {
      throw .malformed("\(lines.path): has no sequence after @data")
    }
    return LabeledSequences(
      features: features, lengths: lengths, values: values, targets: targets.targets, declaredClasses: header.classes)
  }
}

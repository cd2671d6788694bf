/// Lines that are a step each.
///
/// Holds the values, and for each sequence and each run of its lines a few numbers: files whose sequences take turns
/// are put in order at the end.
struct LongRows {
  private let columns: CSVColumns
  private let id: Int
  private let valueColumns: [Int]

  /// Sequences are numbered in the order in which they first appear.
  private var numbers: [String: Int] = [:]
  private var current: (id: String, number: Int)?
  private var lengths: [Int] = []
  private var lastTimes: [Timestamp] = []
  private var targets: TargetBuilder

  /// The steps in the file's order, and whose they are.
  private var values: [Float] = []
  private var runs: [(sequence: Int, steps: Int)] = []

  /// - Precondition: The columns are those of the long shape.
  init(_ columns: CSVColumns, _ targets: TargetBuilder) {
    guard let id = columns.id, let valueColumns = columns.values else {
      preconditionFailure("columns without an identity")
    }
    self.columns = columns
    self.targets = targets
    self.id = id
    self.valueColumns = valueColumns
  }

  mutating func append(_ row: borrowing CSVRecords) throws(DatasetError) {
    guard row.fields.count == columns.count else {
      throw row.flaw(
        at: min(row.fields.count, columns.count),
        "\(counted(row.fields.count, "field")); the first line has \(columns.count)")
    }
    let (sequence, isNew) = try sequence(of: row)
    if let target = columns.target {
      let text = try row.text(target)
      let range = row.fields[target].range
      if isNew {
        try targets.append(text, at: range, of: row.lines)
      } else {
        try targets.check(text, isThatOf: sequence, at: range, of: row.lines)
      }
    }
    if let column = columns.time {
      let range = row.fields[column].range
      let time = try row.lines.timestamp(in: range)
      try row.lines.check(time, isAfter: isNew ? nil : lastTimes[sequence], at: row.lines.trimmed(range))
      if isNew {
        lastTimes.append(time)
      } else {
        lastTimes[sequence] = time
      }
    }
    for column in valueColumns {
      values.append(try row.number(column) ?? .nan)
    }
    if isNew {
      lengths.append(1)
    } else {
      lengths[sequence] += 1
    }
    if runs.last?.sequence == sequence {
      runs[runs.count - 1].steps += 1
    } else {
      runs.append((sequence, 1))
    }
  }

  /// The number of the sequence that a line belongs to, and whether this is its first.
  private mutating func sequence(of row: borrowing CSVRecords) throws(DatasetError) -> (Int, isNew: Bool) {
    let name = try row.text(id)
    if let current, current.id == name {
      return (current.number, false)
    }
    guard !name.isEmpty else {
      throw row.flaw(at: id, "\(columns.describe(id)) is empty; it says which sequence the line belongs to")
    }
    let known = numbers[name]
    let number = known ?? numbers.count
    numbers[name] = number
    current = (name, number)
    return (number, known == nil)
  }

  consuming func sequences(_ path: String) throws(DatasetError) -> LabeledSequences {
    guard !lengths.isEmpty else {
      throw .malformed("\(path): has no line after the header; each line is a step of a sequence")
    }
    let features = valueColumns.count
    return LabeledSequences(
      features: features, lengths: lengths, values: runs.count == lengths.count ? values : gathered(),
      targets: targets.targets)
  }

  /// The steps sequence by sequence.
  private func gathered() -> [Float] {
    let features = valueColumns.count
    var destinations: [Int] = []
    var total = 0
    for length in lengths {
      destinations.append(total)
      total += length * features
    }
    var gathered = [Float](repeating: 0, count: total)
    var source = 0
    for run in runs {
      let count = run.steps * features
      let destination = destinations[run.sequence]
      gathered.replaceSubrange(destination..<destination + count, with: values[source..<source + count])
      source += count
      destinations[run.sequence] += count
    }
    return gathered
  }
}

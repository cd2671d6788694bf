/// Lines that are a sequence each.
struct WideRows {
  private let features: Int
  private let target: Int?
  /// The most fields of a line; `nil` where nothing says how long the longest sequence is.
  private let greatestCount: Int?
  private let areLinesComplete: Bool

  private var lengths: [Int] = []
  private var values: [Float] = []
  private var targets: TargetBuilder

  /// - Throws: `DatasetError.malformed` where the header's columns do not make whole steps.
  init(
    features: Int, _ columns: CSVColumns, _ targets: TargetBuilder, _ first: CSVRecords
  ) throws(DatasetError) {
    precondition(features >= 1, "\(features) features per step; there must be at least 1")
    self.features = features
    self.targets = targets
    target = columns.target
    // Without a header, lines may be of any length, unless the target is in the last of the first line's columns.
    areLinesComplete = columns.names == nil && columns.target == columns.count - 1
    greatestCount = columns.names == nil && !areLinesComplete ? nil : columns.count
    let valueColumns = columns.count - (columns.target == nil ? 0 : 1)
    guard greatestCount == nil || valueColumns.isMultiple(of: features) else {
      throw first.flaw(
        at: columns.count,
        "\(counted(valueColumns, "column")) of values; with \(features) features per step a multiple of \(features) "
          + "was expected")
    }
  }

  mutating func append(_ row: borrowing CSVRecords) throws(DatasetError) {
    try checkCount(row)
    let start = values.count
    var filled = 0
    for index in row.fields.indices where index != target {
      let isEmpty = row.isEmpty(index)
      values.append(isEmpty ? .nan : try row.number(index) ?? .nan)
      filled = isEmpty ? filled : values.count - start
    }
    guard filled > 0 else {
      throw row.flaw(at: 0, "no value in the line; a sequence has at least one step")
    }
    let steps = (filled - 1) / features + 1
    guard values.count - start >= steps * features else {
      throw row.flaw(
        at: row.fields.count,
        "\(counted(values.count - start, "value")); with \(features) features per step a multiple of \(features) "
          + "was expected")
    }
    values.removeLast(values.count - start - steps * features)
    lengths.append(steps)
    if let target {
      try targets.append(try row.text(target), at: row.fields[target].range, of: row.lines)
    }
  }

  private func checkCount(_ row: borrowing CSVRecords) throws(DatasetError) {
    let count = row.fields.count
    if let greatestCount, count > greatestCount || areLinesComplete && count < greatestCount {
      throw row.flaw(
        at: min(count, greatestCount),
        "\(counted(count, "field")); the first line has \(greatestCount)"
          + (count < greatestCount ? ", the last of them the target; keep the delimiters of empty fields" : ""))
    }
    if let target, target >= count {
      throw row.flaw(at: count, "\(counted(count, "field")); the target would be field \(target + 1)")
    }
  }

  consuming func sequences(_ path: String) throws(DatasetError) -> LabeledSequences {
    guard !lengths.isEmpty else {
      throw .malformed("\(path): has no line after the header; each line is a sequence")
    }
    return LabeledSequences(features: features, lengths: lengths, values: values, targets: targets.targets)
  }
}

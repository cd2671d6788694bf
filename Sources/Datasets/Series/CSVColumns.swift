/// Which column of a file is what.
struct CSVColumns {
  /// Where the sequence's name stands; `nil` in the wide shape.
  private(set) var id: Int?
  private(set) var time: Int?
  private(set) var target: Int?
  /// Where values stand, in the order of the features; `nil` for all other columns.
  private(set) var values: [Int]?
  /// What the first record calls the columns, if it is a header.
  let names: [String]?
  /// How many columns the first record has.
  let count: Int

  /// Decides by the format and the first record, at which `records` stands.
  ///
  /// - Throws: `DatasetError.malformed` where a column is not there, or it cannot be told what is one.
  init(_ format: CSVFormat, _ records: CSVRecords) throws(DatasetError) {
    count = records.fields.count
    let hasHeader = if let told = format.hasHeader { told } else { try Self.isHeader(format, records) }
    names = hasHeader ? try Self.names(records) : nil
    switch format.target {
    case .labels(let column), .numbers(let column):
      target = if let column { try find(column, records) } else { try defaultTarget(format, records) }
    case .none:
      target = nil
    }
    if case .long(let idColumn, let timeColumn, let valueColumns) = format.shape {
      id = try find(idColumn, records)
      if let timeColumn {
        time = try find(timeColumn, records)
      }
      var found: [Int] = []
      for column in valueColumns {
        found.append(try find(column, records))
      }
      values = found.isEmpty ? others : found
    }
    try check(records)
  }

  /// All columns that are not an identity, a time or a target.
  private var others: [Int] {
    (0..<count).filter { $0 != id && $0 != time && $0 != target }
  }

  private func check(_ records: CSVRecords) throws(DatasetError) {
    let values = self.values ?? others
    guard !values.isEmpty else {
      throw records.flaw(
        at: count,
        "no column is left for values, of \(count); is something other than , ; or a tabulator between fields?")
    }
    var used: Set<Int> = []
    for column in [id, time, target].compactMap(\.self) + values {
      guard used.insert(column).inserted else {
        throw records.flaw(at: column, "\(describe(column)) is asked for twice; each must have one purpose")
      }
    }
  }

  /// How messages call a column.
  func describe(_ column: Int) -> String {
    names.map { "column \(quoted($0[column]))" } ?? "column \(column + 1)"
  }

  private static func names(_ records: CSVRecords) throws(DatasetError) -> [String] {
    var names: [String] = []
    var known: Set<String> = []
    for index in records.fields.indices {
      let name = try records.text(index)
      guard !name.isEmpty else {
        throw records.flaw(
          at: index, "column \(index + 1) of the header has no name; is it an index without a meaning?")
      }
      guard known.insert(name).inserted else {
        throw records.flaw(at: index, "the column \(quoted(name)) for the second time")
      }
      names.append(name)
    }
    return names
  }

  /// The column of that name, or of that number from 1.
  private func find(_ column: String, _ records: CSVRecords) throws(DatasetError) -> Int {
    if let index = names?.firstIndex(of: column) {
      return index
    }
    if let number = Int(column), (1...count).contains(number) {
      return number - 1
    }
    guard let names else {
      throw records.flaw(
        at: 0, "no column \(quoted(column)) in a file without a header; give its number, from 1 to \(count)")
    }
    let suggestion = closest(to: column, among: names).map { "did you mean \(quoted($0))?" }
    let all = names.prefix(8).map(quoted).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
    throw records.flaw(at: 0, "no column \(quoted(column)); \(suggestion ?? "there are \(all)")")
  }

  /// The column of targets where the format does not say which.
  private func defaultTarget(_ format: CSVFormat, _ records: CSVRecords) throws(DatasetError) -> Int {
    let named = names?.indices.filter { Self.targetNames.contains(names?[$0].lowercased() ?? "") } ?? []
    if named.count > 1 {
      let all = named.map(describe).joined(separator: " and ")
      throw records.flaw(at: named[1], "\(all) could both be the target; say which one is")
    }
    if let column = named.first {
      return column
    }
    guard case .wide = format.shape else {
      throw records.flaw(at: 0, "no column is called label, class or target; say which one is the target")
    }
    return count - 1
  }

  private static let targetNames = ["label", "class", "target"]
}

// Is the first record a header?
extension CSVColumns {
  /// Decides by what the format asks for and by what stands where values should.
  ///
  /// - Throws: `DatasetError.malformed` where it could be either: to lose a sequence without a word would be worse.
  private static func isHeader(_ format: CSVFormat, _ records: CSVRecords) throws(DatasetError) -> Bool {
    let asked = format.columns
    guard asked.allSatisfy({ Int($0) != nil }) else {
      return true
    }
    let count = records.fields.count
    if format.target != .none, format.targetColumn == nil {
      for index in 0..<count where targetNames.contains(try records.text(index).lowercased()) {
        return true
      }
    }
    let values = valueColumns(format, count: count).filter { !records.isEmpty($0) }
    let words = values.filter { !records.isNumber($0) }
    if words.isEmpty {
      if case .wide = format.shape, try isCounting(values, records) {
        throw records.flaw(at: values[0], "either names of columns or values; say whether the first line is a header")
      }
      return false
    }
    guard words.count == values.count else {
      throw records.flaw(
        at: words[0],
        "\(records.lines.excerpt(records.fields[words[0]].range)) beside numbers; if the first line is a "
          + "header, say so, and if it is not, say which column is the target")
    }
    return true
  }

  /// The columns that must hold numbers, from what the format says about the others.
  private static func valueColumns(_ format: CSVFormat, count: Int) -> [Int] {
    let target = format.target == .none ? nil : format.targetColumn.map { Int($0) ?? 0 } ?? count
    switch format.shape {
    case .wide:
      return (0..<count).filter { $0 + 1 != target }
    case .long(let id, let time, let values):
      let named = values.compactMap { Int($0) }.filter { (1...count).contains($0) }.map { $0 - 1 }
      guard named.isEmpty else { return named }
      let others = [Int(id), time.flatMap { Int($0) }, format.targetColumn.flatMap { Int($0) }]
      return (0..<count).filter { !others.contains($0 + 1) }
    }
  }

  /// Whether the values are 0, 1, 2 and so on, or 1, 2, 3: what programs write over columns without names.
  private static func isCounting(_ values: [Int], _ records: CSVRecords) throws(DatasetError) -> Bool {
    guard values.count >= 3, let start = try records.number(values[0]), start == 0 || start == 1 else {
      return false
    }
    for (offset, index) in values.enumerated() {
      guard try records.number(index) == start + Float(offset) else { return false }
    }
    return true
  }
}

extension CSVFormat {
  /// The target's column, if it is given.
  fileprivate var targetColumn: String? {
    switch target {
    case .labels(let column), .numbers(let column): column
    case .none: nil
    }
  }

  /// All columns that are given.
  fileprivate var columns: [String] {
    guard case .long(let id, let time, let values) = shape else {
      return [targetColumn].compactMap(\.self)
    }
    return [id] + [time, targetColumn].compactMap(\.self) + values
  }
}

extension LabeledSequences {
  /// Reads a file of separated values, plain or gzip.
  ///
  /// Fields are quoted as RFC 4180 says. Numbers are decimal, with a point; an empty field, `?`, `NaN` and `NA` are
  /// missing values. Every line must have the fields that the format asks for.
  ///
  /// - Parameters:
  ///   - path: The file; gzip is recognised by content.
  ///   - format: How it holds its sequences.
  /// - Throws: `DatasetError.missing` where the file cannot be read, `DatasetError.malformed` where it is not such a
  ///   file: with line and column, from 1.
  public init(contentsOfCSV path: String, format: CSVFormat = CSVFormat()) throws(DatasetError) {
    try self.init(csv: try FileBytes(path: path), format: format)
  }

  /// Reads a file of separated values that is in memory.
  ///
  /// - Parameters:
  ///   - bytes: The file's content, plain or gzip.
  ///   - name: What stands in messages where a path would.
  ///   - format: How it holds its sequences.
  /// - Throws: `DatasetError.malformed`, as ``init(contentsOfCSV:format:)``.
  public init(csv bytes: [UInt8], name: String, format: CSVFormat = CSVFormat()) throws(DatasetError) {
    try self.init(csv: FileBytes(bytes: bytes, name: name), format: format)
  }

  private init(csv file: FileBytes, format: CSVFormat) throws(DatasetError) {
    var records = CSVRecords(file, delimiter: format.delimiter)
    guard try records.next() else {
      throw .malformed("\(file.name): is empty; expected lines of numbers")
    }
    let columns = try CSVColumns(format, records)
    switch format.shape {
    case .wide(let features):
      var rows = try WideRows(features: features, columns, TargetBuilder(for: format.target), records)
      try records.forEachRow(columns) { row throws(DatasetError) in try rows.append(row) }
      self = try rows.sequences(file.name)
    case .long:
      var rows = LongRows(columns, TargetBuilder(for: format.target))
      try records.forEachRow(columns) { row throws(DatasetError) in try rows.append(row) }
      self = try rows.sequences(file.name)
    }
  }
}

extension CSVRecords {
  /// Calls `body` at every record that is not the header, beginning with the current one.
  fileprivate mutating func forEachRow(
    _ columns: CSVColumns, _ body: (borrowing CSVRecords) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    if columns.names == nil {
      try body(self)
    }
    while try next() {
      try body(self)
    }
  }
}

extension TargetBuilder {
  fileprivate init(for target: CSVFormat.Target) {
    switch target {
    case .labels: self.init(.labels)
    case .numbers: self.init(.numbers)
    case .none: self.init(.none)
    }
  }
}

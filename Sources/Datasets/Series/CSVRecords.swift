/// The records of a file of separated values, one after another.
///
/// Quotes are those of RFC 4180: a field in double quotes may hold delimiters and ends of lines, and a double quote
/// written twice. Lines of nothing but blanks are passed over.
struct CSVRecords {
  /// A field's place in the current lines, quotes around it aside.
  struct Field {
    let range: Range<Int>
    /// Double quotes in it stand for one each.
    let hasDoubledQuotes: Bool
  }

  private(set) var lines: LineReader
  /// The fields of the current record; at least one.
  private(set) var fields: [Field] = []
  /// `nil` until the first record has shown it.
  private var delimiter: UInt8?
  /// The first quote that has not been dealt with in the current lines.
  private var nextQuote: Int?

  /// Without a delimiter, it is the one that is most frequent in the first line.
  init(_ file: FileBytes, delimiter: CSVFormat.Delimiter?) {
    lines = LineReader(file)
    self.delimiter = delimiter?.byte
  }

  /// Moves on to the next record; false at the end of the file.
  mutating func next() throws(DatasetError) -> Bool {
    repeat {
      guard try lines.next() else { return false }
    } while lines.trimmed(lines.bytes.indices).isEmpty
    let delimiter = self.delimiter ?? mostFrequentDelimiter()
    self.delimiter = delimiter
    fields.removeAll(keepingCapacity: true)
    findQuote(from: 0)
    var position = 0
    repeat {
      let end = try appendField(from: position, delimiter)
      position = end + 1
    } while position <= lines.bytes.count
    return true
  }

  /// Takes the field that begins at `start` and returns where it ends: at a delimiter or the end of the record.
  private mutating func appendField(from start: Int, _ delimiter: UInt8) throws(DatasetError) -> Int {
    if nextQuote == start {
      return try appendQuotedField(from: start, delimiter)
    }
    let end = lines.bytes.firstIndex(ofByte: delimiter, in: start..<lines.bytes.count) ?? lines.bytes.count
    if let nextQuote, nextQuote < end {
      throw lines.flaw(at: nextQuote, "a quote inside a field; a field that has one must be in quotes, with it doubled")
    }
    fields.append(Field(range: start..<end, hasDoubledQuotes: false))
    return end
  }

  private mutating func appendQuotedField(from start: Int, _ delimiter: UInt8) throws(DatasetError) -> Int {
    var hasDoubledQuotes = false
    var position = start + 1
    while true {
      findQuote(from: position)
      guard let quote = nextQuote else {
        position = lines.bytes.count
        guard try lines.join() else {
          throw lines.flaw(at: start, "the quote that opens here is never closed")
        }
        continue
      }
      let end = quote + 1
      if end < lines.bytes.count, lines.bytes[end] == Self.quote {
        hasDoubledQuotes = true
        position = end + 1
        continue
      }
      guard end == lines.bytes.count || lines.bytes[end] == delimiter else {
        throw lines.flaw(
          at: end,
          "\(lines.excerpt(end..<min(end + 1, lines.bytes.count))) after a closing quote; expected the next field "
            + "or the end of the line")
      }
      fields.append(Field(range: start + 1..<quote, hasDoubledQuotes: hasDoubledQuotes))
      findQuote(from: end)
      return end
    }
  }

  private mutating func findQuote(from start: Int) {
    nextQuote = lines.bytes.firstIndex(ofByte: Self.quote, in: start..<lines.bytes.count)
  }

  /// What stands most often between the quotes of the current line; of equals, what is rarest in text and numbers.
  private func mostFrequentDelimiter() -> UInt8 {
    var counts = [Int](repeating: 0, count: 256)
    var isQuoted = false
    for byte in lines.bytes {
      if byte == Self.quote {
        isQuoted.toggle()
      } else if !isQuoted {
        counts[Int(byte)] += 1
      }
    }
    let candidates = [CSVFormat.Delimiter.tab, .semicolon, .comma].map(\.byte)
    let greatest = candidates.map { counts[Int($0)] }.max() ?? 0
    // A column alone has none; then it is a comma's file.
    return greatest == 0 ? UInt8(ascii: ",") : candidates.first { counts[Int($0)] == greatest } ?? UInt8(ascii: ",")
  }

  private static let quote = UInt8(ascii: "\"")
}

// What the shapes ask of a record.
extension CSVRecords {
  /// The text of a field, blanks around it aside.
  ///
  /// - Throws: `DatasetError.malformed` where it is not text.
  func text(_ index: Int) throws(DatasetError) -> String {
    let field = fields[index]
    let text = try lines.text(in: field.range)
    return field.hasDoubledQuotes ? text.replacing("\"\"", with: "\"") : text
  }

  /// The number in a field; `nil` where it is missing.
  func number(_ index: Int) throws(DatasetError) -> Float? {
    try lines.number(in: fields[index].range)
  }

  /// Whether a field holds nothing, or blanks.
  func isEmpty(_ index: Int) -> Bool {
    lines.trimmed(fields[index].range).isEmpty
  }

  /// Whether there is a number in a field, or the sign of a missing one.
  func isNumber(_ index: Int) -> Bool {
    let bytes = lines.bytes[lines.trimmed(fields[index].range)]
    return DecimalNumber(bytes) != nil || DecimalNumber.isMissing(bytes)
  }

  /// An error about a field, or about the record's end if it has no such field.
  func flaw(at index: Int, _ message: String) -> DatasetError {
    lines.flaw(at: index < fields.count ? fields[index].range.lowerBound : lines.bytes.count, message)
  }
}

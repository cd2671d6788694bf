/// The lines of a `.ts` file up to `@data`.
///
/// As sktime (`ts File Format v1.0`) and aeon describe and the UCR and UEA archives use it: each line is a key and its
/// value; the order and the case of keys do not matter; `#` and `%` begin comments.
struct TSHeader {
  /// Steps are written as `(time,value)`.
  private(set) var hasTimestamps = false
  /// False only where the header says that no value is missing.
  private(set) var mayMissValues = true
  /// The numbers at each step, if the header says so.
  private(set) var dimensions: Int?
  /// All sequences have the same length.
  private(set) var isEqualLength = false
  /// That length, if the header says so.
  private(set) var length: Int?
  /// What the last field of a line is.
  private(set) var target = TargetBuilder.Kind.none
  /// All classes in the header's order, if it names them.
  private(set) var classes: [String]?

  private var isUnivariate = false
  private var keys: Set<String> = []

  /// Reads `lines` up to and with `@data`.
  ///
  /// - Throws: `DatasetError.malformed` where a line is not such a line or contradicts another.
  init(_ lines: inout LineReader) throws(DatasetError) {
    while try lines.next() {
      let line = lines.trimmed(lines.bytes.indices)
      guard let first = lines.bytes[line].first, !Self.commentMarks.contains(first) else { continue }
      guard first == UInt8(ascii: "@") else {
        throw lines.flaw(
          at: line.lowerBound,
          "\(lines.excerpt(line)) in the header; expected a line that begins with @, and @data before the sequences")
      }
      let words = lines.words(in: line)
      let key = try lines.text(in: words[0])
      if key.lowercased() == "@data" {
        guard words.count == 1 else {
          throw lines.flaw(at: words[1].lowerBound, "\(lines.excerpt(words[1])) after @data; sequences begin below it")
        }
        try check(at: line.lowerBound, of: lines)
        return
      }
      try read(key, words, lines)
    }
    throw .malformed("\(lines.path): ends without a line @data; is this a .ts file?")
  }

  private mutating func read(_ key: String, _ words: [Range<Int>], _ lines: LineReader) throws(DatasetError) {
    let name = key.lowercased()
    guard Self.keys.contains(name) else {
      // Keys of one's own are allowed; a slip of the pen would silently drop what the data is held against.
      guard let meant = closest(to: name, among: Self.keys) else { return }
      throw lines.flaw(at: words[0].lowerBound, "the key \(lines.excerpt(words[0])); did you mean \(meant)?")
    }
    // What is not used may stand there as often as it likes: aeon's own UnitTest_TEST.ts has two problem names.
    guard name != "@problemname" else { return }
    guard keys.insert(name.hasPrefix("@dimension") ? "@dimensions" : name).inserted else {
      throw lines.flaw(at: words[0].lowerBound, "\(key) for the second time")
    }
    switch name {
    case "@timestamps": hasTimestamps = try flag(key, words, lines)
    case "@missing": mayMissValues = try flag(key, words, lines)
    case "@univariate": isUnivariate = try flag(key, words, lines)
    case "@dimension", "@dimensions": dimensions = try count(key, words, lines)
    case "@equallength": isEqualLength = try flag(key, words, lines)
    case "@serieslength": length = try count(key, words, lines)
    case "@targetlabel": try setTarget(.numbers, try flag(key, words, lines), at: words[0].lowerBound, lines)
    case "@classlabel":
      let isLabeled = try flag(key, Array(words.prefix(2)), lines)
      try setTarget(.labels, isLabeled, at: words[0].lowerBound, lines)
      classes = try classes(in: words.dropFirst(2), areExpected: isLabeled, lines)
    default: preconditionFailure("a key without a meaning: \(name)")
    }
  }

  private mutating func setTarget(
    _ kind: TargetBuilder.Kind, _ isThere: Bool, at offset: Int, _ lines: LineReader
  ) throws(DatasetError) {
    guard isThere else { return }
    guard target == .none else {
      throw lines.flaw(at: offset, "both @classLabel and @targetlabel are true; a sequence has one target")
    }
    target = kind
  }

  private func flag(_ key: String, _ words: [Range<Int>], _ lines: LineReader) throws(DatasetError) -> Bool {
    let value = try value(key, words, "true or false", lines)
    switch value.lowercased() {
    case "true": return true
    case "false": return false
    default: throw lines.flaw(at: words[1].lowerBound, "\(key) is \(lines.excerpt(words[1])); expected true or false")
    }
  }

  private func count(_ key: String, _ words: [Range<Int>], _ lines: LineReader) throws(DatasetError) -> Int {
    let value = try value(key, words, "a whole number", lines)
    guard let count = Int(value), count >= 1 else {
      throw lines.flaw(at: words[1].lowerBound, "\(key) is \(lines.excerpt(words[1])); expected a whole number from 1")
    }
    return count
  }

  private func value(
    _ key: String, _ words: [Range<Int>], _ kind: String, _ lines: LineReader
  ) throws(DatasetError) -> String {
    guard words.count == 2 else {
      throw lines.flaw(
        at: words.count > 2 ? words[2].lowerBound : words[0].lowerBound,
        "\(key) with \(counted(words.count - 1, "value")); expected \(kind)")
    }
    return try lines.text(in: words[1])
  }

  private func classes(
    in words: ArraySlice<Range<Int>>, areExpected: Bool, _ lines: LineReader
  ) throws(DatasetError) -> [String]? {
    var names: [String] = []
    var known: Set<String> = []
    for word in words {
      let name = try lines.text(in: word)
      guard areExpected else {
        throw lines.flaw(
          at: word.lowerBound, "the class \(lines.excerpt(word)) after @classLabel false; expected nothing or true")
      }
      guard known.insert(name).inserted else {
        throw lines.flaw(at: word.lowerBound, "the class \(lines.excerpt(word)) for the second time")
      }
      names.append(name)
    }
    return names.isEmpty ? nil : names
  }

  /// Holds the lines against each other, at the end.
  private mutating func check(at offset: Int, of lines: LineReader) throws(DatasetError) {
    guard keys.contains("@classlabel") || keys.contains("@targetlabel") else {
      throw lines.flaw(
        at: offset, "the header ends without @classLabel and @targetlabel; one must say whether sequences have a target"
      )
    }
    if isUnivariate {
      guard dimensions ?? 1 == 1 else {
        throw lines.flaw(
          at: offset, "the header has @univariate true and \(dimensions ?? 1) dimensions; only one can be")
      }
      dimensions = 1
    }
    // Without either, nothing is said; @equalLength false makes a length meaningless.
    if keys.contains("@equallength"), !isEqualLength {
      length = nil
    }
  }

  /// Of lines that are not read.
  static let commentMarks = [UInt8(ascii: "#"), UInt8(ascii: "%")]

  private static let keys = [
    "@problemname", "@timestamps", "@missing", "@univariate", "@dimension", "@dimensions", "@equallength",
    "@serieslength", "@targetlabel", "@classlabel",
  ]
}

import Foundation
import Tensors
import TestSupport
import Testing
import Training

/// Files that break the rules of the format, one test or one case per rule.
@Suite("Safetensors files that are not to be trusted")
struct SafetensorsHostileTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test(arguments: [0, 1, 7])
  func aFileWithoutALength(size: Int) throws {
    try expect(.fileTooShort(bytes: size), of: Data(count: size))
  }

  @Test(arguments: [100_000_001, UInt64(Int.max), UInt64(Int.max) + 1, .max])
  func aHeaderOfMonstrousLength(length: UInt64) throws {
    try expect(.headerTooLong(bytes: length, limit: 100_000_000), of: littleEndian(length) + Data("{}".utf8))
  }

  @Test(arguments: [3, 1000, 100_000_000])
  func aHeaderBeyondTheFile(length: UInt64) throws {
    try expect(.headerBeyondFile(bytes: length, available: 2), of: littleEndian(length) + Data("{}".utf8))
  }

  @Test(arguments: [
    ("", 0, "its end", "\"{\""),
    ("[]", 0, "\"[\"", "\"{\""),
    (" {}", 0, "the byte 32", "\"{\""),
    ("\u{FEFF}{}", 0, "the byte 239", "\"{\""),
    ("null", 0, "\"n\"", "\"{\""),
    ("{", 1, "its end", "a string"),
    ("{}{}", 2, "\"{\"", "the end of the header"),
    ("{} \0", 3, "the byte 0", "the end of the header"),
    ("{a:1}", 1, "\"a\"", "a string"),
    ("{\"a\"}", 4, "\"}\"", "a colon"),
    ("{\"__metadata__\":1}", 16, "\"1\"", "\"{\""),
    ("{\"__metadata__\":{},}", 19, "\"}\"", "a string"),
    ("{\"__metadata__\":{} \"a\"", 19, "\"\"\"", "a comma or \"}\""),
    ("{\"__metadata__\":nul}", 16, "\"n\"", "\"{\""),
    ("{\"__metadata__\":null", 20, "its end", "a comma or \"}\""),
    ("{\"__metadata__\":{\"a\":1}}", 21, "\"1\"", "a string"),
    ("{\"__metadata__\":{\"a\":{}}}", 21, "\"{\"", "a string"),
    ("{\"a", 3, "its end", "the end of a string"),
    ("{\"a\nb\":{}}", 3, "the byte 10", "no control character in a string"),
  ])
  func aHeaderThatIsNotTheJSONOfTheFormat(header: String, offset: Int, found: String, expected: String) throws {
    try expect(.syntax(offset: offset, found: found, expected: expected), of: file(header))
  }

  @Test(arguments: [
    ("\"U8\"", "-1", "\"-\"", "a whole number"),
    ("\"U8\"", "1.5", "\".\"", "a comma or \"]\""),
    ("\"U8\"", "1e3", "\"e\"", "a comma or \"]\""),
    ("\"U8\"", "01", "\"0\"", "a number without leading zeros"),
    ("\"U8\"", "9223372036854775808", "a greater number", "at most 9223372036854775807"),
    ("\"U8\"", "99999999999999999999999999", "a greater number", "at most 9223372036854775807"),
    ("\"U8\"", "\"1\"", "\"\"\"", "a whole number"),
    ("\"U8\"", "null", "\"n\"", "a whole number"),
    ("\"U8\"", "[1]", "\"[\"", "a whole number"),
    ("\"U8\"", "1,", "\"]\"", "a whole number"),
    ("\"U8\"", "1 2", "\"2\"", "a comma or \"]\""),
    ("1", "1", "\"1\"", "a string"),
  ])
  func aNumberThatIsNone(dtype: String, shape: String, found: String, expected: String) throws {
    let header = "{\"x\":{\"dtype\":\(dtype),\"shape\":[\(shape)],\"data_offsets\":[0,1]}}"
    let error = try refusal(of: file(header, dataSize: 1))
    guard case .syntax(_, found, expected) = error.problem else {
      Issue.record("\(error)")
      return
    }
    #expect(error.array == "x")
  }

  @Test(arguments: ["[]", "[0]", "[0,1,1]"])
  func offsetsThatAreNoPair(offsets: String) throws {
    let error = try refusal(
      of: file("{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":\(offsets)}}", dataSize: 1))
    guard case .syntax(_, _, "a list of 2 numbers") = error.problem else {
      Issue.record("\(error)")
      return
    }
  }

  @Test func deepNestingIsOnlyAWrongCharacter() throws {
    for bomb in [String(repeating: "[", count: 1_000_000), String(repeating: "{\"a\":", count: 1_000_000)] {
      let error = try refusal(of: file("{\"x\":{\"shape\":" + bomb))
      guard case .syntax = error.problem else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test(arguments: [
    [0xFF], [0xC0, 0x80], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],  // not UTF-8
    Array("\\ud800".utf8), Array("\\udc00".utf8), Array("\\ud800\\u0041".utf8), Array("\\ud800x".utf8),
    Array("\\u12".utf8), Array("\\u+123".utf8), Array("\\x".utf8),
  ])
  func textThatIsNone(bytes: [UInt8]) throws {
    let header = Data("{\"__metadata__\":{\"a\":\"".utf8) + Data(bytes) + Data("\"}}".utf8)
    let error = try refusal(of: littleEndian(UInt64(header.count)) + header)
    guard case .invalidText(let offset) = error.problem else {
      Issue.record("\(error)")
      return
    }
    #expect(offset == 22)
  }

  @Test func escapesAreRead() throws {
    let url = folder.file("a")
    try file("{ \"__metadata__\" :\t{\"k\\u00e9y\":\"\\ud83d\\uDE42\\/\\\"\\\\\\b\\f\\n\\r\\t\\u0000\" }\r\n}\n ")
      .write(to: url)
    #expect(try Safetensors.loadHeader(from: url).metadata == ["kéy": "🙂/\"\\\u{08}\u{0C}\n\r\t\0"])
  }

  @Test func namesThatAppearTwice() throws {
    let entry = "{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}"
    try expect(.duplicateName("x"), of: file("{\"x\":\(entry),\"x\":\(entry)}"))
    try expect(.duplicateName("x"), of: file("{\"x\":\(entry),\"\\u0078\":\(entry)}"))
    // Swift takes both spellings of é for the same, so both could not be told apart in what is returned.
    try expect(.duplicateName("e\u{301}"), of: file("{\"\u{E9}\":\(entry),\"e\u{301}\":\(entry)}"))
    try expect(.duplicateName("__metadata__"), of: file("{\"__metadata__\":{},\"__metadata__\":{}}"))
    try expect(.duplicateName("k"), of: file("{\"__metadata__\":{\"k\":\"1\",\"k\":\"1\"}}"))
    try expect(
      .duplicateName("shape"), array: "x",
      of: file("{\"x\":{\"dtype\":\"U8\",\"shape\":[0],\"shape\":[0],\"data_offsets\":[0,0]}}"))
  }

  @Test(arguments: ["dtype", "shape", "data_offsets"])
  func anEntryThatIsMissing(key: String) throws {
    let entries = ["dtype": "\"U8\"", "shape": "[0]", "data_offsets": "[0,0]"].filter { $0.key != key }
    let members = entries.map { "\"\($0)\":\($1)" }.joined(separator: ",")
    try expect(.missingEntry(key), array: "x", of: file("{\"x\":{\(members)}}"))
  }

  @Test func anEntryThatIsUnknown() throws {
    try expect(
      .unknownEntry("strides"), array: "x",
      of: file("{\"x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0],\"strides\":[1]}}"))
  }

  @Test(arguments: ["f32", "F128", "", "U8 "])
  func anUnknownElementType(name: String) throws {
    try expect(.unknownDType(name), array: "x", of: file([("x", name, "0", 0, 0)], dataSize: 0))
  }

  @Test(arguments: [
    (SafetensorsDType.u8, [Int.max, 2]), (.f64, [Int.max / 4]), (.f32, [1 << 40, 1 << 40, 0]), (.f4, [3]),
    (.f6E2M3, [2]),
  ])
  func aSizeThatCannotBeCounted(dtype: SafetensorsDType, shape: [Int]) throws {
    let lengths = shape.map(String.init).joined(separator: ",")
    try expect(
      .uncountableSize(dtype: dtype, shape: shape), array: "x",
      of: file([("x", dtype.rawValue, lengths, 0, 0)], dataSize: 0))
  }

  @Test func offsetsThatAreReversed() throws {
    try expect(
      .reversedOffsets(begin: 4, end: 0), array: "x", of: file([("x", "F32", "1", 4, 0)], dataSize: 4))
    try expect(
      .reversedOffsets(begin: .max, end: 0), array: "x", of: file([("x", "F32", "1", .max, 0)], dataSize: 4))
  }

  @Test(arguments: [0, 3, 5, 8, Int.max])
  func dataThatAreNotAsLongAsTheShape(end: Int) throws {
    try expect(
      .wrongSize(found: end, expected: 4, dtype: .f32, shape: [1]), array: "x",
      of: file([("x", "F32", "1", 0, end)], dataSize: 4))
  }

  @Test func dataThatOverlap() throws {
    try expect(
      .misplacedData(begin: 2, expected: 4), array: "y",
      of: file([("y", "F32", "1", 2, 6), ("x", "F32", "1", 0, 4)], dataSize: 6))
    try expect(
      .misplacedData(begin: 0, expected: 4), array: "y",
      of: file([("x", "U8", "4", 0, 4), ("y", "U8", "5", 0, 5)], dataSize: 9))
  }

  @Test func dataWithAHole() throws {
    try expect(.misplacedData(begin: 1, expected: 0), array: "x", of: file([("x", "U8", "1", 1, 2)], dataSize: 2))
    try expect(
      .misplacedData(begin: 5, expected: 4), array: "y",
      of: file([("x", "F32", "1", 0, 4), ("y", "F32", "1", 5, 9)], dataSize: 9))
  }

  @Test(arguments: [0, 3, 5, 100])
  func dataOfAnotherLengthThanTheArrays(size: Int) throws {
    try expect(.wrongDataSize(found: size, expected: 4), of: file([("x", "F32", "1", 0, 4)], dataSize: size))
  }

  @Test func arraysInAnyOrderAreRead() throws {
    let url = folder.file("a")
    try file([("y", "U8", "2", 4, 6), ("e", "U8", "0", 4, 4), ("x", "U8", "4", 0, 4)], dataSize: 6).write(to: url)
    let (arrays, _) = try Safetensors.loadArrays(from: url)
    #expect(arrays["x"]?.bytes == [0, 1, 2, 3])
    #expect(arrays["y"]?.bytes == [4, 5])
    #expect(arrays["e"]?.bytes == [])
  }

  @Test func messagesNameEverythingOnOneLine() {
    let error = SafetensorsError(
      .wrongSize(found: 3, expected: 24, dtype: .f32, shape: [2, 3]), file: "/a/b.safetensors", array: "w\n\u{1B}[2J")
    #expect(
      "\(error)"
        == "/a/b.safetensors: array \"w\\n\\u{1B}[2J\": it has 3 bytes of data, expected 24 for shape [2, 3] of F32")
    let long = SafetensorsError(.unknownDType(String(repeating: "x", count: 1_000_000)))
    #expect("\(long)".count < 250)
  }

  /// Thousands of files that were right and have been spoilt at random: each is refused with a typed error,
  /// or read, and then saved and read again as the same. Anything else, a trap above all, fails.
  @Test func spoiltFilesAreRefusedOrRead() throws {
    let official = try #require(Data(base64Encoded: officialFileBase64))
    let headerSize = official.count - 69
    let fragments = [
      "{", "}", "[", "]", "\"", "\\", ",", ":", "0", "-1", "1e9", "9223372036854775807", "18446744073709551616",
      "null", "\\ud800", "\"__metadata__\":", "\"shape\":[2]", "\"dtype\":\"F32\"", "[[[[", "\u{FEFF}", "\0",
    ].map { Data($0.utf8) }
    var random = RandomGenerator(seed: 1)
    var outcomes: [String: Int] = [:]
    for _ in 0..<5000 {
      var bytes = official
      for _ in 0...random.integer(below: 3) where bytes.count > headerSize / 2 {
        // Mostly in the header, where the rules are.
        let place = random.integer(below: random.integer(below: 4) == 0 ? bytes.count : min(headerSize, bytes.count))
        switch random.integer(below: 5) {
        case 0: bytes[place] = UInt8(random.integer(below: 256))
        case 1: bytes[place] ^= 1 << random.integer(below: 8)
        case 2: bytes.replaceSubrange(place..<place, with: fragments[random.integer(below: fragments.count)])
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.integer(below: 20)))
        default: bytes = bytes.prefix(place + 1)
        }
        // A header of another length would end most cases at the first check.
        if random.integer(below: 8) > 0 && bytes.count > 8 + 69 {
          bytes.replaceSubrange(0..<8, with: littleEndian(UInt64(bytes.count - 8 - 69)))
        }
      }
      // Saving waits for the disk, so not in every case.
      outcomes[try outcome(of: bytes, savingAgain: random.integer(below: 10) == 0), default: 0] += 1
    }
    // Most rules have been reached, and some files have survived: the loop tests something.
    #expect(outcomes.count >= 12, "\(outcomes)")
    #expect(outcomes["read", default: 0] > 50, "\(outcomes)")
  }

  /// Returns "read", or the name of the rule for which the file was refused.
  private func outcome(of bytes: Data, savingAgain: Bool) throws -> String {
    let (original, copy) = (folder.file("original"), folder.file("copy"))
    // Not `Data.write`, which waits for the disk each time.
    try OpenFile(original.path, flags: O_WRONLY | O_CREAT | O_TRUNC, for: .create).write(bytes)
    do {
      let loaded = try Safetensors.loadArrays(from: original)
      guard savingAgain else { return "read" }
      try Safetensors.save(arrays: loaded.arrays, metadata: loaded.metadata, to: copy)
      let again = try Safetensors.loadArrays(from: copy)
      #expect(loaded.arrays == again.arrays)
      #expect(loaded.metadata == again.metadata)
      return "read"
    } catch let error as SafetensorsError {
      return String(Mirror(reflecting: error.problem).children.first?.label ?? "")
    }
  }

  /// Returns a file with a header and `dataSize` bytes 0, 1, 2, ….
  private func file(_ header: String, dataSize: Int = 0) -> Data {
    littleEndian(UInt64(header.utf8.count)) + Data(header.utf8) + Data((0..<dataSize).map { UInt8($0) })
  }

  /// Returns a file of arrays: name, element type, shape, begin and end of the data.
  private func file(_ arrays: [(String, String, String, Int, Int)], dataSize: Int) -> Data {
    let members = arrays.map { name, dtype, shape, begin, end in
      "\"\(name)\":{\"dtype\":\"\(dtype)\",\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}"
    }
    return file("{\(members.joined(separator: ","))}", dataSize: dataSize)
  }

  private func littleEndian(_ number: UInt64) -> Data {
    withUnsafeBytes(of: number.littleEndian) { Data($0) }
  }

  /// Returns the error with which a file is refused; the same for its header alone.
  private func refusal(of bytes: Data) throws -> SafetensorsError {
    let url = folder.file("hostile")
    try bytes.write(to: url)
    let error = try #require(throws: SafetensorsError.self) { try Safetensors.loadArrays(from: url) }
    #expect(throws: error) { try Safetensors.loadHeader(from: url) }
    #expect(error.file == url.path)
    return error
  }

  private func expect(_ problem: SafetensorsError.Problem, array: String? = nil, of bytes: Data) throws {
    let error = try refusal(of: bytes)
    #expect(error.problem == problem)
    #expect(error.array == array)
  }
}

import Datasets
import Testing

/// Numbers and times, as both formats read them.
@Suite struct TextNumberTests {
  private func column(_ fields: [String]) throws -> [Float] {
    let format = CSVFormat(target: .none, delimiter: .comma, hasHeader: false)
    return try LabeledSequences(csv: Array(fields.joined(separator: "\n").utf8), name: "x.csv", format: format).values
  }

  @Test func spellings() throws {
    #expect(
      try column(["1", "-2", "+3", "4.", ".5", "-0.25", "1e3", "1E+2", "5e-1", " 7\t", "007", "0e99"])
        == [1, -2, 3, 4, 0.5, -0.25, 1000, 100, 0.5, 7, 7, 0])
    #expect(try column(["-0"]).map(\.sign) == [.minus])
    let greatest = "3.40282346638528859811704183484516925440e+38"
    #expect(try column([greatest, "1e-60", "1e-999999999999"]) == [.greatestFiniteMagnitude, 0, 0])
    #expect(try column(["?", "NaN", "nan", "NA", "na"]).allSatisfy(\.isNaN))
  }

  @Test(arguments: [
    "inf", "-Infinity", "0x10", "0x1p3", "1_000", "1e", "1e+", ".", "+", "--1", "1.2.3", "1 2", "nan(1)", "-nan", "١",
    "1f",
    "e5", "N", "n?",
  ])
  func noNumbers(text: String) {
    expect(.malformed, saying: "x.csv: line 1, column 1: '\(text)' is not a number") { _ = try column([text]) }
  }

  @Test(arguments: ["1e39", "-3.5e38", "340282356779733661637539395458142568448", "1e999999999999"])
  func numbersThatAreTooLarge(text: String) {
    expect(.malformed, saying: "'\(text.prefix(39))", "larger than any number") { _ = try column([text]) }
  }

  @Test func decimalCommas() {
    expectFlaw("x.csv: line 1, column 1: '1,5' is not a number; numbers have a decimal point") {
      let format = CSVFormat(target: .none, delimiter: .semicolon, hasHeader: false)
      return try LabeledSequences(csv: Array("1,5;2,5".utf8), name: "x.csv", format: format)
    }
  }

  /// Every number is the nearest float, as the runtime's conversion finds it more slowly.
  @Test func nearestFloats() throws {
    var generator = SeededGenerator(seed: 21)
    var fields: [String] = []
    for _ in 0..<20_000 {
      let digits = Int.random(in: 1...21, using: &generator)
      var text = (0..<digits).map { _ in String(Int.random(in: 0...9, using: &generator)) }.joined()
      let point = text.index(text.startIndex, offsetBy: Int.random(in: 0...digits, using: &generator))
      text.insert(".", at: point)
      let power = Bool.random(using: &generator) ? "e\(Int.random(in: -48...16, using: &generator))" : ""
      fields.append((Bool.random(using: &generator) ? "-" : "") + text + power)
    }
    // Just above, at and just below the middle of two floats, where rounding twice would go wrong.
    for _ in 0..<5000 {
      let float = Float(bitPattern: UInt32.random(in: 0x3000_0000..<0x5000_0000, using: &generator))
      let middle = (Double(float) + Double(float.nextUp)) / 2
      fields += ["\(middle)", "\(middle.nextUp)", "\(middle.nextDown)"]
      let whole = UInt64(1 << 24) + UInt64.random(in: 0..<1 << 23, using: &generator) * 2 + 1
      fields += ["\(whole)", "\(whole).00000001", "\(whole - 1).99999999"]
    }
    let values = try column(fields)
    #expect(values.count == fields.count)
    let differences = zip(fields, values).filter { Float($0)?.bitPattern != $1.bitPattern }
    #expect(differences.isEmpty, "\(differences.first?.0 ?? "")")
  }

  private func rise(_ earlier: String, _ later: String) throws {
    let format = CSVFormat(shape: .long(id: "i", time: "t", values: ["v"]), target: .none)
    _ = try LabeledSequences(csv: Array("i,t,v\n1,\(earlier),0\n1,\(later),0\n".utf8), name: "x.csv", format: format)
  }

  /// Times that follow each other, closely.
  @Test(arguments: [
    ("1", "2"), ("-1.5", "-1.25"), ("-0.1", "0"), ("1e2", "1e3"), ("9e-3", "0.01"),
    ("1700000000000000000", "1700000000000000001"), ("-1e-30", "1e-18"), ("0e500", "1e-5"),
    ("2023-12-31", "2024-01-01"), ("2024-02-29", "2024-03-01"), ("1969-12-31 23:59:59.5", "1970-01-01 00:00"),
    ("2000-02-29T23:59:59.999999999", "2000-03-01T00:00:00"), ("2024-06-01 12:00:00+02:00", "2024-06-01 10:00:01Z"),
    ("2024-06-01 10:00:00.25", "2024-06-01 10:00:00.250000001"), ("0000-01-01", "9999-12-31"),
  ])
  func timesThatRise(earlier: String, later: String) throws {
    try rise(earlier, later)
    expect(.malformed, saying: "line 3, column 3: the time '\(earlier)' is not after that of the step before") {
      try rise(later, earlier)
    }
    expect(.malformed, saying: "line 3, column 3: the time '\(later)' is not after that of the step before") {
      try rise(later, later)
    }
  }

  @Test(arguments: [
    "", "NaN", "24-01-01x", "2024-13-01", "2023-02-29", "1900-02-29", "2024-00-10", "2024-01-00", "2024-01-01 24:00",
    "2024-01-01 12:60", "2024-01-01 12", "2024-01-01 12:00:61", "2024-01-01 12:00:00.", "2024-01-01 12:00 +1",
    "2024-01-01 12:00+25:00", "01.02.2024", "99999999999999999999", "1e30",
  ])
  func noTimes(text: String) {
    expect(.malformed, saying: "line 2, column 3: '\(text)' is not a time") { try rise(text, "0") }
  }
}

import Datasets
import Testing

@Suite struct TSFileTests {
  private func read(_ text: String) throws -> LabeledSequences {
    try LabeledSequences(ts: Array(text.utf8), name: "x.ts")
  }

  @Test func classesOfOneDimension() throws {
    let read = try read(
      """
      # Two sequences
      % of three steps
      @problemName Toy
      @timeStamps false
      @missing false
      @univariate true
      @equalLength true
      @seriesLength 3
      @classLabel true up down
      @data
      1,2.5,-3e1:down
      # between
        4 , 5 ,6 : up\u{20}

      """)
    #expect(read.features == 1)
    #expect(read.lengths == [3, 3])
    #expect(read.values == [1, 2.5, -30, 4, 5, 6])
    #expect(read.targets == .labels(["down", "up"]))
    #expect(read.declaredClasses == ["up", "down"])
  }

  @Test func severalDimensionsOfAnyLength() throws {
    let read = try read(
      "@univariate false\n@dimensions 2\n@equalLength false\n@classLabel true\n@data\n1,2:10,20:a\n3,4,5:30,40,50:b")
    #expect(read.features == 2)
    #expect(read.lengths == [2, 3])
    #expect(read.values == [1, 10, 2, 20, 3, 30, 4, 40, 5, 50])
    #expect(read.targets == .labels(["a", "b"]))
    #expect(read.declaredClasses == nil)
  }

  @Test func numbersToEstimate() throws {
    let read = try read("@TARGETLABEL TRUE\n@classlabel false\n@DATA\n1:2:0.5\n3:4:-2e3\n")
    #expect(read.features == 2)
    #expect(read.values == [1, 2, 3, 4])
    #expect(read.targets == .numbers([0.5, -2000]))
  }

  @Test func withoutTarget() throws {
    let read = try read("@classLabel false\n@data\n1,2\n3\n")
    #expect(read.lengths == [2, 1])
    #expect(read.targets == .none)
  }

  @Test func missingValues() throws {
    #expect(try read("@missing true\n@classLabel true a\n@data\n?,1,NaN,nan:a").numbers == [nil, 1, nil, nil])
    #expect(try read("@classLabel true a\n@data\n?,1:a").numbers == [nil, 1])
  }

  @Test func windowsLinesAndByteOrderMark() throws {
    let read = try read("\u{feff}@classLabel true é\r\n@data\r\n1,2:é\r\n3:é")
    #expect(read.values == [1, 2, 3])
    #expect(read.targets == .labels(["é", "é"]))
  }

  @Test func compressedFile() throws {
    let folder = try TemporaryFolder()
    let text = "@classLabel true a\n@data\n1,2:a\n"
    let path = try folder.write(compress(Array(text.utf8), gzip: true), to: "x.ts.gz")
    #expect(try LabeledSequences(contentsOfTS: path) == read(text))
    expect(.missing, saying: "nothing.ts: No such file") {
      _ = try LabeledSequences(contentsOfTS: folder.path + "/nothing.ts")
    }
    expect(.missing, saying: "not a regular file") { _ = try LabeledSequences(contentsOfTS: folder.path) }
  }

  /// Lines across the borders of the reader's 64 KB.
  @Test func longLines() throws {
    let numbers = (0..<60_000).map(String.init)
    let text = "@classLabel true a\n@data\n" + (0..<3).map { _ in numbers.joined(separator: ",") + ":a\n" }.joined()
    let read = try read(text)
    #expect(read.lengths == [60_000, 60_000, 60_000])
    #expect(read.values == (0..<180_000).map { Float($0 % 60_000) })
  }

  @Test func lineBeyondTheLimit() {
    let bytes = Array("@classLabel false\n@data\n1\n".utf8) + [UInt8](repeating: UInt8(ascii: "1"), count: 67_108_865)
    expectFlaw(
      "x.ts: line 4, column 1: more than 67108864 bytes without an end of the line; is a quote not closed, or is this "
        + "not a text file?"
    ) { try LabeledSequences(ts: compress(bytes, gzip: true), name: "x.ts") }
  }

  @Test func timestamps() throws {
    let read = try read(
      """
      @timestamps true
      @classLabel true 1 2
      @data
      (2007-01-01 00:00:00,241.97),(2007-01-01 00:01:00,?):(2007-01-01 00:00:00,1),( 2007-01-01T00:01:00 , 2 ) : 1
      (0,1), (0.5,2),(1e1,3):(0,4),(0.5,5), (10,6):2
      """)
    #expect(read.features == 2)
    #expect(read.lengths == [2, 3])
    #expect(read.numbers == [241.97, 1, nil, 2, 1, 4, 2, 5, 3, 6])
    #expect(read.targets == .labels(["1", "2"]))
  }

  @Test func timestampsWithoutTarget() throws {
    let read = try read("@timestamps true\n@classLabel false\n@data\n(-2,1),(-1.5,2)\n(2024-02-29,3),(2024-03-01,4)")
    #expect(read.values == [1, 2, 3, 4])
  }

  /// A file's lines after `@classLabel true a b`, `@data` and what is wrong with them.
  @Test(arguments: [
    ("1,2:a\n1,x:a", "line 4, column 3: 'x' is not a number; a missing one is written as ? or NaN"),
    ("1,,2:a", "line 3, column 3: an empty value; a missing one is written as ?"),
    ("1,2,:a", "line 3, column 5: an empty value; a missing one is written as ?"),
    (":a", "line 3, column 1: an empty value; a missing one is written as ?"),
    ("é,1:a", "line 3, column 1: 'é' is not a number; a missing one is written as ? or NaN"),
    ("1,é:a", "line 3, column 3: 'é' is not a number; a missing one is written as ? or NaN"),
    ("1,inf:a", "line 3, column 3: 'inf' is not a number; a missing one is written as ? or NaN"),
    ("1,0x1p3:a", "line 3, column 3: '0x1p3' is not a number; a missing one is written as ? or NaN"),
    ("1,1e39:a", "line 3, column 3: '1e39' is larger than any number in single precision"),
    ("1,2", "line 3, column 4: the line ends without a target, which the header announces, behind a colon"),
    ("1,2:", "line 3, column 5: an empty label; every sequence needs one"),
    ("1,2:c", "line 3, column 5: the class 'c', which @classLabel does not name"),
    ("1:2:a\n1:a", "line 4, column 1: 1 dimension; the first sequence has 2"),
    (
      "1,2:3:a", "line 3, column 5: dimension 2 has 1 step and the first 2; all of a sequence must have the same number"
    ),
    ("1,2:a\u{1b}", "line 3, column 6: the control character 1b in a text"),
    ("1,2:a\0", "line 3, column 6: a NUL byte, which no text file has; if this is UTF-16, save it as UTF-8"),
    ("(0,1):a", "line 3, column 1: '(0' is not a number; a missing one is written as ? or NaN"),
  ])
  func flawsOfData(lines: String, message: String) {
    expectFlaw("x.ts: " + message) { try read("@classLabel true a b\n@data\n" + lines) }
  }

  @Test(arguments: [
    ("", "ends without a line @data; is this a .ts file?"),
    (
      "1,2:a",
      "line 1, column 1: '1,2:a' in the header; expected a line that begins with @, and @data before the sequences"
    ),
    ("@classLabel true a\n@data", "has no sequence after @data"),
    ("@classLabel true a\n  @data 1\n", "line 2, column 9: '1' after @data; sequences begin below it"),
    (
      "@problemName x\n@data\n1",
      "line 2, column 1: the header ends without @classLabel and @targetlabel; one must say whether sequences "
        + "have a target"
    ),
    ("@missing\n", "line 1, column 1: @missing with 0 values; expected true or false"),
    ("@missing true false\n", "line 1, column 15: @missing with 2 values; expected true or false"),
    ("@univariate yes\n", "line 1, column 13: @univariate is 'yes'; expected true or false"),
    ("@dimensions 0\n", "line 1, column 13: @dimensions is '0'; expected a whole number from 1"),
    ("@seriesLength 1e3\n", "line 1, column 15: @seriesLength is '1e3'; expected a whole number from 1"),
    ("@univariat true\n", "line 1, column 1: the key '@univariat'; did you mean @univariate?"),
    ("@dimension 2\n@dimensions 2\n", "line 2, column 1: @dimensions for the second time"),
    ("@classLabel true a b a\n", "line 1, column 22: the class 'a' for the second time"),
    ("@classLabel false a\n", "line 1, column 19: the class 'a' after @classLabel false; expected nothing or true"),
    (
      "@classLabel true a\n@targetlabel true\n",
      "line 2, column 1: both @classLabel and @targetlabel are true; a sequence has one target"
    ),
    (
      "@univariate true\n@dimensions 2\n@classLabel false\n@data\n",
      "line 4, column 1: the header has @univariate true and 2 dimensions; only one can be"
    ),
    (
      "@univariate true\n@classLabel false\n@data\n1,2:3,4\n",
      "line 4, column 1: 2 dimensions; the header announces 1; is the last a target?"
    ),
    ("@dimension 3\n@classLabel false\n@data\n1:2\n", "line 4, column 1: 2 dimensions; the header announces 3"),
    (
      "@equalLength true\n@seriesLength 2\n@classLabel false\n@data\n1,2\n1,2,3\n",
      "line 6, column 1: 3 steps; the header announces 2"
    ),
    (
      "@equalLength true\n@classLabel false\n@data\n1,2\n1\n",
      "line 5, column 1: 1 step; the first sequence has 2, and @equalLength is true"
    ),
    (
      "@missing false\n@classLabel false\n@data\n1,?\n",
      "line 4, column 3: a missing value, but the header has @missing false; if values may be missing, say true there"
    ),
    ("@targetlabel true\n@data\n1,2:x\n", "line 3, column 5: the target 'x'; expected a finite number"),
    ("@targetlabel true\n@data\n1,2:nan\n", "line 3, column 5: the target 'nan'; expected a finite number"),
    ("@targetlabel true\n@data\n1,2:1e99\n", "line 3, column 5: the target '1e99'; expected a finite number"),
  ])
  func flawsOfTheHeader(text: String, message: String) {
    expectFlaw("x.ts: " + message) { try read(text) }
  }

  @Test(arguments: [
    (
      "1,2:a",
      "line 4, column 1: '1,2' where a step was expected: (time,value), as the header has @timestamps true"
    ),
    (
      "(0,1),:a",
      "line 4, column 7: '' where a step was expected: (time,value), as the header has @timestamps true"
    ),
    (
      "(0;1):a",
      "line 4, column 1: '(0;1)' where a step was expected: (time,value), as the header has @timestamps true"
    ),
    ("(0,1)(1,2):a", "line 4, column 6: '(1,2)' after a step; expected a comma or a colon"),
    ("(0,1),(1,2)", "line 4, column 12: the line ends without a target, which the header announces, behind a colon"),
    ("(x,1):a", "line 4, column 2: 'x' is not a time; expected a number or a date as 2026-01-31 23:59:59"),
    (
      "(01/02/2019 00:00:00,1):a",
      "line 4, column 2: '01/02/2019 00:00:00' is not a time; expected a number or a date as 2026-01-31 23:59:59"
    ),
    ("(1,1),(1,2):a", "line 4, column 8: the time '1' is not after that of the step before; sort the steps by time"),
    (
      "(1,1),(2026-01-01,2):a",
      "line 4, column 8: the time '2026-01-01' after a time of another kind; use numbers or dates"
    ),
    (
      "(1,1),(2,2):(1,3),(3,4):a",
      "line 4, column 20: the time '3' of step 2 is not that of the first dimension; the dimensions of a sequence must "
        + "be taken at the same times"
    ),
    (
      "(1,1):(1,3),(3,4):a",
      "line 4, column 7: dimension 2 has 2 steps and the first 1; all of a sequence must have the same number"
    ),
    ("(1,):a", "line 4, column 4: an empty value; a missing one is written as ?"),
  ])
  func flawsOfTimes(line: String, message: String) {
    expectFlaw("x.ts: " + message) { try read("@timestamps true\n@classLabel true a\n@data\n" + line) }
  }

  @Test func textThatIsNotUTF8() {
    let bytes = Array("@classLabel true\n@data\n1,2:".utf8) + [0xe9]
    expectFlaw("x.ts: line 3, column 5: '\u{fffd}' is not UTF-8; save the file as UTF-8") {
      try LabeledSequences(ts: bytes, name: "x.ts")
    }
  }
}

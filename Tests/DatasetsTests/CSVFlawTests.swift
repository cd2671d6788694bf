import Datasets
import Testing

/// What is said about a file of separated values that cannot be read, word by word.
@Suite struct CSVFlawTests {
  private func expectFlaw(
    _ message: String, _ text: String, _ format: CSVFormat = CSVFormat(),
    at location: SourceLocation = #_sourceLocation
  ) {
    DatasetsTests.expectFlaw("x.csv: " + message, at: location) {
      try LabeledSequences(csv: Array(text.utf8), name: "x.csv", format: format)
    }
  }

  @Test(arguments: [
    ("", "is empty; expected lines of numbers"),
    ("\n  \n", "is empty; expected lines of numbers"),
    ("a,b,label\n", "has no line after the header; each line is a sequence"),
    ("1,2,a\n1,x,a\n", "line 2, column 3: 'x' is not a number; a missing one is written as ? or NaN"),
    ("1,2,a\n1,1e39,a\n", "line 2, column 3: '1e39' is larger than any number in single precision"),
    ("1,2,a\n1,2,\n", "line 2, column 5: an empty label; every sequence needs one"),
    ("1,2,a\n,,b\n", "line 2, column 1: no value in the line; a sequence has at least one step"),
    ("1,2,a\n1,2,3,b\n", "line 2, column 7: 4 fields; the first line has 3"),
    (
      "1,2,a\n1,b\n",
      "line 2, column 4: 2 fields; the first line has 3, the last of them the target; keep the delimiters of "
        + "empty fields"
    ),
    ("t1,label\n1,a\n2\n", "line 3, column 2: 1 field; the target would be field 2"),
    ("1,2,a\n1,2,\u{7}\n", "line 2, column 5: the control character 07 in a text"),
    ("1,2,a\n1,2\0,a\n", "line 2, column 4: a NUL byte, which no text file has; if this is UTF-16, save it as UTF-8"),
    (
      "1 2 a\n",
      "line 1, column 6: no column is left for values, of 1; is something other than , ; or a tabulator between "
        + "fields?"
    ),
    (
      "0,1,2,3\n1,2,3,4\n",
      "line 1, column 1: either names of columns or values; say whether the first line is a header"
    ),
    (
      "a,1,2,3\n",
      "line 1, column 1: 'a' beside numbers; if the first line is a header, say so, and if it is not, say which column "
        + "is the target"
    ),
    (",a,label\n", "line 1, column 1: column 1 of the header has no name; is it an index without a meaning?"),
    ("a,b,a\n", "line 1, column 5: the column 'a' for the second time"),
    (
      "label,a,Class\n",
      "line 1, column 9: column 'label' and column 'Class' could both be the target; say which one is"
    ),
    ("1,2,\"a\n3,4,b\n", "line 1, column 5: the quote that opens here is never closed"),
    (
      "1,2,a\n1,2,b\"c\n",
      "line 2, column 6: a quote inside a field; a field that has one must be in quotes, with it doubled"
    ),
    ("1,2,\"a\"b\n", "line 1, column 8: 'b' after a closing quote; expected the next field or the end of the line"),
    // Lines and columns in records of several lines.
    (
      "\"a\né\",é \"x\",label\n",
      "line 2, column 6: a quote inside a field; a field that has one must be in quotes, with it "
        + "doubled"
    ),
    (
      "a,label\n1,\"x\n\ny\"\n2,x\nz,x\n", "line 6, column 1: 'z' is not a number; a missing one is written as ? or NaN"
    ),
  ])
  func oneSequencePerLine(text: String, message: String) {
    expectFlaw(message, text)
  }

  @Test func columnsAskedFor() {
    let named = CSVFormat(target: .labels(column: "knd"))
    expectFlaw("line 1, column 1: no column 'knd'; did you mean 'kind'?", "t1,t2,kind\n1,2,a\n", named)
    expectFlaw("line 1, column 1: no column 'knd'; there are '1', '2', 'a'", "1,2,a\n", named)
    expectFlaw(
      "line 1, column 1: no column '4' in a file without a header; give its number, from 1 to 3", "5,2,1\n",
      CSVFormat(target: .labels(column: "4")))
    expectFlaw(
      "line 1, column 1: no column 'k' in a file without a header; give its number, from 1 to 3", "1,2,a\n",
      CSVFormat(target: .labels(column: "k"), hasHeader: false))
    expectFlaw(
      "line 1, column 5: column 'label' is asked for twice; each must have one purpose", "who,label,x\n",
      CSVFormat(shape: .long(id: "who", values: ["x", "label"])))
    expectFlaw(
      "line 1, column 1: no column is called label, class or target; say which one is the target", "who,kind,x\n",
      CSVFormat(shape: .long(id: "who")))
    expectFlaw(
      "line 2, column 3: the target 'a'; expected a finite number", "x,y\n1,a\n", CSVFormat(target: .numbers()))
    expectFlaw(
      "line 2, column 3: the target 'NaN'; expected a finite number", "x,y\n1,NaN\n", CSVFormat(target: .numbers()))
  }

  @Test func featuresPerStep() {
    let format = CSVFormat(shape: .wide(featuresPerStep: 2), target: .labels(column: "1"))
    expectFlaw(
      "line 1, column 8: 3 columns of values; with 2 features per step a multiple of 2 was expected", "l,a,b,c\n",
      format)
    expectFlaw(
      "line 2, column 8: 3 values; with 2 features per step a multiple of 2 was expected", "x,1,2\ny,3,4,5\n", format)
  }

  @Test func oneStepPerLine() {
    let format = CSVFormat(shape: .long(id: "who", time: "when"))
    let header = "who,when,label,x\n"
    expectFlaw("has no line after the header; each line is a step of a sequence", header, format)
    expectFlaw("line 2, column 6: 3 fields; the first line has 4", header + "a,1,p\n", format)
    expectFlaw("line 2, column 9: 5 fields; the first line has 4", header + "a,1,p,2,3\n", format)
    expectFlaw(
      "line 2, column 1: column 'who' is empty; it says which sequence the line belongs to", header + ",1,p,2\n", format
    )
    expectFlaw(
      "line 4, column 5: the target 'q' in a sequence that had 'p' before; its lines must have the same",
      header + "a,1,p,2\nb,1,q,3\na,2,q,4\n", format)
    expectFlaw(
      "line 4, column 3: the time '1' is not after that of the step before; sort the steps by time",
      header + "a,1,p,2\nb,1,q,3\na, 1,p,4\n".replacing(" ", with: ""), format)
    expectFlaw(
      "line 2, column 3: 'noon' is not a time; expected a number or a date as 2026-01-31 23:59:59",
      header + "a,noon,p,2\n", format)
    expectFlaw(
      "line 3, column 3: the time '2026-01-01' after a time of another kind; use numbers or dates",
      header + "a,1,p,2\na,2026-01-01,p,3\n", format)
    expectFlaw(
      "line 3, column 5: the target '2' in a sequence that had '1.5' before; its lines must have the same",
      header + "a,1,1.5,2\na,2,2,3\n", CSVFormat(shape: .long(id: "who", time: "when"), target: .numbers()))
  }

  /// Whatever a file holds, a message stays a line that fits a screen.
  @Test func longTexts() throws {
    let long = String(repeating: "x\u{301}", count: 5000)
    for text in ["1,2,a\n\(long),2,a\n", "\(long),\(long),a\n", "1,2,\"a\"\(long)\n"] {
      let error = #expect(throws: DatasetError.self) {
        _ = try LabeledSequences(csv: Array(text.utf8), name: "x.csv")
      }
      #expect((error?.description.unicodeScalars.count ?? 0) < 400)
    }
  }
}

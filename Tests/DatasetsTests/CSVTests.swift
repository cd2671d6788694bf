import Datasets
import Testing

@Suite struct CSVTests {
  private func read(_ text: String, _ format: CSVFormat = CSVFormat()) throws -> LabeledSequences {
    try LabeledSequences(csv: Array(text.utf8), name: "x.csv", format: format)
  }

  // MARK: One sequence per line

  @Test func lastColumnIsTheLabel() throws {
    let read = try read("1,2.5,-3,up\n4,?,6,down\n")
    #expect(read.features == 1)
    #expect(read.lengths == [3, 3])
    #expect(read.numbers == [1, 2.5, -3, 4, nil, 6])
    #expect(read.targets == .labels(["up", "down"]))
    #expect(read.declaredClasses == nil)
  }

  @Test(arguments: ["label", "Class", "TARGET"])
  func headerSaysWhichColumnIsTheLabel(name: String) throws {
    let read = try read("a,\(name),b\n1,x,2\n3,y,4\n")
    #expect(read.values == [1, 2, 3, 4])
    #expect(read.targets == .labels(["x", "y"]))
  }

  @Test func headerWithoutALabel() throws {
    let read = try read("t1,t2,kind\n1,2,x\n")
    #expect(read.values == [1, 2])
    #expect(read.targets == .labels(["x"]))
  }

  @Test func labelByNameOrNumber() throws {
    let expected = try read("1,2,x\n")
    #expect(try read("kind,b,c\nx,1,2", CSVFormat(target: .labels(column: "kind"))) == expected)
    #expect(try read("b,kind,c\n1,x,2", CSVFormat(target: .labels(column: "2"))) == expected)
    #expect(try read("x\t1\t2", CSVFormat(target: .labels(column: "1"))) == expected)
    // A name goes before a number.
    #expect(try read("1,3,2\n1,2,x", CSVFormat(target: .labels(column: "2"), hasHeader: true)) == expected)
  }

  @Test func numbersToEstimate() throws {
    let read = try read("a,price,b\n1,0.5,2\n3,-7,4", CSVFormat(target: .numbers(column: "price")))
    #expect(read.values == [1, 2, 3, 4])
    #expect(read.targets == .numbers([0.5, -7]))
    #expect(try self.read("1,2,3\n", CSVFormat(target: .numbers(), hasHeader: false)).targets == .numbers([3]))
  }

  @Test func withoutTarget() throws {
    let read = try read("1,2,4\n3\n", CSVFormat(target: .none))
    #expect(read.lengths == [3, 1])
    #expect(read.values == [1, 2, 4, 3])
    #expect(read.targets == .none)
  }

  @Test func linesThatEndEarly() throws {
    #expect(try read("9,2,3,a\n4,,,b\n5,,6,c\n").lengths == [3, 1, 3])
    #expect(try read("9,2,3,a\n4,,,b\n5,,6,c\n").numbers == [9, 2, 3, 4, 5, nil, 6])
    #expect(try read("label,t1,t2,t3\na,1,2,3\nb,4\nc,5,,\n").lengths == [3, 1, 1])
    // Without a header the first line need not be the longest,
    #expect(try read("a;1\nb;1;2;3\n", CSVFormat(target: .labels(column: "1"))).lengths == [1, 3])
    // and what is written as missing has been measured.
    #expect(try read("1,2,NaN,a\n").lengths == [3])
  }

  @Test func severalFeaturesPerStep() throws {
    let read = try read(
      "x1,y1,x2,y2,label\n1,2,3,4,a\n5,6,,,b\n7,8,9,,c\n", CSVFormat(shape: .wide(featuresPerStep: 2)))
    #expect(read.features == 2)
    #expect(read.lengths == [2, 1, 2])
    #expect(read.numbers == [1, 2, 3, 4, 5, 6, 7, 8, 9, nil])
  }

  @Test(arguments: [",", ";", "\t"])
  func delimiters(delimiter: String) throws {
    let text = "a,b,c d,\"e,;\t\"\n1,2,3,x\n".replacing(",", with: delimiter)
    #expect(try read(text).values == [1, 2, 3])
    let told = CSVFormat.Delimiter.allCases.first { String($0.rawValue) == delimiter }
    #expect(try read(text, CSVFormat(delimiter: told)) == read(text))
  }

  @Test func columnAlone() throws {
    #expect(try read("v\n1\n\n2\n", CSVFormat(target: .none)).lengths == [1, 1])
  }

  @Test func headerToldOrNot() throws {
    #expect(try read("0,1,2,3\n5,6,7,a\n", CSVFormat(hasHeader: true)).values == [5, 6, 7])
    #expect(try read("0,1,2,3\n5,6,7,a\n", CSVFormat(hasHeader: false)).targets == .labels(["3", "a"]))
    #expect(try read("5,1,2,3\n").values == [5, 1, 2])
  }

  // MARK: Quotes

  @Test func quotes() throws {
    let read = try read(
      #"""
      "note, ""quoted""","label","t 1","t
      2"
      1,"a, ""b""","2","3"
      "4","line
      of two",5,"6"

      """#)
    #expect(read.features == 1)
    #expect(read.values == [1, 2, 3, 4, 5, 6])
    #expect(read.targets == .labels(["a, \"b\"", "line\nof two"]))
  }

  @Test func quotesWithWindowsLines() throws {
    let read = try read("\u{feff}\"label\",\"a\"\r\n\"x\r\ny\",1\r\n\r\n\"\"\"\",2\r\n")
    #expect(read.targets == .labels(["x\ny", "\""]))
    #expect(read.values == [1, 2])
  }

  // MARK: One step per line

  private let steps = CSVFormat(shape: .long(id: "who", time: "when", values: ["x", "y"]))

  @Test func stepsOfSequences() throws {
    let read = try read("who,when,x,y,label,note\na,1,1,2,up,\na,2,3,?,up,n\nb,1,5,6,down,\n", steps)
    #expect(read.features == 2)
    #expect(read.lengths == [2, 1])
    #expect(read.numbers == [1, 2, 3, nil, 5, 6])
    #expect(read.targets == .labels(["up", "down"]))
  }

  @Test func stepsThatTakeTurns() throws {
    let read = try read(
      "who,when,x,y,label\nb,1,1,2,p\na,5,3,4,q\nb,2,5,6,p\nb,3,7,8,p\na,6,9,10,q\nc,0,11,12,p\na,7,13,14,q\n", steps)
    #expect(read.lengths == [3, 3, 1])
    #expect(read.values == [1, 2, 5, 6, 7, 8, 3, 4, 9, 10, 13, 14, 11, 12])
    #expect(read.targets == .labels(["p", "q", "p"]))
  }

  @Test func allOtherColumnsAreValues() throws {
    let format = CSVFormat(shape: .long(id: "who"), target: .numbers(column: "y"))
    let read = try read("x,who,y,z\n1,a,10,2\n3,a,1e1,4\n5,b,20,6\n", format)
    #expect(read.features == 2)
    #expect(read.lengths == [2, 1])
    #expect(read.values == [1, 2, 3, 4, 5, 6])
    #expect(read.targets == .numbers([10, 20]))
  }

  @Test func columnsByNumber() throws {
    let format = CSVFormat(shape: .long(id: "1", time: "2", values: ["4", "3"]), target: .none)
    let read = try read("a,2026-01-01,1,2\na,2026-01-02,3,4\n", format)
    #expect(read.values == [2, 1, 4, 3])
    #expect(try self.read("who,when,p,q\na,2026-01-01,1,2\na,2026-01-02,3,4\n", format) == read)
  }

  @Test func compressedFile() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(compress(Array("1,2,a\n".utf8), gzip: true), to: "x.csv")
    #expect(try LabeledSequences(contentsOfCSV: path) == read("1,2,a"))
    expect(.missing, saying: "nothing.csv: No such file") {
      _ = try LabeledSequences(contentsOfCSV: folder.path + "/nothing.csv")
    }
  }
}

import Datasets
import Foundation
import Testing

@Suite struct NumPyArrayTests {
  private let three = NumPyEncoder([1, 2, 3], shape: "(3,)")

  private func read(_ bytes: [UInt8]) throws -> NumPyArray { try NumPyArray(bytes: bytes, name: "a.npy") }

  // MARK: Good files

  /// All types, both orders of bytes and of dimensions, all versions: written by NumPy.
  @Test func whatNumPyWrote() throws {
    let cases = try ArrayFixture.shared.get().arrays.filter { $0.values != nil }
    #expect(cases.count == 31)
    for each in cases {
      let array = try read(Array(each.file))
      let expected = try #require(each.values).map(\.number)
      #expect(array.shape == each.shape, "\(each.name)")
      try #require(array.values.count == expected.count, "\(each.name)")
      for (found, expected) in zip(array.values, expected) {
        #expect(found == expected || found.isNaN && expected.isNaN, "\(each.name)")
      }
    }
  }

  /// Names of classes, exact where single precision is not: written by NumPy.
  @Test func labelsThatNumPyWrote() throws {
    let cases = try ArrayFixture.shared.get().arrays.filter { $0.labels != nil }
    #expect(cases.count == 20)
    for each in cases {
      let labels = try #require(each.labels)
      let sequences = try LabeledSequences(
        arrays: NumPyEncoder([Float](repeating: 0, count: labels.count), shape: "(\(labels.count), 1)").file,
        targets: Array(each.file), as: .labels)
      #expect(sequences.targets == .labels(labels), "\(each.name)")
    }
  }

  @Test(arguments: [false, true])
  func fromAFile(gzip: Bool) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(gzip ? compress(three.file, gzip: true) : three.file, to: "a.npy")
    let array = try NumPyArray(contentsOf: path)
    #expect(array.shape == [3])
    #expect(array.values == [1, 2, 3])
  }

  /// More than one piece of 64 KB, which neither dimension divides.
  @Test(arguments: [false, true])
  func manyPieces(isColumnMajor: Bool) throws {
    let (rows, columns) = (173, 401)
    func value(_ row: Int, _ column: Int) -> Int { (row * 31 + column * 7) % 251 }
    let elements =
      isColumnMajor
      ? (0..<columns).flatMap { column in (0..<rows).map { UInt8(value($0, column)) } }
      : (0..<rows).flatMap { row in (0..<columns).map { UInt8(value(row, $0)) } }
    let file = NumPyEncoder("|u1", shape: "(\(rows), \(columns))", isColumnMajor: isColumnMajor, elements: elements)
      .file
    let expected = (0..<rows).flatMap { row in (0..<columns).map { Float(value(row, $0)) } }
    #expect(try read(file).values == expected)
    #expect(try read(compress(file, gzip: true)).values == expected)
  }

  /// What other programs may write, and NumPy reads as well.
  @Test(arguments: [
    "{\"shape\":(3,),\"descr\":\"<f4\",\"fortran_order\":False}",
    "  {'shape' : ( 3 , ) , 'fortran_order' : True,\n'descr':'<f4' ,}  ",
  ])
  func otherSpellings(dictionary: String) throws {
    var encoder = three
    encoder.dictionary = dictionary
    #expect(try read(encoder.file).values == [1, 2, 3])
  }

  // MARK: Wrong files

  @Test func missingFile() throws {
    let folder = try TemporaryFolder()
    expect(.missing, saying: "nowhere.npy", "No such file") {
      _ = try NumPyArray(contentsOf: folder.path + "/nowhere.npy")
    }
  }

  /// Files of NumPy's with other things than numbers and texts.
  @Test func whatIsRefused() throws {
    let refused = try ArrayFixture.shared.get().refused
    #expect(refused.count == 10)
    for each in refused {
      expect(.malformed, saying: each.says) {
        _ = try LabeledSequences(
          arrays: NumPyEncoder([0, 0], shape: "(2, 1)").file, targets: Array(each.file), as: .labels)
      }
    }
  }

  /// Cut off at every single byte: always an error, plain and compressed.
  @Test(arguments: [false, true])
  func truncatedAnywhere(gzip: Bool) {
    let bytes = gzip ? compress(three.file, gzip: true) : three.file
    for count in 0..<bytes.count {
      expect(.malformed, saying: "a.npy: ") { _ = try read(Array(bytes.prefix(count))) }
    }
  }

  @Test func sizes() {
    expect(.malformed, saying: "a.npy: ends after 2 of 3 announced elements") {
      var cut = NumPyEncoder([1, 2, 3], shape: "(3,)")
      cut.elements.removeLast()
      // Of the file itself the size would tell.
      _ = try read(compress(cut.file, gzip: true))
    }
    expect(.malformed, saying: "a.npy: goes on after the 3 elements that its header announces") {
      _ = try read(three.file + [0])
    }
  }

  /// What is wrong with the first bytes.
  @Test(arguments: [
    (0, 0x92, "begins with the bytes 92 4e 55 4d 50 59; a NumPy array begins with 93 4e 55 4d 50 59"),
    (5, 0x79, "begins with the bytes 93 4e 55 4d 50 79"),
    (6, 4, "is of version 4.0 of the NumPy format; 1.0, 2.0 and 3.0 can be read"),
    (6, 0, "is of version 0.0"), (7, 1, "is of version 1.1"),
    (9, 0x80, "has a NumPy header of 32886 bytes; at most 10000 are read"),
    (9, 0x01, "ends inside the NumPy header"),
  ])
  func wrongStart(position: Int, byte: Int, message: String) {
    var bytes = three.file
    bytes[position] = UInt8(byte)
    expect(.malformed, saying: "a.npy: \(message)") { _ = try read(bytes) }
  }

  /// What is wrong with the dictionary.
  @Test(arguments: [
    ("", "at its byte 54, '{' was expected"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)", "'}' was expected"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} 1", "at its byte 56, its end was expected"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (3)}", "at its byte 52, ',' was expected"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': 3}", "at its byte 50, '(' was expected"),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}", "at its byte 51, the size of a dimension was expected"
    ),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,,)}", "the size of a dimension was expected"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "a dimension that is too large"),
    ("{'descr': '<f4', 'fortran_order': 0, 'shape': (3,)}", "at its byte 34, True or False was expected"),
    ("{'descr': '<f4', 'shape': (3,)}", "does not give all of descr, fortran_order and shape"),
    ("{}", "does not give all of descr, fortran_order and shape"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'more': 1}", "has a NumPy header with 'more'"),
    ("{'shape': (3,), 'descr': '<f4', 'fortran_order': False, 'shape': (4,)}", "that gives shape twice"),
    ("{'descr': '<f4' 'fortran_order': False}", "at its byte 16, '}' was expected"),
    ("{'descr: '<f4', 'fortran_order': False}", "at its byte 10, ':' was expected"),
    ("{descr: '<f4'}", "at its byte 1, a text in quotes was expected"),
    ("{'descr': '<f4", "at its byte 53, a plain letter was expected"),
    ("{'descr': '<\\x664'}", "at its byte 12, a plain letter was expected"),
    (
      "{'descr': __import__('os'), 'fortran_order': False, 'shape': (3,)}",
      "at its byte 10, a text in quotes was expected"
    ),
    ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,)}", "holds records with named fields"),
    ("{'descr': '=f4', 'fortran_order': False, 'shape': (3,)}", "holds elements of type =f4; f2, f4, f8,"),
    ("{'descr': '|f4', 'fortran_order': False, 'shape': (3,)}", "holds elements of type |f4"),
    ("{'descr': 'f4', 'fortran_order': False, 'shape': (3,)}", "holds elements of type f4"),
    ("{'descr': '<S-1', 'fortran_order': False, 'shape': (3,)}", "holds elements of type <S-1"),
    ("{'descr': '|S0', 'fortran_order': False, 'shape': (3,)}", "holds texts of up to 0 characters (|S0)"),
    (
      "{'descr': '\(String(repeating: "x", count: 300))', 'fortran_order': False, 'shape': (3,)}",
      "holds elements of type \(String(repeating: "x", count: 40))…;"
    ),
    ("{'descr': '', 'fortran_order': False, 'shape': (3,)}", "holds elements of type ;"),
    ("{'descr': '<O8', 'fortran_order': False, 'shape': (3,)}", "holds Python objects (<O8), which are not read"),
    ("{'descr': '|S4', 'fortran_order': False, 'shape': (3,)}", "holds texts; numbers are wanted here"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1, 3)}", "has 9 dimensions; at most 8"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 0)}", "is empty: its dimensions are 3 × 0"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (64,)}", "announces 64 elements, more than a file of its size"),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
      "announces 4294967296 × 4294967296 elements, more than a file of its size can hold"
    ),
  ])
  func wrongDictionary(dictionary: String, message: String) {
    var encoder = three
    encoder.dictionary = dictionary
    expect(.malformed, saying: "a.npy: ", message) { _ = try read(encoder.file) }
  }

  /// A compressed file whose size would allow more numbers than there is memory for: it is mostly a hole on the disk.
  @Test func moreThanTheMachineHas() throws {
    let count = ProcessInfo.processInfo.physicalMemory / 2
    let folder = try TemporaryFolder()
    let header = NumPyEncoder("|u1", shape: "(\(count),)", elements: []).file
    let path = try folder.write(compress(header, gzip: true), to: "a.npy")
    #expect(truncate(path, off_t(count / 1000)) == 0)
    expect(.malformed, saying: "GiB of memory, and this machine has", "divide it") {
      _ = try NumPyArray(contentsOf: path)
    }
  }
}

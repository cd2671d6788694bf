@testable import Datasets

extension Parser {
  static let npy = Parser(
    name: "npy",
    // The first byte chooses what the array is read as.
    seeds: [
      [0] + NumPyEncoder((0..<6).map(Float.init), shape: "(2, 3)").file,
      [0] + compress(NumPyEncoder(">f8", shape: "()", elements: [UInt8](repeating: 64, count: 8)).file, gzip: true),
      [1] + NumPyEncoder("<i2", shape: "(2, 3, 2)", isColumnMajor: true, elements: Array(0..<24)).file,
      [1] + NumPyEncoder("|b1", shape: "(1, 2)", elements: [0, 1]).file,
      [2] + NumPyEncoder("<U2", shape: "(2,)", elements: [97, 0, 0, 0, 0, 0, 0, 0, 233, 0, 0, 0, 98, 0, 0, 0]).file,
      [2] + NumPyEncoder("|S3", shape: "(2, 1)", elements: Array("catdog".utf8)).file,
      [2] + NumPyEncoder("<u8", shape: "(2,)", elements: [UInt8](repeating: 255, count: 16)).file,
      [3] + NumPyEncoder("<f2", shape: "(2,)", elements: [0, 60, 0, 188]).file,
      [4] + NumPyEncoder("|u1", shape: "(2,)", elements: [3, 1]).file,
    ],
    words: [
      "NUMPY\u{1}", "NUMPY\u{2}", "NUMPY\u{3}", "descr", "fortran_order", "shape", "True", "False", "<f4", ">f8", "<f2",
      "|i1", "<i8", ">u4", "|b1", "|S3", "<U2", "(2,)", "(2, 3)", "(2, 3, 1)", "()", "9223372036854775807",
    ]
  ) { bytes in
    guard let first = bytes.first else { return }
    let file = Array(bytes.dropFirst())
    switch first % 5 {
    case 0:
      refusing("name") { () throws(DatasetError) in
        let array = try NumPyArray(bytes: file, name: "name")
        promise(array.values.count == array.shape.reduce(1, *) && !array.values.isEmpty)
      }
    case 1: checkArrays(file, as: .labels, at: "values")
    case 2: checkArrays(twoSequences, targets: file, as: .labels, at: "targets")
    case 3: checkArrays(twoSequences, targets: file, as: .numbers, at: "targets")
    default: checkArrays(twoSequences, lengths: file, as: .labels, at: "lengths")
    }
  }

  static let npz = Parser(
    name: "npz",
    // The first byte chooses whether the rest is a file as it is, or members that are put into one with right
    // checksums; and as what targets are read.
    seeds: [
      [0] + ZipEncoder(arrays: [("X", twoSequences), ("y", twoClasses)], method: 0).file,
      [0]
        + ZipEncoder(arrays: [("x_train", twoSequences), ("x_test", twoSequences), ("lengths_test", twoLengths)]).file,
      [0] + wideArchive,
      [1] + member(0, twoSequences) + member(1, twoClasses) + member(2, twoLengths),
      [2] + member(3, twoSequences) + member(4, twoClasses) + member(5, twoSequences) + member(6, twoClasses),
      [3] + member(0, twoSequences) + member(1, twoClasses),
    ],
    words: [
      "PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}", "PK\u{6}\u{6}", "PK\u{6}\u{7}", "X.npy", "y.npy", "lengths.npy",
      "x_train.npy", "NUMPY\u{1}", "<f4", "|S3", "(2,)", "(2, 3)",
    ]
  ) { bytes in
    guard let first = bytes.first else { return }
    let file =
      first % 4 == 0 ? Array(bytes.dropFirst()) : archive(of: bytes.dropFirst(), method: first % 4 == 1 ? 0 : 8)
    refusing("name") { () throws(DatasetError) in
      let parts = try SequenceParts(npz: file, name: "name", as: first & 4 == 0 ? .labels : .numbers)
      check(parts.train)
      parts.test.map(check)
    }
  }
}

/// Two sequences of three steps.
let twoSequences = NumPyEncoder((0..<6).map(Float.init), shape: "(2, 3)").file
private let twoClasses = NumPyEncoder("|S3", shape: "(2,)", elements: Array("catdog".utf8)).file
private let twoLengths = NumPyEncoder("|u1", shape: "(2,)", elements: [3, 1]).file

private var wideArchive: [UInt8] {
  var encoder = ZipEncoder(arrays: [("X", twoSequences), ("y", twoClasses)])
  encoder.isWide = true
  return encoder.file
}

/// What members of archives are called.
private let memberNames = ["X", "y", "lengths", "x_train", "y_train", "x_test", "y_test", "lengths_train"]

/// A member as `archive` takes it: the number of its name, the size of its content, and that.
private func member(_ name: UInt8, _ content: [UInt8]) -> [UInt8] { [name] + littleEndian(content.count, 2) + content }

/// A zip file of members one behind the other.
private func archive(of members: ArraySlice<UInt8>, method: Int) -> [UInt8] {
  var cursor = ByteCursor(members)
  var arrays: [(String, [UInt8])] = []
  while let name = cursor.byte(), let size = cursor.littleEndian(2) {
    let content = cursor.bytes(min(size, cursor.rest.count)).map(Array.init) ?? []
    arrays.append((memberNames[Int(name) % memberNames.count], content))
  }
  return ZipEncoder(arrays: arrays, method: method).file
}

/// Reads sequences from the contents of files with an array each, of which that of a name may be damaged.
func checkArrays(
  _ values: [UInt8], targets: [UInt8]? = nil, lengths: [UInt8]? = nil, as kind: SequenceTargets.Kind, at name: String
) {
  refusing(name) { () throws(DatasetError) in
    check(try LabeledSequences(arrays: values, targets: targets, lengths: lengths, as: kind))
  }
}

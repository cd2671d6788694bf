@testable import Datasets

extension Parser {
  static let idx = Parser(
    name: "idx",
    // The first byte chooses what the array is read as.
    seeds: [
      [0] + idxFile(0x08, size: 1, [4]), [0] + idxFile(0x08, size: 1, [2, 3, 4]),
      [1] + compress(idxFile(0x08, size: 1, [2, 3]), gzip: true), [1] + idxFile(0x0d, size: 4, [2, 3, 2]),
      [2] + compress(idxFile(0x0c, size: 4, [2]), gzip: true), [2] + idxFile(0x09, size: 1, [2, 1]),
      [3] + idxFile(0x0e, size: 8, [2]), [4] + idxFile(0x0b, size: 2, [2]),
    ],
    words: [
      "\0\0\u{8}\u{1}", "\0\0\u{9}\u{2}", "\0\0\u{B}\u{3}", "\0\0\u{C}\u{1}", "\0\0\u{D}\u{2}", "\0\0\u{E}\u{3}",
      "\0\0\0\u{1}", "\0\0\0\u{2}", "\0\0\0\u{3}",
    ]
  ) { bytes in
    guard let first = bytes.first else { return }
    let file = Array(bytes.dropFirst())
    switch first % 5 {
    case 0:
      for rank in [1, 3] {
        refusing("name") { () throws(DatasetError) in
          let array = try IDXArray(bytes: file, name: "name", rank: rank)
          promise(array.dimensions.count == rank && array.bytes.count == array.dimensions.reduce(1, *))
        }
      }
    case 1: checkArrays(file, as: .labels, at: "values")
    case 2: checkArrays(twoSequences, targets: file, as: .labels, at: "targets")
    case 3: checkArrays(twoSequences, targets: file, as: .numbers, at: "targets")
    default: checkArrays(twoSequences, lengths: file, as: .labels, at: "lengths")
    }
  }
}

/// A file of elements of this type and size.
private func idxFile(_ type: UInt8, size: Int, _ dimensions: [Int]) -> [UInt8] {
  idx(dimensions, (0..<size * dimensions.reduce(1, *)).map { UInt8($0 % 3) }, type: type)
}

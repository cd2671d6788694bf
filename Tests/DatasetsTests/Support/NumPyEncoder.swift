/// Writes `.npy` files, right or with a flaw: from NumPy's description of the format, apart from the reader.
struct NumPyEncoder {
  var version: (UInt8, UInt8) = (1, 0)
  var dictionary: String
  /// The elements as they lie in the file.
  var elements: [UInt8]

  init(_ type: String = "<f4", shape: String, isColumnMajor: Bool = false, elements: [UInt8]) {
    dictionary = "{'descr': '\(type)', 'fortran_order': \(isColumnMajor ? "True" : "False"), 'shape': \(shape), }"
    self.elements = elements
  }

  /// Numbers of `<f4`.
  init(_ values: [Float], shape: String) {
    self.init(shape: shape, elements: values.flatMap { littleEndian(Int($0.bitPattern), 4) })
  }

  var file: [UInt8] {
    let headerSize = version.0 == 1 ? 2 : 4
    let unpadded = 8 + headerSize + dictionary.utf8.count + 1
    let padding = String(repeating: " ", count: (64 - unpadded % 64) % 64)
    let text = Array((dictionary + padding + "\n").utf8)
    return [0x93] + Array("NUMPY".utf8) + [version.0, version.1] + littleEndian(text.count, headerSize) + text
      + elements
  }
}

/// The bytes of a number, least significant first.
func littleEndian(_ number: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
}

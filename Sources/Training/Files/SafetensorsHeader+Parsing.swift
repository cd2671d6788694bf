extension SafetensorsHeader {
  /// Parses a header and checks everything it says.
  ///
  /// The JSON is read by its one possible form, not as JSON in general: an object of objects of texts and
  /// whole numbers. So nothing recurses, however deep a hostile file nests, and what the format forbids but
  /// general parsers let pass (names that appear twice) is seen.
  ///
  /// `dataSize` is the number of bytes that follow the header.
  init(parsing bytes: [UInt8], dataSize: Int) throws(SafetensorsError) {
    var scanner = JSONScanner(bytes)
    var metadata: [String: String] = [:]
    var announced: [AnnouncedArray] = []
    try scanner.readObject { scanner, name throws(SafetensorsError) in
      if name == Self.metadataName {
        // What MLX writes where there are no texts.
        if scanner.skipNull() { return }
        try scanner.readObject { scanner, key throws(SafetensorsError) in
          metadata[key] = try scanner.readString()
        }
      } else {
        announced.append(try scanner.readArray(named: name))
      }
    }
    try scanner.readEnd()
    try self.init(metadata: metadata, announced: announced, dataSize: dataSize)
  }
}

extension JSONScanner {
  /// Reads what the header says about one array.
  fileprivate mutating func readArray(named name: String) throws(SafetensorsError) -> AnnouncedArray {
    var dtype: SafetensorsDType?
    var shape: [Int]?
    var offsets: [Int]?
    do throws(SafetensorsError) {
      try readObject { scanner, key throws(SafetensorsError) in
        switch key {
        case "dtype":
          let name = try scanner.readString()
          dtype = SafetensorsDType(rawValue: name)
          if dtype == nil { throw SafetensorsError(.unknownDType(name)) }
        case "shape":
          shape = try scanner.readIntegers()
        case "data_offsets":
          offsets = try scanner.readIntegers(count: 2)
        default:
          throw SafetensorsError(.unknownEntry(key))
        }
      }
      guard let dtype else { throw SafetensorsError(.missingEntry("dtype")) }
      guard let shape else { throw SafetensorsError(.missingEntry("shape")) }
      guard let offsets else { throw SafetensorsError(.missingEntry("data_offsets")) }
      return AnnouncedArray(name: name, dtype: dtype, shape: shape, begin: offsets[0], end: offsets[1])
    } catch {
      throw SafetensorsError(error.problem, array: name)
    }
  }
}

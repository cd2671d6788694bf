extension SafetensorsHeader {
  /// Returns the header as JSON, padded with spaces so that the data after it are aligned to 8 bytes.
  ///
  /// Written by hand, as it is read by hand: the order of the entries is part of it, which general encoders
  /// do not keep, and the bytes must not change with the version of a library.
  func encoded() -> [UInt8] {
    var members = entries.map { entry in
      let shape = entry.shape.map(String.init).joined(separator: ",")
      let offsets = "\(entry.dataRange.lowerBound),\(entry.dataRange.upperBound)"
      return "\(literal(entry.name)):"
        + "{\"dtype\":\"\(entry.dtype.rawValue)\",\"shape\":[\(shape)],\"data_offsets\":[\(offsets)]}"
    }
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { "\(literal($0.key)):\(literal($0.value))" }
      members.insert("\(literal(Self.metadataName)):{\(texts.joined(separator: ","))}", at: 0)
    }
    var bytes = Array("{\(members.joined(separator: ","))}".utf8)
    while !bytes.count.isMultiple(of: 8) { bytes.append(UInt8(ascii: " ")) }
    return bytes
  }
}

/// Returns a string as a JSON literal, with escapes only where JSON demands them.
private func literal(_ string: String) -> String {
  var literal = "\""
  for scalar in string.unicodeScalars {
    switch scalar {
    case "\"": literal += "\\\""
    case "\\": literal += "\\\\"
    case "\u{08}": literal += "\\b"
    case "\u{09}": literal += "\\t"
    case "\u{0A}": literal += "\\n"
    case "\u{0C}": literal += "\\f"
    case "\u{0D}": literal += "\\r"
    case "\0"..<" ": literal += (scalar.value < 0x10 ? "\\u000" : "\\u00") + String(scalar.value, radix: 16)
    default: literal.unicodeScalars.append(scalar)
    }
  }
  return literal + "\""
}

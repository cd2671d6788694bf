import Foundation

/// JSON as text, with keys in alphabetical order so that equal values give equal bytes.
package enum JSONText {
  /// One line of JSON; `pretty` for a file that people read. JSON has no word for numbers that are none: they become the
  /// strings "NaN", "Infinity" and "-Infinity".
  package static func encode(_ value: some Encodable, pretty: Bool = false) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// The value that a text of JSON describes.
  ///
  /// - Parameters:
  ///   - type: What it describes.
  ///   - text: The text.
  ///   - admitsNonFinite: Whether the strings that `encode` has for numbers that are none become such numbers again. Else
  ///     they are refused: who computes with what is read should not meet them.
  /// - Returns: The value.
  /// - Throws: `DecodingError` if the text describes something else.
  package static func decode<Value: Decodable>(
    _ type: Value.Type, from text: String, admitsNonFinite: Bool = false
  ) throws -> Value {
    let decoder = JSONDecoder()
    if admitsNonFinite {
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    }
    return try decoder.decode(type, from: Data(text.utf8))
  }
}

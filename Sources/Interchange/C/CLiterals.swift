/// A number as C reads it back to the bit: the shortest decimal that is nearer to it than to any other float.
func cLiteral(_ number: Float) -> String { "\(number)f" }

/// A string of these bytes in UTF-8. What is not printable ASCII stands in octal, always with three digits, so that no
/// digit behind it belongs to it; question marks could make a trigraph.
func cLiteral(_ text: String) -> String {
  let escaped = text.utf8.map { byte -> String in
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "?"): "\\\(Character(Unicode.Scalar(byte)))"
    case 0x20...0x7e: String(Character(Unicode.Scalar(byte)))
    default: "\\\(byte >> 6)\(byte >> 3 & 7)\(byte & 7)"
    }
  }
  return "\"\(escaped.joined())\""
}

/// Definitions of constant arrays, in lines of 120 columns at most where an element allows it.
struct CArray {
  let type: String
  let name: String
  /// The number of elements, or a constant that stands for it.
  let count: String
  let elements: [String]
  /// What is in it.
  let comment: String

  init(_ name: String, _ count: String, _ floats: [Float], _ comment: String) {
    (type, self.name, self.count, self.comment) = ("float", name, count, comment)
    elements = floats.map { cLiteral($0) }
  }

  init(_ name: String, _ count: String, _ bytes: [Int8], _ comment: String) {
    (type, self.name, self.count, self.comment) = ("signed char", name, count, comment)
    elements = bytes.map { String($0) }
  }

  /// Bytes in a program.
  var byteCount: Int { elements.count * (type == "float" ? 4 : 1) }

  /// The array without its elements, to be used above its definition.
  var declaration: String { "static const \(type) \(name)[\(count)];" }

  /// The array with its elements.
  var definition: String { "// \(comment)\nstatic const \(type) \(name)[\(count)] = {\n\(lines)};\n" }

  private var lines: String {
    var text = "", line = " "
    for element in elements {
      if line.utf8.count + element.utf8.count + 2 > 120 {
        text += line + "\n"
        line = " "
      }
      line += " " + element + ","
    }
    return text + line + "\n"
  }
}

/// Lines of C, each with a comment behind it, and the comments one below the other.
func cLines(_ lines: [(code: String, comment: String)], indentation: String = "  ") -> String {
  let width = lines.map(\.code.count).max() ?? 0
  return lines.map { line in
    let gap = String(repeating: " ", count: width - line.code.count + 2)
    return line.comment.isEmpty
      ? "\(indentation)\(line.code)\n" : "\(indentation)\(line.code)\(gap)// \(line.comment)\n"
  }.joined()
}

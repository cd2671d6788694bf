/// What may be called how in C.
extension CNetwork {
  /// What a network's functions begin with where nobody says: the file's name without its ending, with an underscore for
  /// whatever an identifier cannot have, and `model` in front where it would not begin with a letter.
  public static func name(forFile fileName: String) -> String {
    let stem = fileName.hasSuffix(".c") ? fileName.dropLast(2) : fileName[...]
    let words = stem.unicodeScalars.split { !isLetter($0) && !isDigit($0) }.map(String.init)
    let name = words.joined(separator: "_")
    guard let first = name.unicodeScalars.first else { return "model" }
    return isLetter(first) ? name : "model_\(name)"
  }

  /// Whether `name` can stand in front of `_step`: ASCII letters, digits and underscores, beginning with a letter, for what
  /// begins with an underscore belongs to the compiler.
  public static func isIdentifier(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first, isLetter(first) else { return false }
    return name.unicodeScalars.allSatisfy { isLetter($0) || isDigit($0) || $0 == "_" }
  }

  /// Whether a source file can have this name: it ends in `.c`, and its header's can stand in an `#include` and in a comment.
  public static func isFileName(_ name: String) -> Bool {
    name.hasSuffix(".c") && name.count > 2
      && name.unicodeScalars.allSatisfy { scalar in
        !"\"\\?/".unicodeScalars.contains(scalar)
          && ![.control, .format, .lineSeparator, .paragraphSeparator]
            .contains(scalar.properties.generalCategory)
      }
  }

  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
}

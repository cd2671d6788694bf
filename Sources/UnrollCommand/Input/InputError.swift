/// Input that is missing or does not fit. Its description is one line.
enum InputError: Error, CustomStringConvertible {
  /// There is none (`EX_NOINPUT`, 66).
  case missing(String)
  /// It is something else than what is needed, such as images of another size (`EX_DATAERR`, 65).
  case unfit(String)

  var description: String {
    switch self {
    case .missing(let text), .unfit(let text): text
    }
  }
}

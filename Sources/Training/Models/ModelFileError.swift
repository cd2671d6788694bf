import Datasets

/// A model file that is not what it should be. Its description is one line.
public enum ModelFileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A safetensors file without what Unroll writes into its metadata.
  case notAModel(path: String, found: String, expected: String)
  /// Arrays that are missing, unexpected or of another shape; each named with what was found and expected.
  case wrongArrays(path: String, problems: [String])

  /// The file, what was found and what was expected.
  public var description: String {
    switch self {
    case .notAModel(let path, let found, let expected):
      "\(path): not a model of Unroll: found \(found), expected \(expected)".onOneLine
    case .wrongArrays(let path, let problems):
      "\(path): \(problems.joined(separator: "; "))".onOneLine
    }
  }
}

import Datasets

/// Weights of another tool that cannot be read or written, for another reason than an array's shape. Its description is
/// one line.
public enum WeightFileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What a file holds is no network as Unroll has them, or it cannot be seen what it is.
  case unreadable(path: String, problem: String)
  /// The other tool has nothing like the model.
  case notInFormat(String)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .unreadable(let path, let problem): "\(path): \(problem)".onOneLine
    case .notInFormat(let problem): problem
    }
  }
}

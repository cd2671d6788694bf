import Datasets
import Tensors

/// What cannot be done with ONNX. Its description is one line.
public enum ONNXError: Error, Equatable, Sendable, CustomStringConvertible {
  /// This build of Unroll has no code for protocol buffers.
  case notBuiltIn
  /// A cell that ONNX has no operator for.
  case noOperator(CellKind)
  /// A file that is damaged, or whose graph is not that of a recurrent classifier.
  case unfit(path: String, found: String, expected: String)

  /// What is wrong with the graph of the file at `path`.
  init(_ refusal: ONNXRefusal, path: String) {
    self = .unfit(path: path, found: refusal.found, expected: refusal.expected)
  }

  /// What was found, what was expected, and what to do.
  public var description: String {
    switch self {
    case .notBuiltIn:
      """
      this build of unroll does not know ONNX; build it with the trait ONNX: \
      swift build -c release --traits ONNX --product unroll
      """
    case .noOperator(let cell):
      "ONNX has no operator for a \(cell.rawValue), expected one of \(Self.exportable)"
    case .unfit(let path, let found, let expected):
      "\(path): found \(found), expected \(expected)".onOneLine
    }
  }

  private static var exportable: String {
    CellKind.allCases.filter { $0.standardOperator != nil }.map(\.rawValue).joined(separator: ", ")
  }
}

/// What is wrong with a graph, by whoever does not know the file's name.
package struct ONNXRefusal: Error, Equatable {
  package let found, expected: String

  package init(found: String, expected: String) {
    self.found = found
    self.expected = expected
  }
}

extension String {
  /// A name out of a file, for an error's one line: in quotes, and not too long.
  var quoted: String { "'\(count > 60 ? prefix(60) + "…" : self[...])'" }
}

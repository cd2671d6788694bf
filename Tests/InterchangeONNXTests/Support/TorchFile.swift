import Foundation

/// A file of PyTorch's exporters among the fixtures, with an input [2, 7, 3] and the logits that PyTorch computed.
struct TorchFile: Decodable, Sendable, CustomStringConvertible {
  let name: String
  /// As Unroll calls it.
  let cell: String
  let input: [[[Float]]]
  let logits: [[Float]]

  var description: String { name }

  var url: URL { Self.folder.appending(path: "\(name).onnx") }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures")

  /// All that `make_torch_files.py` has made.
  static func all() throws -> [TorchFile] {
    try JSONDecoder().decode([TorchFile].self, from: Data(contentsOf: folder.appending(path: "torch_files.json")))
  }
}

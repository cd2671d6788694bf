import Foundation
import Tensors

/// Values that `make_fixtures.py` had PyTorch compute, in double precision; its head describes the format.
enum Fixture {
  /// Reads `Tests/Fixtures/<name>.json`.
  static func load<Content: Decodable>(_ name: String, as type: Content.Type = Content.self) throws -> Content {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures")
    return try JSONDecoder().decode(type, from: Data(contentsOf: folder.appending(path: "\(name).json")))
  }
}

/// A tensor of a fixture.
struct FixtureTensor: Decodable, Sendable {
  let shape: [Int]
  let values: [Double]

  func tensor(on device: Device = .cpu) -> Tensor { Tensor(values.map(Float.init), shape: shape, on: device) }
}

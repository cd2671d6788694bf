import Foundation

/// What NumPy wrote, and what must be found in it: `Tests/Fixtures/arrays.json`.
struct ArrayFixture: Decodable {
  struct Case: Decodable {
    let name: String
    let file: Data
    let shape: [Int]
    let values: [Value]?
    let labels: [String]?
  }

  struct Refused: Decodable {
    let file: Data
    let says: String
  }

  struct Archive: Decodable {
    let name: String
    let names: [String]
    let file: Data
  }

  /// A number, or the name of one that JSON does not have.
  struct Value: Decodable {
    let number: Float

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      let text = try? container.decode(String.self)
      number = if let text { Float(text) ?? 0 } else { try container.decode(Float.self) }
    }
  }

  let arrays: [Case]
  let refused: [Refused]
  let archives: [Archive]

  /// What is wrong with the file shows itself in every test that needs it.
  static let shared = Result { () throws -> ArrayFixture in
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures/arrays.json")
    return try JSONDecoder().decode(ArrayFixture.self, from: Data(contentsOf: path))
  }
}

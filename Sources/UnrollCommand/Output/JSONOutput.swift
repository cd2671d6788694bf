import ArgumentParser
import Unroll

/// What `--json` prints: the results, an object of JSON, which says by `schema` what it is: "unroll.train/1". The schemas
/// themselves are in docs/schemas, and docs/json.md says when a number rises.
struct JSONOutput<Results: Encodable>: Encodable {
  private let schema: String
  private let results: Results

  private enum CodingKeys: CodingKey { case schema }

  fileprivate init(_ results: Results, schema: String) {
    self.schema = schema
    self.results = results
  }

  func encode(to encoder: any Encoder) throws {
    try results.encode(to: encoder)
    // Into the same object.
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(schema, forKey: .schema)
  }
}

/// The numbers of the schemas by command, where they are no longer 1.
private let schemaNumbers: [String: Int] = [:]

extension ParsableCommand {
  /// The results as this command's `--json` prints them, on one line.
  static func json(_ results: some Encodable) throws -> String {
    let name = _commandName
    return try JSONText.encode(JSONOutput(results, schema: "unroll.\(name)/\(schemaNumbers[name] ?? 1)"))
  }

  /// Writes the results as this command's `--json` prints them.
  static func writeJSON(_ results: some Encodable) throws {
    try StandardStream.output.writeLine(json(results))
  }
}

import Foundation
import Unroll

/// A file with the choices that a command's flags make too: the `config.json` of a run, or one that was written by
/// hand.
///
/// A run's file says all, so that it repeats the run: what it leaves out of a plan was not done. It is told by its
/// `version`. In other files the rest follows the defaults.
struct ConfigurationFile {
  /// The path as it was given.
  let path: String
  /// Whether a run has written it.
  private let isRecord: Bool
  /// Where `content` stands in the file: "study.", or nothing.
  private let place: String
  private let content: [String: JSONValue]

  /// What a run's file tells of the machine and the moment, which does not change the outcome.
  private static let circumstances = ["version", "threads", "instruction_set", "system", "started", "data"]

  /// Reads the file at `path`, which holds some of the `keys`.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - keys: What a command takes from it. What a run's file tells besides, of the machine and the moment, is passed
  ///     over.
  /// - Throws: `FileError` if it cannot be read, `InputError.unfit` if it holds something else.
  init(contentsOf path: String, keys: [String]) throws {
    let text = try readText(path)
    guard let value = try? JSONText.decode(JSONValue.self, from: text) else {
      throw InputError.unfit("\(path): not JSON: \(Self.flaw(inJSON: text))")
    }
    guard case .object(let content) = value else {
      throw InputError.unfit(
        "\(path): found \(value.shown); expected an object of JSON with \(keys.joined(separator: ", "))")
    }
    self.path = path
    isRecord = content["version"] != nil
    place = ""
    self.content = content
    for (kind, command) in [("plan", "train"), ("study", "ceiling"), ("memory", "memory")]
    where content[kind] != nil && !keys.contains(kind) {
      throw InputError.unfit("\(path): holds a \(kind), which unroll \(command) --config reads")
    }
    try checkNames(in: .object(content.filter { !Self.circumstances.contains($0.key) }), known: keys)
  }

  /// What stands under a key, as a file of its own; `nil` if nothing does.
  func section(_ key: String, keys: [String]) throws(InputError) -> ConfigurationFile? {
    guard let value = content[key] else { return nil }
    guard case .object(let content) = value else {
      throw flaw(key, "found \(value.shown); expected an object with \(keys.joined(separator: ", "))")
    }
    let section = ConfigurationFile(path: path, isRecord: isRecord, place: "\(place)\(key).", content: content)
    try section.checkNames(in: value, known: keys)
    return section
  }

  private init(path: String, isRecord: Bool, place: String, content: [String: JSONValue]) {
    self.path = path
    self.isRecord = isRecord
    self.place = place
    self.content = content
  }

  /// The text under a key; `nil` if there is none.
  func text(_ key: String) throws(InputError) -> String? {
    guard let value = content[key] else { return nil }
    guard case .text(let text) = value else { throw flaw(key, "found \(value.shown); expected a text") }
    return text
  }

  /// The file or folder under a key, which is named from where the configuration file is; `nil` if there is none.
  func file(_ key: String) throws(InputError) -> String? {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    return try text(key).map { $0.hasPrefix("/") ? $0 : folder.appendingPathComponent($0).relativePath }
  }

  /// The choice by name under a key; `nil` if there is none.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String) throws(InputError) -> Choice? {
    guard let value = content[key] else { return nil }
    if case .text(let name) = value, let choice = Choice(rawValue: name) { return choice }
    let names = Choice.allCases.map(\.rawValue)
    throw flaw(
      key, "found \(value.shown); expected one of \(names.joined(separator: ", "))\(guess(value, among: names))")
  }

  /// The list under a key; `nil` if there is none.
  func list<Value: Decodable>(_ key: String, _ limits: Limits<[Value]>) throws -> [Value]? {
    guard let value = content[key] else { return nil }
    guard let list = try? JSONText.decode([Value].self, from: JSONText.encode(value)), limits.contains(list) else {
      throw flaw(key, "found \(value.shown); expected \(limits.words)")
    }
    return list
  }

  /// How the files of a series are read, under `series`; `nil` if nothing is said.
  func seriesSource() throws -> SeriesSource? {
    guard let value = content["series"] else { return nil }
    let keys = ["train", "test", "csv", "regression", "missing", "normalized", "test_share", "seed"]
    guard case .object(let members) = value else {
      throw flaw("series", "found \(value.shown); expected an object with \(keys.joined(separator: ", "))")
    }
    try checkNames(in: .object(members.filter { $0.key != "csv" }), known: keys, within: "series.")
    guard let source = try? JSONText.decode(SeriesSource.self, from: JSONText.encode(value)), source.isSound else {
      throw flaw("series", "not how unroll train says that a series is read")
    }
    return source
  }

  /// A design with what stands under a key.
  ///
  /// - Parameters:
  ///   - usual: What it is where the file says nothing. It has all parts that a file may have.
  ///   - key: Where the file speaks of it.
  ///   - settings: All choices that can be made.
  /// - Returns: The design, within all limits.
  /// - Throws: `InputError.unfit`, which says where something is not as it should be.
  func design<Design: Codable>(_ usual: Design, at key: String, settings: [Setting<Design>]) throws -> Design {
    guard let value = content[key] else { return usual }
    guard case .object = value else {
      throw flaw(
        key, "found \(value.shown); expected an object with \(Self.heads(of: settings).joined(separator: ", "))")
    }
    try checkNames(in: value, known: settings.map(\.key), within: "\(key).")
    for setting in settings {
      let names = setting.key.split(separator: ".").map(String.init)
      if names.count > 1, let outer = value[names.dropLast()] { try checkObject(outer, names[0], in: key, settings) }
      // Whether nothing can be chosen, only the design knows.
      guard let found = value[names], found != .null, !setting.admits(found) else { continue }
      throw flaw(
        "\(key).\(setting.key)",
        "found \(found.shown); expected \(setting.expected)\(guess(found, among: setting.names))")
    }
    let whole = isRecord ? value : try JSONText.decode(JSONValue.self, from: JSONText.encode(usual)).merging(value)
    do {
      return try JSONText.decode(Design.self, from: JSONText.encode(whole))
    } catch DecodingError.keyNotFound(let missing, let context) {
      let missing = (context.codingPath + [missing]).map(\.stringValue).joined(separator: ".")
      throw flaw(
        "\(key).\(missing)",
        "not there, and a file with a version, as runs write it, says all; without one the rest follows the defaults")
    } catch DecodingError.valueNotFound(_, let context) {
      let name = context.codingPath.map(\.stringValue).joined(separator: ".")
      let expected = settings.first { $0.key == name }?.expected ?? "a value"
      throw flaw("\(key).\(name)", "found null; expected \(expected)")
    }
  }

  /// Whether something stands under a dotted key.
  func says(_ key: String) -> Bool { found(key) != nil }

  /// - Throws: `InputError.unfit` with `reason` if the file says something under a dotted key, other than nothing or 0.
  func refuse(_ key: String, _ reason: String) throws(InputError) {
    guard let found = found(key) else { return }
    if found != .null && found != .integer(0) { throw flaw(key, "found \(found.shown); \(reason)") }
  }

  private func found(_ key: String) -> JSONValue? {
    JSONValue.object(content)[key.split(separator: ".").map(String.init)]
  }

  private func checkObject<Design>(
    _ value: JSONValue, _ name: String, in key: String, _ settings: [Setting<Design>]
  ) throws(InputError) {
    if case .object = value { return }
    guard value != .null else { return }
    let inner = settings.map(\.key).filter { $0.hasPrefix(name + ".") }.map { $0.dropFirst(name.count + 1) }
    throw flaw("\(key).\(name)", "found \(value.shown); expected an object with \(inner.joined(separator: ", "))")
  }

  /// Checks the names of an object's members, and of the members of those, against the dotted names that are `known`.
  private func checkNames(in value: JSONValue, known: [String], within outer: String = "") throws(InputError) {
    guard case .object(let members) = value else { return }
    for (name, member) in members.sorted(by: { $0.key < $1.key }) {
      let inner = known.filter { $0.hasPrefix(name + ".") }.map { String($0.dropFirst(name.count + 1)) }
      guard known.contains(name) || !inner.isEmpty else {
        let names = known.map { String($0.prefix { $0 != "." }) }
        let advice =
          closest(to: name, among: names).map { "did you mean \($0)?" }
          ?? "expected one of \(Set(names).sorted().joined(separator: ", "))"
        throw flaw(outer + name, "there is no such key; \(advice)")
      }
      if !inner.isEmpty { try checkNames(in: member, known: inner, within: "\(outer)\(name).") }
    }
  }

  /// What is wrong with a text that is no JSON, and where: the decoder does not tell.
  private static func flaw(inJSON text: String) -> String {
    do {
      _ = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
      return "a number that is too large"
    } catch {
      let reason = (error as NSError).userInfo["NSDebugDescription"] as? String ?? "\(error)"
      return reason.hasSuffix(".") ? String(reason.dropLast()) : reason
    }
  }

  private static func heads<Design>(of settings: [Setting<Design>]) -> [String] {
    Set(settings.map { String($0.key.prefix { $0 != "." }) }).sorted()
  }

  private func guess(_ value: JSONValue, among names: [String]) -> String {
    guard case .text(let typed) = value else { return "" }
    return closest(to: typed, among: names).map { "; did you mean \($0)?" } ?? ""
  }

  private func flaw(_ key: String, _ what: String) -> InputError { .unfit("\(path): \(place)\(key): \(what)") }
}

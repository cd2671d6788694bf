import ArgumentParser
import Unroll

/// One of the choices that make a design, such as a training plan: its flag, what the flag says if it was given, and
/// where the choice stands in the design and in a configuration file.
struct Setting<Design> {
  /// Where it stands in a configuration file: "distortion.shift".
  let key: String
  /// What can be chosen, in words, for a configuration file: "a whole number from 1 to 64".
  let expected: String
  /// The names that can be chosen from, if it is by name.
  let names: [String]
  /// Whether a value in a configuration file is one that can be chosen.
  let admits: (JSONValue) -> Bool
  /// The design's choice as one types it.
  private let text: (Design) -> String
  private let change: (inout Design) -> Void
  private let check: () throws -> Void
  private let contradiction: (_ chosen: Design, _ begun: Design) -> UsageError

  /// A choice with a flag that has a value.
  ///
  /// - Parameters:
  ///   - flag: The flag.
  ///   - value: What it says; `nil` if it was not given.
  ///   - choice: Where the choice stands in the design.
  ///   - key: Where it stands in a configuration file; called as the flag by default.
  ///   - limits: Which values it may have.
  init<Value: Decodable>(
    _ flag: String, _ value: Value?, _ choice: WritableKeyPath<Design, Value>, key: String? = nil,
    _ limits: Limits<Value> = .none
  ) {
    self.init(
      key: key ?? String(flag.dropFirst(2)).replacing("-", with: "_"), value, choice, limits,
      check: { try UnrollCommand.check(flag, value, limits) }
    ) { chosen, begun in
      let text = { asTyped(($0 as Design)[keyPath: choice]) }
      return UsageError(contradiction: "\(flag) \(text(chosen))", begun: text(begun))
    }
  }

  /// A choice between yes and no, with a flag for yes, and perhaps one for no.
  init(_ flag: String, opposite: String? = nil, _ value: Bool?, _ choice: WritableKeyPath<Design, Bool>, key: String) {
    self.init(key: key, value, choice, .none, check: {}) { chosen, _ in
      let (yes, no) = chosen[keyPath: choice] ? (flag, opposite) : (opposite ?? flag, flag)
      guard let no else {
        return UsageError(description: "\(yes) contradicts the run, which began without it; leave it out")
      }
      return UsageError(contradiction: yes, begun: no)
    }
  }

  /// A choice that only a configuration file can make.
  init<Value: Decodable>(key: String, _ choice: WritableKeyPath<Design, Value>, _ limits: Limits<Value> = .none) {
    self.init(key: key, nil, choice, limits, check: {}) { _, _ in preconditionFailure("\(key) has no flag") }
  }

  private init<Value: Decodable>(
    key: String, _ value: Value?, _ choice: WritableKeyPath<Design, Value>, _ limits: Limits<Value>,
    check: @escaping () throws -> Void, contradiction: @escaping (Design, Design) -> UsageError
  ) {
    self.key = key
    names = choiceNames(of: Value.self)
    let kind = names.isEmpty ? kindName(of: Value.self) : "one of \(names.joined(separator: ", "))"
    expected = [kind, limits.words].filter { !$0.isEmpty }.joined(separator: " ")
    admits = { value in
      let value = try? JSONText.decode(Value.self, from: JSONText.encode(value))
      return value.map(limits.contains) ?? false
    }
    text = { asTyped($0[keyPath: choice]) }
    change = { if let value { $0[keyPath: choice] = value } }
    self.check = check
    self.contradiction = contradiction
  }

  /// Makes the choice, if the flag was given.
  func apply(to design: inout Design) { change(&design) }

  /// - Throws: `ValidationError` if the flag's value is not within the limits.
  func validate() throws { try check() }

  /// - Throws: `UsageError` if the flag was given and says something else than what was begun with `begun`.
  func checkAgreement(with begun: Design) throws(UsageError) {
    var design = begun
    apply(to: &design)
    if text(design) != text(begun) { throw contradiction(design, begun) }
  }
}

/// A choice as one types it.
func asTyped(_ choice: Any) -> String {
  if let named = choice as? any RawRepresentable { return "\(named.rawValue)" }
  if let number = choice as? Float, let whole = Int(exactly: number) { return "\(whole)" }
  if let list = choice as? [Any] { return list.map(asTyped).joined(separator: ",") }
  return "\(choice)"
}

/// What stands in the help about a choice: what the usual design says, and the others, by their names, where they
/// differ.
func standard<Design, Value>(
  _ choice: KeyPath<Design, Value>, in usual: Design, others: [(name: String, design: Design)] = []
) -> String {
  let text = asTyped(usual[keyPath: choice])
  let differing = others.map { (name: $0.name, text: asTyped($0.design[keyPath: choice])) }.filter { $0.text != text }
  return "(default: \(text)\(differing.map { "; \($0.name): \($0.text)" }.joined()))"
}

/// The names of an enumeration's cases; none for other types.
private func choiceNames(of type: Any.Type) -> [String] {
  func names<Choice: CaseIterable>(of type: Choice.Type) -> [String] {
    Choice.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
  }
  guard let type = type as? any CaseIterable.Type else { return [] }
  return names(of: type)
}

/// What values of a type are called. Of a list, the limits say all.
private func kindName(of type: Any.Type) -> String {
  switch type {
  case is Bool.Type: "true or false"
  case is any BinaryInteger.Type: "a whole number"
  case is any BinaryFloatingPoint.Type: "a number"
  default: ""
  }
}

import Foundation
import Training

/// The names and shapes of a file's arrays, to look for layers in.
struct ArrayNames {
  let shapes: [String: [Int]]
  /// What stands between the parts of a name.
  let separator: Character

  func contains(_ name: String) -> Bool { shapes[name] != nil }

  /// What stands before the last part of all names that end in this part, in the order of the alphabet.
  func places(of part: String) -> [String] {
    shapes.keys.filter { $0 == part || $0.hasSuffix("\(separator)\(part)") }.map { String($0.dropLast(part.count)) }
      .sorted()
  }

  /// The one of some layers that is meant by `name`, which is all of its name, or else the end of it.
  func only(_ name: String, of places: [String], flag: String) throws(WeightProblem) -> String {
    let whole = places.filter { layerName($0) == name }
    let found = whole.isEmpty ? places.filter { layerName($0).hasSuffix("\(separator)\(name)") } : whole
    guard let first = found.first, found.count == 1 else {
      let listed = found.isEmpty ? places : found
      throw WeightProblem(
        text: """
          \(flag) \(name): \(found.isEmpty ? "no such layer" : "\(found.count) layers are called that"), expected one \
          of \(list(listed))
          """)
    }
    return first
  }

  /// What a layer is called whose arrays' names begin so.
  func layerName(_ before: String) -> String { before.last == separator ? String(before.dropLast()) : before }

  /// Layers' names for people: at most eight of them.
  func list(_ places: [String]) -> String {
    let names = places.map(layerName).map { $0.isEmpty ? "(no name)" : $0 }
    return names.isEmpty ? "none" : names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
  }
}

/// Names that differ in numbers alone, by these; a name without a number comes first, as Keras counts: `lstm`,
/// `lstm_1`.
///
/// - Returns: The names in order, or `nil` if they differ in something else.
func orderedByNumbers(_ names: [String]) -> [String]? {
  let keys = names.map { name -> (pattern: String, numbers: [Int]) in
    let counted = name.contains { $0.isWholeNumber } ? name : "\(name)_0"
    let numbers = counted.matches(of: /[0-9]+/).map { Int($0.0) ?? .max }
    return (counted.replacing(/[0-9]+/, with: "#"), numbers)
  }
  guard Set(keys.map(\.pattern)).count <= 1 else { return nil }
  let order = names.indices.sorted { keys[$0].numbers.lexicographicallyPrecedes(keys[$1].numbers) }
  return order.map { names[$0] }
}

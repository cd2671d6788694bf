/// Arrays of a file that are held against what was expected, with everything that is wrong told at once.
package struct NamedArrays {
  private let arrays: [String: SafetensorsArray]
  private let path: String
  private var values: [String: [Float]] = [:]
  private var unused: Set<String>
  private var problems: [String] = []

  /// The arrays of the file at `path`.
  package init(_ arrays: [String: SafetensorsArray], path: String) {
    self.arrays = arrays
    self.path = path
    unused = Set(arrays.keys)
  }

  /// Holds arrays against their names and shapes, their type, and that they hold only finite numbers.
  package mutating func check(_ expected: [(name: String, shape: [Int])]) {
    for (name, shape) in expected {
      unused.remove(name)
      if let problem = problem(with: name, shape) { problems.append("\(name) \(problem)") }
    }
  }

  /// - Throws: `ModelFileError.wrongArrays` if anything was wrong, or an array has not been asked for.
  package func finish() throws(ModelFileError) {
    let all = problems + unused.sorted().map { "\($0) is unexpected" }
    guard all.isEmpty else { throw .wrongArrays(path: path, problems: all) }
  }

  /// The elements of an array that was checked.
  package func floats(_ name: String) -> [Float] { values[name] ?? [] }

  private mutating func problem(with name: String, _ shape: [Int]) -> String? {
    guard let array = arrays[name] else { return "is missing, expected shape \(shape)" }
    guard array.shape == shape else { return "has shape \(array.shape), expected \(shape)" }
    guard let floats = try? array.floats() else { return "holds \(array.dtype.rawValue), expected F32" }
    guard floats.allSatisfy(\.isFinite) else { return "holds numbers that are not finite" }
    values[name] = floats
    return nil
  }
}

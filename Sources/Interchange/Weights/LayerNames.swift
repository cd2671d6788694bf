/// What recurrent layers that are each one of its own are to be called: as they are named; or by one name and numbers.
///
/// - Throws: `WeightProblem` if there are names for another number of layers.
func layerNames(count: Int, named: [String], separator: Character) throws(WeightProblem) -> [String] {
  if named.count == count { return named }
  guard named.count <= 1 else {
    throw WeightProblem(text: "--recurrent has \(named.count) names, expected 1 or \(count), one for each layer")
  }
  return (0..<count).map { "\(named.first ?? "recurrent")\(separator)\($0)" }
}

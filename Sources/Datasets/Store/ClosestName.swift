/// The name that was probably meant: the one fewest typing errors away, if that is few for its length.
package func closest(to typed: String, among names: [String]) -> String? {
  let ranked = names.map { (name: $0, distance: editDistance(typed.lowercased(), $0)) }
  guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= max(2, best.name.count / 3) else {
    return nil
  }
  return best.name
}

/// Levenshtein's distance: insertions, deletions and substitutions of one character.
private func editDistance(_ a: String, _ b: String) -> Int {
  let b = Array(b)
  var row = Array(0...b.count)
  for (i, character) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let substituted = diagonal + (character == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, diagonal + 1, row[j] + 1)
    }
  }
  return row[b.count]
}

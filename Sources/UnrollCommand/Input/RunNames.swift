import Foundation

/// What runs are called beside each other: as their folders, with as many of the folders above as it takes to tell them
/// apart.
///
/// - Parameter paths: Folders, no two of them the same.
/// - Returns: A name for each.
func runNames(_ paths: [String]) -> [String] {
  let components = paths.map { Array(URL(fileURLWithPath: $0).standardizedFileURL.pathComponents.dropFirst()) }
  var lengths = [Int](repeating: 1, count: paths.count)
  func names() -> [String] { zip(components, lengths).map { $0.suffix($1).joined(separator: "/") } }
  while true {
    let names = names()
    let crowded = names.indices.filter { index in
      names.count { $0 == names[index] } > 1 && lengths[index] < components[index].count
    }
    if crowded.isEmpty { return names }
    for index in crowded { lengths[index] += 1 }
  }
}

import Tensors

/// Rows in two parts: in the first each class has its share, by the method of largest remainders. Otherwise the order stays.
///
/// - Parameters:
///   - rows: All rows, in random order.
///   - labels: The class of each row.
///   - count: How many are set apart; where classes have too few beyond those that are spared, not all of these.
///   - spared: How many of each class stay among the rest, as far as there are any.
/// - Returns: Those that are set apart, and the rest.
package func stratified(
  _ rows: [Int], labels: [Int], first count: Int, sparing spared: Int = 0
) -> (first: [Int], rest: [Int]) {
  let ofClass = Dictionary(grouping: rows) { labels[$0] }
  let shares = ofClass.map { label, rows in
    (label: label, share: Double(rows.count) * Double(count) / Double(labels.count))
  }
  var quotas = Dictionary(uniqueKeysWithValues: shares.map { ($0.label, Int($0.share)) })
  let byRemainder = shares.sorted {
    ($0.share - $0.share.rounded(.down), $1.label) > ($1.share - $1.share.rounded(.down), $0.label)
  }
  var left = count - quotas.values.reduce(0, +)
  while left > 0 {
    let able = byRemainder.map(\.label).filter { quotas[$0, default: 0] < (ofClass[$0]?.count ?? 0) - spared }
    if able.isEmpty { break }
    for label in able.prefix(left) { quotas[label, default: 0] += 1 }
    left -= min(left, able.count)
  }
  let isFirst = rows.map { row in
    let label = labels[row], left = quotas[label] ?? 0
    quotas[label] = left - 1
    return left > 0
  }
  return (zip(rows, isFirst).filter(\.1).map(\.0), zip(rows, isFirst).filter { !$0.1 }.map(\.0))
}

/// Rows that are drawn for the test set, each class with its share of them, and the others, both in ascending order. One of
/// each class at least is left to learn from.
///
/// - Parameters:
///   - count: How many are drawn; fewer where classes have but one row.
///   - total: Of how many.
///   - labels: The class of each row, counted from 0; `nil` if rows have none.
///   - seed: What the draw depends on.
/// - Returns: The rows of both parts.
func drawnTestSet(_ count: Int, of total: Int, labels: [Int]?, seed: UInt64) -> (train: [Int], test: [Int]) {
  var random = RandomGenerator(seed: seed).stream(.testSet)
  let rows = random.permutation(count: total)
  guard let labels else { return (rows.dropFirst(count).sorted(), rows.prefix(count).sorted()) }
  let parts = stratified(rows, labels: labels, first: count, sparing: 1)
  return (parts.rest.sorted(), parts.first.sorted())
}

import Tensors

/// The same rows in another order: among the first `count` each class has its share, by the method of largest remainders.
/// Otherwise the order stays.
///
/// - Parameters:
///   - rows: All rows, in random order.
///   - labels: The class of each row.
///   - count: How many are set apart.
/// - Returns: Those that are set apart first.
package func stratified(_ rows: [Int], labels: [Int], first count: Int) -> [Int] {
  let ofClass = Dictionary(grouping: rows) { labels[$0] }
  let shares = ofClass.map { label, rows in
    (label: label, share: Double(rows.count) * Double(count) / Double(labels.count))
  }
  var quotas = Dictionary(uniqueKeysWithValues: shares.map { ($0.label, Int($0.share)) })
  let byRemainder = shares.sorted {
    ($0.share - $0.share.rounded(.down), $1.label) > ($1.share - $1.share.rounded(.down), $0.label)
  }
  for (label, _) in byRemainder.prefix(count - quotas.values.reduce(0, +)) { quotas[label, default: 0] += 1 }
  let isFirst = rows.map { row in
    let label = labels[row], left = quotas[label] ?? 0
    quotas[label] = left - 1
    return left > 0
  }
  return zip(rows, isFirst).filter(\.1).map(\.0) + zip(rows, isFirst).filter { !$0.1 }.map(\.0)
}

/// Rows that are drawn for the test set, each class with its share of them, and the others, both in ascending order.
///
/// - Parameters:
///   - count: How many are drawn.
///   - total: Of how many.
///   - labels: The class of each row, counted from 0; `nil` if rows have none.
///   - seed: What the draw depends on.
/// - Returns: The rows of both parts.
func drawnTestSet(_ count: Int, of total: Int, labels: [Int]?, seed: UInt64) -> (train: [Int], test: [Int]) {
  var random = RandomGenerator(seed: seed).stream(.testSet)
  var rows = random.permutation(count: total)
  if let labels { rows = stratified(rows, labels: labels, first: count) }
  return (rows.dropFirst(count).sorted(), rows.prefix(count).sorted())
}

import Unroll

/// What rules for stopping early are worth, read back from `early.csv`.
struct EarlyCurves {
  /// A rule, or a yardstick.
  struct Entry {
    /// The rule's family, "fixed" or "oracle".
    let name: String
    /// All its thresholds on the images set apart, and the same on the test images.
    fileprivate(set) var validation: [StoppingPoint] = [], test: [StoppingPoint] = []
  }

  /// The rules, without the yardsticks.
  let rules: [Entry]
  /// Every image is stopped after the same number of steps.
  let fixed: Entry

  /// Reads the file at `path`.
  ///
  /// - Throws: `FileError` if it cannot be read, `InputError.unfit` if it is not what `unroll early` writes.
  init(contentsOf path: String) throws {
    let table = try CSVTable(
      contentsOf: path, columns: ["split", "rule", "threshold", "accuracy", "earliness", "harmonic_mean"])
    let rows = try table.rows(
      of: Row.self, expected: "validation or test, a rule, its threshold, and an accuracy and an earliness from 0 to 1"
    ) { _, row in
      (0...1).contains(row.point.accuracy) && (0...1).contains(row.point.earliness)
    }
    var entries: [Entry] = []
    for row in rows {
      if entries.last?.name != row.rule { entries.append(Entry(name: row.rule)) }
      switch row.split {
      case .validation: entries[entries.count - 1].validation.append(row.point)
      case .test: entries[entries.count - 1].test.append(row.point)
      }
    }
    guard let fixed = entries.first(where: { $0.name == "fixed" }), fixed.everything != nil,
      entries.allSatisfy({ !$0.test.isEmpty && $0.validation.count == $0.test.count })
    else {
      throw InputError.unfit(
        "\(path): expected rules and the yardstick fixed, each with as many lines of validation as of test")
    }
    self.fixed = fixed
    rules = entries.filter { !["fixed", "oracle"].contains($0.name) }
  }

  /// What a rule has to reach on the images set apart, unless another target was asked for: as in `unroll early`.
  var targetAccuracy: Double { (fixed.everything?.validation.accuracy ?? 1) - StoppingComparison.tolerance }

  /// The rule that reads least of the images set apart among those that reach the target on them, and what that is worth
  /// on the test images.
  var chosen: (rule: Entry, onTest: StoppingPoint)? {
    let reaching = rules.compactMap { rule in
      rule.validation.cheapest(reaching: targetAccuracy).map { (rule: rule, choice: $0) }
    }
    return reaching.min { $0.rule.validation[$0.choice].earliness < $1.rule.validation[$1.choice].earliness }
      .map { ($0.rule, $0.rule.test[$0.choice]) }
  }

  /// Reading everything, on the test images.
  var everything: StoppingPoint? { fixed.everything?.test }

  private struct Row: Decodable {
    enum Part: String, Decodable { case validation, test }
    let split: Part
    let rule: String
    let point: StoppingPoint

    private enum CodingKeys: CodingKey { case split, rule }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      split = try values.decode(Part.self, forKey: .split)
      rule = try values.decode(String.self, forKey: .rule)
      point = try StoppingPoint(from: decoder)
    }
  }
}

extension EarlyCurves.Entry {
  /// Where the yardstick "fixed" reads all steps.
  fileprivate var everything: (validation: StoppingPoint, test: StoppingPoint)? {
    guard let last = test.indices.max(by: { test[$0].earliness < test[$1].earliness }), last < validation.count else {
      return nil
    }
    return (validation[last], test[last])
  }
}

import ArgumentParser
import Unroll

/// The flags that make a memory study; those that are not given follow the design's defaults.
struct MemoryOptions: ParsableArguments {
  @Option(help: ArgumentHelp("What is to be solved, such as adding. \(standard(\.tasks))", valueName: "list"))
  var tasks: ChoiceList<MemoryTask>?

  @Option(
    help: ArgumentHelp(
      """
      The cells that are compared, of \(CellKind.allCases.map(\.rawValue).joined(separator: ", ")). \(standard(\.cells))
      """, valueName: "list"))
  var cells: ChoiceList<CellKind>?

  @Option(
    help: ArgumentHelp(
      "Steps of the sequences, each from \(MemoryTask.fewestSteps) on. \(standard(\.lengths))", valueName: "list"))
  var lengths: LengthList?

  @Option(
    help: ArgumentHelp(
      "Each cell is trained with each of these at each length, once. \(standard(\.learningRates))", valueName: "list"))
  var learningRates: LearningRateList?

  @Option(help: "With how many seeds the best of them is tried. \(standard(\.seeds))")
  var seeds: Int?

  @Option(help: "The first seed; the same gives the same bits. \(standard(\.seed))")
  var seed: UInt64?

  @Flag(
    inversion: .prefixedNo,
    help: """
      Whether the gates of all cells that have some remember over a sequence's length from the start, with the biases of \
      Tallec & Ollivier (2018), or begin as usual. (default: --chrono)
      """)
  var chrono: Bool?

  @Option(help: "The size of the cells' state. \(standard(\.hiddenSize))")
  var hidden: Int?

  @Option(help: "Sequences per update, drawn anew each time. \(standard(\.batchSize))")
  var batchSize: Int?

  @Option(help: "Updates after which training ends at the latest. \(standard(\.updates))")
  var updates: Int?

  @Option(
    help: """
      The length at which the gradients of the inputs are looked at, one of --lengths. (default: \
      \(MemoryDesign().gradientLength), or the longest below it)
      """)
  var gradientLength: Int?

  func validate() throws {
    try checkRange("--seeds", seeds, 1...1000)
    try checkRange("--hidden", hidden, 1...16_384)
    try checkRange("--batch-size", batchSize, 1...100_000)
    try checkRange("--updates", updates, 1...10_000_000)
  }

  /// A new study by these flags.
  ///
  /// - Throws: `UsageError` if gradients shall be looked at where nothing is trained.
  func design() throws(UsageError) -> MemoryDesign {
    var design = MemoryDesign()
    for setting in settings { setting.apply(&design) }
    design.isChrono = chrono ?? design.isChrono
    let usual = design.gradientLength
    design.gradientLength = gradientLength ?? design.lengths.last { $0 <= usual } ?? design.lengths[0]
    guard design.lengths.contains(design.gradientLength) else {
      throw UsageError(
        description: "--gradient-length \(design.gradientLength): must be one of --lengths \(joined(design.lengths))")
    }
    return design
  }

  /// Refuses flags that contradict a study that was begun with `begun`.
  func checkAgreement(with begun: MemoryDesign) throws(UsageError) {
    for setting in settings {
      var design = begun
      setting.apply(&design)
      if design != begun {
        throw UsageError(contradiction: "\(setting.flag) \(setting.text(design))", begun: setting.text(begun))
      }
    }
    if let chrono, chrono != begun.isChrono {
      let flags = ["--chrono", "--no-chrono"]
      throw UsageError(contradiction: flags[chrono ? 0 : 1], begun: flags[chrono ? 1 : 0])
    }
  }

  /// What the given flags do to a design.
  private var settings: [MemorySetting] {
    let all = [
      MemorySetting("--tasks", tasks?.values, \.tasks), MemorySetting("--cells", cells?.values, \.cells),
      MemorySetting("--lengths", lengths?.values, \.lengths),
      MemorySetting("--learning-rates", learningRates?.values, \.learningRates),
      MemorySetting("--seeds", seeds, \.seeds), MemorySetting("--seed", seed, \.seed),
      MemorySetting("--hidden", hidden, \.hiddenSize), MemorySetting("--batch-size", batchSize, \.batchSize),
      MemorySetting("--updates", updates, \.updates),
      MemorySetting("--gradient-length", gradientLength, \.gradientLength),
    ]
    return all.compactMap(\.self)
  }
}

/// A flag that was given: what it does to a design, and how the design's choice reads.
private struct MemorySetting {
  let flag: String
  let apply: (inout MemoryDesign) -> Void
  let text: (MemoryDesign) -> String

  /// `nil` if there is no value.
  init?<Value>(_ flag: String, _ value: Value?, _ choice: WritableKeyPath<MemoryDesign, Value>) {
    guard let value else { return nil }
    self.flag = flag
    apply = { $0[keyPath: choice] = value }
    text = { asTyped($0[keyPath: choice]) }
  }
}

/// What stands in the help about a choice.
private func standard<Value>(_ choice: KeyPath<MemoryDesign, Value>) -> String {
  "(default: \(asTyped(MemoryDesign()[keyPath: choice])))"
}

/// A choice as one types it.
private func asTyped(_ choice: some Any) -> String {
  switch choice {
  case let list as [MemoryTask]: joined(list.map(\.rawValue))
  case let list as [CellKind]: joined(list.map(\.rawValue))
  case let list as [Int]: joined(list)
  case let list as [Float]: joined(list)
  default: "\(choice)"
  }
}

private func joined(_ values: [some CustomStringConvertible]) -> String {
  values.map(\.description).joined(separator: ",")
}

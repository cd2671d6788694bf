import ArgumentParser
import Unroll

/// The flags that make a memory study; those that are not given follow the design's defaults.
struct MemoryOptions: ParsableArguments {
  @Option(help: ArgumentHelp("What is to be solved, one or several. \(standard(\.tasks))", valueName: "list"))
  var tasks: ChoiceList<MemoryTask>?

  @Option(help: ArgumentHelp("The cells that are compared, one or several. \(standard(\.cells))", valueName: "list"))
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
      Whether the gates of all cells that have some remember over a sequence's length from the start, with the biases \
      of Tallec & Ollivier (2018), or begin as usual. (default: --chrono)
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
    for setting in settings { try setting.validate() }
  }

  /// A new study by these flags, and where they say nothing by the `memory` of a configuration file.
  ///
  /// - Throws: `UsageError` if gradients shall be looked at where nothing is trained; `InputError.unfit` if the file's
  ///   study is none.
  func design(following file: ConfigurationFile?) throws -> MemoryDesign {
    var usual = MemoryDesign()
    let lengths = try chosen(instead: usual, following: file).lengths
    usual.gradientLength = lengths.last { $0 <= usual.gradientLength } ?? lengths[0]
    let design = try chosen(instead: usual, following: file)
    guard design.lengths.contains(design.gradientLength) else {
      throw UsageError(
        description: "--gradient-length \(design.gradientLength): must be one of --lengths \(asTyped(design.lengths))")
    }
    return design
  }

  private func chosen(instead usual: MemoryDesign, following file: ConfigurationFile?) throws -> MemoryDesign {
    var design = try file?.design(usual, at: "memory", settings: settings) ?? usual
    design.lengths.sort()
    for setting in settings { setting.apply(to: &design) }
    return design
  }

  /// Refuses flags that contradict a study that was begun with `begun`.
  func checkAgreement(with begun: MemoryDesign) throws(UsageError) {
    for setting in settings { try setting.checkAgreement(with: begun) }
  }

  /// All choices of a study: what a configuration file says stands under their keys.
  private var settings: [Setting<MemoryDesign>] {
    [
      Setting("--tasks", tasks?.values, \.tasks, ChoiceList.limits),
      Setting("--cells", cells?.values, \.cells, ChoiceList.limits),
      Setting("--lengths", lengths?.values, \.lengths, LengthList.limits),
      Setting("--learning-rates", learningRates?.values, \.learningRates, LearningRateList.limits),
      Setting("--seeds", seeds, \.seeds, .range(1...1000)),
      Setting("--seed", seed, \.seed),
      Setting("--chrono", opposite: "--no-chrono", chrono, \.isChrono, key: "chrono"),
      Setting("--hidden", hidden, \.hiddenSize, key: "hidden_size", .range(1...16_384)),
      Setting("--batch-size", batchSize, \.batchSize, .range(1...100_000)),
      Setting("--updates", updates, \.updates, .range(1...10_000_000)),
      Setting("--gradient-length", gradientLength, \.gradientLength),
      Setting(key: "max_gradient_norm", \.maxGradientNorm, .positive),
    ]
  }
}

/// What stands in the help about a choice.
private func standard<Value>(_ choice: KeyPath<MemoryDesign, Value>) -> String { standard(choice, in: MemoryDesign()) }

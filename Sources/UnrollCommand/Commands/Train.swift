import ArgumentParser
import Foundation
import Unroll

extension Recipe: ExpressibleByArgument {}
extension OptimizerKind: ExpressibleByArgument {}
extension ScheduleKind: ExpressibleByArgument {}
extension Objective: ExpressibleByArgument {}
extension StepWeights: ExpressibleByArgument {}
extension CellKind: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}

/// What stands in the help about a choice: what the default recipe says, and the other where it differs.
private func standard<Value: Equatable>(_ choice: KeyPath<TrainingPlan, Value>) -> String {
  let modern = TrainingPlan(recipe: .modern)[keyPath: choice]
  let assignment = TrainingPlan(recipe: .assignment)[keyPath: choice]
  return modern == assignment ? "(default: \(modern))" : "(default: \(modern); assignment: \(assignment))"
}

/// `unroll train`
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a classifier, evaluates it, and shows its accuracy after each number of steps.",
    discussion: """
      Reads each image row by row: an MNIST image is a sequence of 28 steps with 28 features. The network is an input \
      layer, an LSTM (or another cell, or several layers) and an output layer. Everything goes into a run folder; Ctrl-C stops after the current batch and \
      leaves a checkpoint there, from which --resume goes on to the same bits as if the run had never stopped.
      """)

  @Argument(help: "mnist, fashion-mnist, or a folder with the four IDX files. (default: mnist)")
  var dataset: String?

  @Option(help: ArgumentHelp("Folder with the data set's files, instead of the cache.", valueName: "dir"))
  var data: String?

  @Option(help: "What the rest follows: 'modern' is quick and good, 'assignment' the original lab's. (default: modern)")
  var recipe: Recipe?

  @Option(help: "How often the training set is read. \(standard(\.epochs))")
  var epochs: Int?

  @Option(help: "Sequences per update. \(standard(\.batchSize))")
  var batchSize: Int?

  @Option(help: "What reads the sequence. \(standard(\.cell.rawValue))")
  var cell: CellKind?

  @Option(help: "How many layers of it. \(standard(\.layers))")
  var layers: Int?

  @Option(help: "Width of the input layer and size of the recurrent layers' state. \(standard(\.hiddenSize))")
  var hidden: Int?

  @Option(
    help: """
      What the recurrent layers' products are computed in; bf16 is faster on processors with AVX512_BF16. \
      \(standard(\.precision.rawValue))
      """)
  var precision: Precision?

  @Option(help: "Learning rate, or its peak where it changes. \(standard(\.learningRate))")
  var learningRate: Float?

  @Option(help: "How parameters follow gradients. \(standard(\.optimizer.rawValue))")
  var optimizer: OptimizerKind?

  @Option(help: "How the learning rate changes. \(standard(\.schedule.rawValue))")
  var schedule: ScheduleKind?

  @Option(
    help: """
      When the network is asked for the class: after the last step, after every step, after a random number of them, or \
      after every step with --step-weights. \(standard(\.objective.rawValue))
      """)
  var objective: Objective?

  @Option(
    help: """
      What each step counts for with --objective weighted: as much as has been read, its square, or the second half \
      alone. (default: linear)
      """)
  var stepWeights: StepWeights?

  @Option(help: "The share of the target that is spread over all classes, from 0 to 1. (default: 0)")
  var labelSmoothing: Float?

  @Option(help: "Training sequences set apart to watch progress on. \(standard(\.validationCount))")
  var validation: Int?

  @Option(help: "Where all randomness comes from; the same seed gives the same bits. \(standard(\.seed))")
  var seed: UInt64?

  @Option(help: "Threads; they do not change the result. (default: one per core)")
  var threads: Int?

  @Option(help: ArgumentHelp("Folder for the run. (default: runs/<date>-<dataset>)", valueName: "dir"))
  var output: String?

  @Option(help: ArgumentHelp("Goes on with the run in this folder.", valueName: "dir"))
  var resume: String?

  @Flag(
    name: .customLong("no-steps"),
    help: """
      Reads the test set once, to the last step, and leaves out how accuracy falls with fewer steps: a second or two less. \
      'unroll steps' still shows it later.
      """)
  var skipsSteps = false

  @Flag(help: "Shows no progress.")
  var quiet = false

  @Flag(help: "Writes the results to standard output as JSON, and nothing else there.")
  var json = false

  func validate() throws {
    try check("--epochs", epochs, in: 1...100_000)
    try check("--batch-size", batchSize, in: 1...1_000_000)
    try check("--layers", layers, in: 1...64)
    try check("--hidden", hidden, in: 1...16_384)
    try check("--validation", validation, in: 0...Int(Int32.max))
    try check("--threads", threads, in: 1...1024)
    if let rate = learningRate, !(rate > 0 && rate <= 1000) {
      throw ValidationError("--learning-rate \(rate): must be above 0 and at most 1000")
    }
    if let labelSmoothing, !(0...1).contains(labelSmoothing) {
      throw ValidationError("--label-smoothing \(labelSmoothing): must be from 0 to 1")
    }
    if let stepWeights, resume == nil && objective != .weighted {
      throw ValidationError("--step-weights \(stepWeights.rawValue): needs --objective weighted")
    }
    for (flag, path) in [("--data", data), ("--output", output), ("--resume", resume)] where path == "" {
      throw ValidationError("\(flag): names no folder")
    }
    if resume != nil && output != nil {
      throw ValidationError("--output and --resume exclude each other: a resumed run stays in its folder")
    }
  }

  private func check(_ flag: String, _ value: Int?, in range: ClosedRange<Int>) throws {
    if let value, !range.contains(value) {
      throw ValidationError("\(flag) \(value): must be from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  func run() throws {
    let device = threads.map { Device(threads: $0) } ?? .cpu
    var run =
      if let resume {
        try TrainingRun(resuming: RunFolder(path: resume), flags: self, on: device)
      } else {
        try TrainingRun(plan(), flags: self, on: device)
      }
    // Until here there was nothing to lose.
    Interruption.beginNoting()
    do {
      try run.train()
      try run.finish()
    } catch is Interruption.Request {
      try run.putDown()
      throw Interruption.exitCode
    }
  }

  /// The data set to begin with: a known name, or a folder by a path that is good in any working directory.
  var chosenDataset: String { dataset.map(absoluteDataset) ?? "mnist" }

  private func absoluteDataset(_ name: String) -> String {
    DatasetStore().knows(name) || !isFolder(name) ? name : URL(fileURLWithPath: name).standardizedFileURL.path
  }

  /// The recipe's plan, with what the flags say instead.
  private func plan() -> TrainingPlan {
    var plan = TrainingPlan(recipe: recipe ?? .modern)
    if let epochs { plan.epochs = epochs }
    if let batchSize { plan.batchSize = batchSize }
    if let cell { plan.cell = cell }
    if let layers { plan.layers = layers }
    if let hidden { plan.hiddenSize = hidden }
    if let precision { plan.precision = precision }
    if let learningRate { plan.learningRate = learningRate }
    if let optimizer { plan.optimizer = optimizer }
    if let schedule { plan.schedule = schedule }
    if let objective { plan.objective = objective }
    if let stepWeights { plan.stepWeights = stepWeights }
    if let labelSmoothing, labelSmoothing > 0 { plan.labelSmoothing = labelSmoothing }
    if let validation { plan.validationCount = validation }
    if let seed { plan.seed = seed }
    return plan
  }

  /// Refuses flags that contradict a run that was begun with `plan`.
  func checkAgreement(with plan: TrainingPlan, dataset begun: String) throws {
    func check<Value: Equatable>(_ flag: String, _ given: Value?, _ begun: Value) throws {
      if let given, given != begun {
        throw UsageError(description: "\(flag) \(given) contradicts the run, which began with \(begun); leave it out")
      }
    }
    try check("the data set", dataset.map(absoluteDataset), begun)
    try check("--recipe", recipe?.rawValue, plan.recipe.rawValue)
    try check("--epochs", epochs, plan.epochs)
    try check("--batch-size", batchSize, plan.batchSize)
    try check("--cell", cell?.rawValue, plan.cell.rawValue)
    try check("--layers", layers, plan.layers)
    try check("--hidden", hidden, plan.hiddenSize)
    try check("--precision", precision?.rawValue, plan.precision.rawValue)
    try check("--learning-rate", learningRate, plan.learningRate)
    try check("--optimizer", optimizer?.rawValue, plan.optimizer.rawValue)
    try check("--schedule", schedule?.rawValue, plan.schedule.rawValue)
    try check("--objective", objective?.rawValue, plan.objective.rawValue)
    try check("--step-weights", stepWeights?.rawValue, plan.stepWeights?.rawValue ?? StepWeights.linear.rawValue)
    try check("--label-smoothing", labelSmoothing, plan.labelSmoothing ?? 0)
    try check("--validation", validation, plan.validationCount)
    try check("--seed", seed, plan.seed)
  }
}

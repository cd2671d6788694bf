import ArgumentParser
import Unroll

extension Recipe: ExpressibleByArgument {}
extension OptimizerKind: ExpressibleByArgument {}
extension ScheduleKind: ExpressibleByArgument {}
extension Objective: ExpressibleByArgument {}
extension StepWeights: ExpressibleByArgument {}
extension CellKind: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension ClassWeights: ExpressibleByArgument {}

/// What stands in the help about a choice: what the default recipe says, the others where they differ, and what is done for
/// series of numbers where that differs.
private func standard<Value>(_ choice: KeyPath<TrainingPlan, Value>, series: String? = nil) -> String {
  func text(_ recipe: Recipe) -> String {
    "\(TrainingPlan(recipe: recipe)[keyPath: choice])"
  }
  let modern = text(.modern)
  let others = [Recipe.assignment, .thorough].filter { text($0) != modern }.map { "; \($0): \(text($0))" }
  return "(default: \(modern)\(others.joined())\(series.map { "; series: \($0)" } ?? ""))"
}

/// The flags that make a training plan; those that are not given follow the recipe.
struct PlanOptions: ParsableArguments {
  @Option(
    help: """
      What the rest follows: 'modern' is quick and good, 'thorough' slow and better, 'assignment' the original lab's. \
      (default: modern)
      """)
  var recipe: Recipe?

  @Option(help: "How often the training set is read. \(standard(\.epochs, series: "300 updates or more"))")
  var epochs: Int?

  @Option(help: "Sequences per update. \(standard(\.batchSize, series: "an eighth, 4 to 128"))")
  var batchSize: Int?

  @Option(
    help: """
      What reads the sequence: a long short-term memory as it is, with peepholes, with one gate to take in and to \
      forget, or with layer normalization; a gated recurrent unit; a plain network of tanh; one of rectified linear units that starts at the \
      identity. \(standard(\.cell.rawValue, series: "gru"))
      """)
  var cell: CellKind?

  @Option(help: "How many layers of it. \(standard(\.layers))")
  var layers: Int?

  @Flag(
    help: """
      Adds as many layers that read from the last step to the first. Such a network has to begin again for an answer after \
      each step; it learns from random prefixes, unless --objective or the recipe assignment says otherwise.
      """)
  var bidirectional = false

  @Option(help: "Width of the input layer and size of the recurrent layers' state. \(standard(\.hiddenSize))")
  var hidden: Int?

  @Option(
    help: """
      Sets the gates so that they remember over 1 to so many steps from the start, with the biases of Tallec & Ollivier \
      (2018); 0: a bias of 1 for an LSTM's forget gate. (default: for sequences of more than 100 steps as many as these \
      have; else, and with the assignment, 0)
      """)
  var remember: Int?

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

  @Option(
    help:
      "The share of each parameter that decays per update and learning rate, with --optimizer adamw. (default: 0.01)")
  var weightDecay: Float?

  @Option(help: "How the learning rate changes. \(standard(\.schedule.rawValue))")
  var schedule: ScheduleKind?

  @Option(
    help: """
      When the network is asked for the class: after the last step, after every step, after a random number of them, or \
      after every step with --step-weights. \(standard(\.objective.rawValue, series: "weighted"))
      """)
  var objective: Objective?

  @Option(
    help: """
      What each step counts for with --objective weighted: as much as has been read, its square, the second half alone, or \
      the first half three times as much. (default: linear)
      """)
  var stepWeights: StepWeights?

  @Option(help: "The share of the target that is spread over all classes, from 0 to 1. \(standard(\.smoothing))")
  var labelSmoothing: Float?

  @Option(
    help: """
      The share of the recurrent layers' hidden states that is left out of an update, the same units at every step, below \
      1. \(standard(\.droppedStates))
      """)
  var dropout: Float?

  @Option(
    help: "The share of the recurrent weights that is left out of an update, below 1. \(standard(\.droppedWeights))")
  var recurrentDropout: Float?

  @Option(help: "Moves each image by up to so many pixels along each axis, anew each time. \(standard(\.moves.shift))")
  var shift: Float?

  @Option(help: "Turns each image by up to so many degrees either way. \(standard(\.moves.rotation))")
  var rotation: Float?

  @Option(
    help: """
      Slants each image by up to so many degrees either way, so that every row stays at its height. \
      \(standard(\.moves.slant))
      """)
  var slant: Float?

  @Option(help: "Stretches each image by up to this share along each axis, below 1. \(standard(\.moves.scaling))")
  var scaling: Float?

  @Option(
    help: """
      Bends each image: moves the points of a coarse grid over it by up to so many pixels each. \
      \(standard(\.moves.bending))
      """)
  var bending: Float?

  @Option(
    help: """
      How much of shift, scaling and bending is done up and down too, from 0 to 1; with less, rows stay at their height. \
      \(standard(\.moves.vertical))
      """)
  var vertical: Float?

  @Option(
    help: """
      Puts up to so many blank steps in front of each sequence, a number drawn anew each time, so that the network learns \
      to read images that come late. \(standard(\.blanks))
      """)
  var blankFront: Int?

  @Option(
    help: """
      How much of a running average of the weights is kept at each update, below 1; the average becomes the model. 0: no \
      average. \(standard(\.averaging))
      """)
  var averageWeights: Float?

  @Option(help: "What sequences count for: all alike, or all classes alike. \(standard(\.weighting.rawValue))")
  var classWeights: ClassWeights?

  @Option(
    help: """
      Training sequences set apart, to watch progress and to calibrate on. (default: a twelfth of them, at most 5000; \
      assignment: 0; series: a fifth)
      """)
  var validation: Int?

  @Option(help: "Where all randomness comes from; the same seed gives the same bits. \(standard(\.seed))")
  var seed: UInt64?

  func validate() throws {
    try checkRange("--epochs", epochs, 1...100_000)
    try checkRange("--batch-size", batchSize, 1...1_000_000)
    try checkRange("--layers", layers, 1...64)
    if let remember, remember != 0 { try checkRange("--remember", remember, 3...1_000_000) }
    try checkRange("--hidden", hidden, 1...16_384)
    try checkRange("--blank-front", blankFront, 0...1_000_000)
    try checkRange("--validation", validation, 0...Int(Int32.max))
    try checkRange("--label-smoothing", labelSmoothing, 0...1)
    try checkRange("--weight-decay", weightDecay, 0...1000)
    try checkRange("--shift", shift, 0...1000)
    try checkRange("--rotation", rotation, 0...180)
    try checkRange("--slant", slant, 0...80)
    try checkRange("--bending", bending, 0...1000)
    try checkRange("--vertical", vertical, 0...1)
    if let learningRate, !(learningRate > 0 && learningRate <= 1000) {
      throw ValidationError("--learning-rate \(learningRate): must be above 0 and at most 1000")
    }
    for (flag, value) in [
      ("--scaling", scaling), ("--average-weights", averageWeights), ("--dropout", dropout),
      ("--recurrent-dropout", recurrentDropout),
    ] {
      if let value, !(value >= 0 && value < 1) {
        throw ValidationError("\(flag) \(value): must be from 0 to below 1")
      }
    }
  }

  /// - Throws: `ValidationError` if something is given that the other choices have no use for. Not a part of `validate()`,
  ///   for a resumed run has its choices already.
  func checkUse() throws {
    if let stepWeights, objective != .weighted {
      throw ValidationError("--step-weights \(stepWeights.rawValue): needs --objective weighted")
    }
    if let weightDecay, (optimizer ?? TrainingPlan(recipe: recipe ?? .modern).optimizer) != .adamw {
      throw ValidationError("--weight-decay \(weightDecay): needs --optimizer adamw")
    }
  }

  /// The recipe's plan, with what the flags say instead.
  ///
  /// - Parameter data: The training sequences, of which some are set apart by default.
  /// - Returns: The plan to train by.
  func plan(for data: DataShape) -> TrainingPlan {
    var plan = TrainingPlan(recipe: recipe ?? .modern)
    if plan.recipe != .assignment {
      plan.validationCount = min(5000, data.sequences / 12)
      if data.steps > 100 { plan.rememberedSteps = data.steps }
      if data.isSeries { plan.adapt(toSeries: data.sequences) }
    }
    if bidirectional && [.every, .weighted].contains(plan.objective) { plan.objective = .randomPrefix }
    for setting in settings { setting.apply(&plan) }
    // The recipe's decay has no meaning for other optimizers, and should not stand in config.json.
    if plan.optimizer != .adamw { plan.weightDecay = nil }
    // Nor have gates a plain network.
    if [.rnn, .irnn].contains(plan.cell) { plan.rememberedSteps = nil }
    return plan
  }

  /// Refuses flags that contradict a run that was begun with `begun`.
  func checkAgreement(with begun: TrainingPlan) throws {
    for setting in settings {
      var plan = begun
      setting.apply(&plan)
      if setting.text(plan) != setting.text(begun) {
        throw UsageError(contradiction: "\(setting.flag) \(setting.text(plan))", begun: setting.text(begun))
      }
    }
  }

  /// What the given flags do to a plan.
  private var settings: [Setting] {
    let all = [
      Setting("--recipe", recipe, \.recipe), Setting("--epochs", epochs, \.epochs),
      Setting("--batch-size", batchSize, \.batchSize), Setting("--cell", cell, \.cell),
      Setting("--layers", layers, \.layers), Setting("--bidirectional", bidirectional ? true : nil, \.readsBothWays),
      Setting("--hidden", hidden, \.hiddenSize),
      Setting("--remember", remember, \.remembered), Setting("--precision", precision, \.precision),
      Setting("--learning-rate", learningRate, \.learningRate),
      Setting("--optimizer", optimizer, \.optimizer), Setting("--weight-decay", weightDecay, \.decay),
      Setting("--schedule", schedule, \.schedule),
      Setting("--objective", objective, \.objective), Setting("--step-weights", stepWeights, \.weights),
      Setting("--label-smoothing", labelSmoothing, \.smoothing), Setting("--dropout", dropout, \.droppedStates),
      Setting("--recurrent-dropout", recurrentDropout, \.droppedWeights), Setting("--shift", shift, \.moves.shift),
      Setting("--rotation", rotation, \.moves.rotation), Setting("--scaling", scaling, \.moves.scaling),
      Setting("--slant", slant, \.moves.slant), Setting("--bending", bending, \.moves.bending),
      Setting("--vertical", vertical, \.moves.vertical), Setting("--blank-front", blankFront, \.blanks),
      Setting("--average-weights", averageWeights, \.averaging),
      Setting("--class-weights", classWeights, \.weighting),
      Setting("--validation", validation, \.validationCount),
      Setting("--seed", seed, \.seed),
    ]
    return all.compactMap(\.self)
  }
}

/// A flag that was given: what it does to a plan, and how the plan's choice reads.
private struct Setting {
  let flag: String
  let apply: (inout TrainingPlan) -> Void
  let text: (TrainingPlan) -> String

  /// `nil` if there is no value.
  init?<Value>(_ flag: String, _ value: Value?, _ choice: WritableKeyPath<TrainingPlan, Value>) {
    guard let value else { return nil }
    self.flag = flag
    apply = { $0[keyPath: choice] = value }
    text = { plan in
      let choice = plan[keyPath: choice]
      return (choice as? any RawRepresentable).map { "\($0.rawValue)" } ?? "\(choice)"
    }
  }
}

// A plan says `nil` for what is left out, a flag says 0.
extension TrainingPlan {
  fileprivate var smoothing: Float {
    get { labelSmoothing ?? 0 }
    set { labelSmoothing = newValue == 0 ? nil : newValue }
  }
  fileprivate var remembered: Int {
    get { rememberedSteps ?? 0 }
    set { rememberedSteps = newValue == 0 ? nil : newValue }
  }
  fileprivate var readsBothWays: Bool {
    get { bidirectional ?? false }
    set { bidirectional = newValue ? true : nil }
  }
  fileprivate var droppedStates: Float {
    get { dropout ?? 0 }
    set { dropout = newValue == 0 ? nil : newValue }
  }
  fileprivate var droppedWeights: Float {
    get { recurrentDropout ?? 0 }
    set { recurrentDropout = newValue == 0 ? nil : newValue }
  }
  fileprivate var moves: Distortion {
    get { distortion ?? Distortion() }
    set { distortion = newValue == Distortion() ? nil : newValue }
  }
  fileprivate var blanks: Int {
    get { blankFront ?? 0 }
    set { blankFront = newValue == 0 ? nil : newValue }
  }
  fileprivate var averaging: Float {
    get { weightAveraging ?? 0 }
    set { weightAveraging = newValue == 0 ? nil : newValue }
  }
  fileprivate var weighting: ClassWeights {
    get { classWeights ?? .even }
    set { classWeights = newValue == .even ? nil : newValue }
  }
  fileprivate var decay: Float {
    get { weightDecay ?? Self.usualWeightDecay }
    set { weightDecay = newValue }
  }
  fileprivate var weights: StepWeights {
    get { stepWeights ?? .linear }
    set { stepWeights = newValue }
  }
}

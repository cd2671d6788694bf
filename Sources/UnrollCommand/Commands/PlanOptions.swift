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

// The help asks for them at each of its choices, and it is made anew whenever the command line is parsed.
private let usualPlan = TrainingPlan()
private let otherPlans = [Recipe.assignment, .thorough].map { (name: $0.rawValue, design: TrainingPlan(recipe: $0)) }

/// What stands in the help about a choice: what the default recipe says, the others where they differ, and what is done for
/// series of numbers where that differs.
private func standard<Value>(_ choice: KeyPath<TrainingPlan, Value>, series: String? = nil) -> String {
  let images = standard(choice, in: usualPlan, others: otherPlans)
  return series.map { "\(images.dropLast()); series: \($0))" } ?? images
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
      forget, or with layer normalization; a gated recurrent unit; a plain network of tanh; or one of rectified linear \
      units that starts at the identity. \(standard(\.cell, series: "gru"))
      """)
  var cell: CellKind?

  @Option(help: "How many layers of it. \(standard(\.layers))")
  var layers: Int?

  @Flag(
    help: """
      Adds as many layers that read from the last step to the first. Such a network has to begin again for an answer \
      after each step; it learns from random prefixes, unless --objective or the recipe assignment says otherwise.
      """)
  var bidirectional = false

  @Option(help: "Width of the input layer and size of the recurrent layers' state. \(standard(\.hiddenSize))")
  var hidden: Int?

  @Option(
    help: """
      Sets the gates so that they remember over 1 to so many steps from the start, with the biases of Tallec & \
      Ollivier (2018); 0: a bias of 1 for an LSTM's forget gate. (default: for sequences of more than 100 steps as \
      many as these have; else, and with the assignment, 0)
      """)
  var remember: Int?

  @Option(
    help: """
      What the recurrent layers' products are computed in; bf16 is faster on processors with AVX512_BF16. \
      \(standard(\.precision))
      """)
  var precision: Precision?

  @Option(
    help: """
      Learning rate, or its peak where it changes. \(standard(\.learningRate).dropLast()); series, --cell rnn and more \
      than 100 steps: 0.004)
      """)
  var learningRate: Float?

  @Option(help: "How parameters follow gradients. \(standard(\.optimizer))")
  var optimizer: OptimizerKind?

  @Option(
    help: """
      The share of each parameter that decays per update and learning rate, with --optimizer adamw. \(standard(\.decay))
      """)
  var weightDecay: Float?

  @Option(help: "How the learning rate changes. \(standard(\.schedule))")
  var schedule: ScheduleKind?

  @Option(
    help: """
      When the network is asked for the class: after the last step, after every step, after a random number of them, \
      or after every step with --step-weights. \(standard(\.objective, series: "weighted"))
      """)
  var objective: Objective?

  @Option(
    help: ArgumentHelp(
      """
      What each step counts for with --objective weighted: linear, as much as has been read; quadratic, its square; \
      late, the second half alone; early, the first half three times as much; or some steps alone, such as 7-28, and \
      what each of them counts for where that is not 1, such as 1-6:0.5,7-28. (default: linear)
      """, valueName: "weights"), completion: .list(StepWeights.scheduleNames))
  var stepWeights: StepWeights?

  @Option(help: "The share of the target that is spread over all classes, from 0 to 1. \(standard(\.smoothing))")
  var labelSmoothing: Float?

  @Option(
    help: ArgumentHelp(
      """
      Another model, a run folder or a .safetensors file, whose probabilities are learned from instead of the labels: a \
      larger one that was trained on the same sequences.
      """, valueName: "model"), completion: .file(extensions: ["safetensors"]))
  var teacher: String?

  @Option(
    help: """
      How much of the target is the teacher's answer, from 0 to 1; the rest is the label. (default: with --teacher 1, \
      else 0)
      """)
  var teacherShare: Float?

  @Option(
    help: """
      The share of the recurrent layers' hidden states that is left out of an update, the same units at every step, \
      below 1. \(standard(\.droppedStates))
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
      How much of shift, scaling and bending is done up and down too, from 0 to 1; with less, rows stay at their \
      height. \(standard(\.moves.vertical))
      """)
  var vertical: Float?

  @Option(
    help: """
      Puts up to so many blank steps in front of each sequence, a number drawn anew each time, so that the network \
      learns to read images that come late. \(standard(\.blanks))
      """)
  var blankFront: Int?

  @Option(
    help: """
      How much of a running average of the weights is kept at each update, below 1; the average becomes the model. 0: \
      no average. \(standard(\.averaging))
      """)
  var averageWeights: Float?

  @Option(help: "What sequences count for: all alike, or all classes alike. \(standard(\.weighting.rawValue))")
  var classWeights: ClassWeights?

  @Option(
    help: """
      Training sequences set apart, to watch progress and to calibrate on. (default: a twelfth of them, at most 5000; \
      assignment and --folds: 0; series: a fifth)
      """)
  var validation: Int?

  @Option(
    help: """
      Divides the training sequences into so many parts, and after the model trains a network for each part on the \
      others: probabilities are calibrated, and rules for stopping early chosen, by their answers, so that the model \
      learns from all sequences. (default: 0; series, if they are fewer than 500 with classes: 5)
      """)
  var folds: Int?

  @Option(help: "Where all randomness comes from; the same seed gives the same bits. \(standard(\.seed))")
  var seed: UInt64?

  func validate() throws {
    if teacher == "" { throw ValidationError("--teacher: names nothing") }
    for setting in settings { try setting.validate() }
  }

  /// Refuses flags that contradict a run that was begun with `begun`.
  func checkAgreement(with begun: TrainingPlan) throws {
    if let teacher {
      throw UsageError(description: "--teacher \(teacher): what goes on has its teacher in its folder; leave it out")
    }
    for setting in settings { try setting.checkAgreement(with: begun) }
  }

  /// All choices of a plan: what a configuration file says stands under their keys.
  var settings: [Setting<TrainingPlan>] {
    [
      Setting("--recipe", recipe, \.recipe),
      Setting("--epochs", epochs, \.epochs, .range(1...100_000)),
      Setting("--batch-size", batchSize, \.batchSize, .range(1...1_000_000)),
      Setting("--cell", cell, \.cell),
      Setting("--layers", layers, \.layers, .range(1...64)),
      Setting("--bidirectional", bidirectional ? true : nil, \.readsBothWays, key: "bidirectional"),
      Setting("--hidden", hidden, \.hiddenSize, key: "hidden_size", .range(1...16_384)),
      Setting(
        "--remember", remember, \.remembered, key: "remembered_steps",
        Limits(words: "0, or from 3 to 1000000") { $0 == 0 || (3...1_000_000).contains($0) }),
      Setting("--precision", precision, \.precision),
      Setting("--learning-rate", learningRate, \.learningRate, .learningRate),
      Setting("--optimizer", optimizer, \.optimizer),
      Setting("--weight-decay", weightDecay, \.decay, .range(0...1000)),
      Setting("--schedule", schedule, \.schedule),
      Setting("--objective", objective, \.objective),
      Setting(
        "--step-weights", stepWeights, \.weights,
        // What is none cannot be read as one at all.
        Limits(
          words: "\(StepWeights.scheduleNames.joined(separator: ", ")), or steps such as 7-28 or 1-6:0.5,7-28",
          contains: { _ in true })),
      Setting("--label-smoothing", labelSmoothing, \.smoothing, .range(0...1)),
      Setting("--teacher-share", teacherShare, \.taught, .range(0...1)),
      Setting("--dropout", dropout, \.droppedStates, .share),
      Setting("--recurrent-dropout", recurrentDropout, \.droppedWeights, .share),
      Setting("--shift", shift, \.moves.shift, key: "distortion.shift", .range(0...1000)),
      Setting("--rotation", rotation, \.moves.rotation, key: "distortion.rotation", .range(0...180)),
      Setting("--scaling", scaling, \.moves.scaling, key: "distortion.scaling", .share),
      Setting("--slant", slant, \.moves.slant, key: "distortion.slant", .range(0...80)),
      Setting("--bending", bending, \.moves.bending, key: "distortion.bending", .range(0...1000)),
      Setting("--vertical", vertical, \.moves.vertical, key: "distortion.vertical", .range(0...1)),
      Setting("--blank-front", blankFront, \.blanks, .range(0...1_000_000)),
      Setting("--average-weights", averageWeights, \.averaging, key: "weight_averaging", .share),
      Setting("--class-weights", classWeights, \.weighting),
      Setting("--validation", validation, \.validationCount, key: "validation_count", .range(0...Int(Int32.max))),
      Setting(
        "--folds", folds, \.parts, key: "folds",
        Limits(words: "0, or from 2 to 1000") { $0 == 0 || (2...1000).contains($0) }),
      Setting("--seed", seed, \.seed),
      Setting(key: "max_gradient_norm", \.gradientLimit, .positive),
      Setting(key: "validation_seed", \.splitSeed),
      Setting(key: "stratified", \.keepsShares),
    ]
  }
}

import Datasets
import Recurrent
import Tensors

/// A set of choices that goes together.
public enum Recipe: String, Sendable, CaseIterable, Codable {
  /// As the lab assignment has it: both linear layers drawn from N(0, 1), Adam with a constant rate.
  case assignment
  /// A quick recipe for a good model, which answers after any step: Glorot and orthogonal weights, AdamW, one cycle of the
  /// learning rate, clipped gradients, a loss at every step.
  case modern
  /// The same for the best model, in many more epochs: each image distorted anew every time, and weights averaged. The strengths were chosen on validation images of MNIST, read row by row.
  case thorough
}

/// How parameters follow gradients.
public enum OptimizerKind: String, Sendable, CaseIterable, Codable {
  /// Adam.
  case adam
  /// Adam with decoupled weight decay.
  case adamw
  /// Gradient descent with momentum 0.9.
  case sgd
  /// The same with Nesterov's look ahead.
  case nesterov

  /// An optimizer of this kind for `model`; the schedule sets its learning rate.
  func make(for model: SequenceClassifier, weightDecay: Float) -> any Optimizer<SequenceClassifier> {
    switch self {
    case .adam: Adam(for: model)
    case .adamw: AdamW(for: model, weightDecay: weightDecay)
    case .sgd: SGD(for: model, momentum: 0.9)
    case .nesterov: SGD(for: model, momentum: 0.9, nesterov: true)
    }
  }
}

/// How the learning rate changes over the run.
public enum ScheduleKind: String, Sendable, CaseIterable, Codable {
  /// Not at all.
  case constant
  /// Half a cosine down to 0.
  case cosine
  /// A rise during the first fifth of the steps, then half a cosine down to 0.
  case oneCycle = "one-cycle"

  /// The schedule of a run of `steps` updates.
  func make(_ learningRate: Float, steps: Int) -> Schedule {
    switch self {
    case .constant: constantSchedule(learningRate)
    case .cosine: cosineSchedule(learningRate, steps: steps)
    case .oneCycle: oneCycleSchedule(learningRate, steps: steps)
    }
  }
}

/// What sequences count for in the loss, by their class.
public enum ClassWeights: String, Sendable, CaseIterable, Codable {
  /// All sequences alike.
  case even
  /// All classes alike: a sequence counts for n / (K · n_c), with n sequences of K classes and n_c of its own.
  case balanced

  /// What each sequence counts for, with a mean of 1 over those that are learned from; `nil` if all count alike.
  func weights(of labels: [Int], learnedFrom rows: [Int]) -> [Float]? {
    guard self == .balanced else { return nil }
    let counts = rows.reduce(into: [Int: Int]()) { $0[labels[$1], default: 0] += 1 }
    return labels.map { label in Float(rows.count) / Float(counts.count * max(1, counts[label] ?? 1)) }
  }
}

/// All that decides the outcome of a run, besides the data and the instruction set: two runs of one plan give the same
/// bits.
public struct TrainingPlan: Sendable, Equatable, Codable {
  /// Where the choices come from that were not made explicitly.
  public var recipe: Recipe
  /// What reads the sequence.
  public var cell: CellKind
  /// How many layers of it.
  public var layers: Int
  /// Whether as many more read in the other direction. `nil`: no.
  public var bidirectional: Bool?
  /// Width of the input layer and size of the recurrent layers' state.
  public var hiddenSize: Int
  /// Over how many steps gates are set to remember at the start; see `SequenceLayer.rememberingFromTheStart`. `nil`: an
  /// LSTM's forget gate has a bias of 1, and that is all.
  public var rememberedSteps: Int?
  /// What the recurrent layers' products are computed in.
  public var precision: Precision
  /// How often the training set is read.
  public var epochs: Int
  /// Sequences per update. The last batch of an epoch may be smaller; it is kept.
  public var batchSize: Int
  /// How parameters follow gradients.
  public var optimizer: OptimizerKind
  /// The share of each parameter that decays per update and learning rate, with `adamw`. `nil`: the usual 0.01.
  public var weightDecay: Float?
  /// The learning rate, or its highest value where it changes.
  public var learningRate: Float
  /// How it changes.
  public var schedule: ScheduleKind
  /// What is asked of the network.
  public var objective: Objective
  /// What each step counts for, where the objective weighs them. `nil`: as much as it has read.
  public var stepWeights: StepWeights?
  /// The share of the target that is spread evenly over all classes. `nil`: none.
  public var labelSmoothing: Float?
  /// How much of the target is a teacher's answer, 0…1; the label is the rest. See `Teacher`. `nil`: there is no teacher.
  public var teacherShare: Float?
  /// How images are changed at random each time they are read. `nil`: not at all.
  public var distortion: Distortion?
  /// The most blank steps that are put in front of a sequence, for each a number drawn anew; what has no room at the end is
  /// not read. `nil`: none.
  public var blankFront: Int?
  /// How much of the running average of the weights is kept at each update; the average is the trained model. `nil`: no
  /// average, the last weights are.
  public var weightAveraging: Float?
  /// The share of the hidden states that is not seen from above, the same units at every step; see `Dropout`. `nil`: none.
  public var dropout: Float?
  /// The share of the recurrent weights that an update goes without; see `Dropout`. `nil`: none.
  public var recurrentDropout: Float?
  /// The largest norm of a gradient; longer ones are scaled down. `nil`: any.
  public var maxGradientNorm: Float?
  /// What sequences count for in the loss, by their class. `nil`: all alike.
  public var classWeights: ClassWeights?
  /// How many training sequences are set apart for validation.
  public var validationCount: Int
  /// Whether each class has its share of them. `nil`: only by chance.
  public var isStratified: Bool?
  /// For how many parts of the training sequences a network is trained on the other parts, after the model itself; see
  /// `CrossValidation`. `nil`: none.
  public var folds: Int?
  /// Where all randomness comes from.
  public var seed: UInt64
  /// Where the choice of the validation sequences comes from, where other seeds shall be judged by the same ones. `nil`: the
  /// seed.
  public var validationSeed: UInt64?

  enum CodingKeys: String, CodingKey {
    case recipe, cell, layers, bidirectional, precision, epochs, optimizer, schedule, objective, distortion, dropout,
      folds, seed
    case hiddenSize = "hidden_size"
    case rememberedSteps = "remembered_steps"
    case batchSize = "batch_size"
    case weightDecay = "weight_decay"
    case learningRate = "learning_rate"
    case stepWeights = "step_weights"
    case labelSmoothing = "label_smoothing"
    case teacherShare = "teacher_share"
    case classWeights = "class_weights"
    case isStratified = "stratified"
    case blankFront = "blank_front"
    case weightAveraging = "weight_averaging"
    case recurrentDropout = "recurrent_dropout"
    case maxGradientNorm = "max_gradient_norm"
    case validationCount = "validation_count"
    case validationSeed = "validation_seed"
  }

  /// A recipe's own plan.
  public init(recipe: Recipe = .modern, seed: UInt64 = 1) {
    self.recipe = recipe
    self.seed = seed
    cell = .lstm
    layers = 1
    hiddenSize = 128
    precision = .fp32
    epochs = 5
    batchSize = 128
    optimizer = .adam
    validationCount = 0
    switch recipe {
    case .assignment:
      objective = .last
      learningRate = 1e-3
      schedule = .constant
    case .modern, .thorough:
      objective = .every
      learningRate = Self.learningRate(of: cell, steps: 1)
      schedule = .oneCycle
      maxGradientNorm = 1
      optimizer = .adamw
      weightDecay = 0.1
    }
    if recipe == .thorough {
      epochs = 40
      weightDecay = 0.05
      distortion = Distortion(shift: 1, rotation: 3, slant: 10, scaling: 0.15, bending: 1, vertical: 0.1)
      weightAveraging = 0.999
    }
  }

  /// The peak of the learning rate that a cell learns best with where it reads so many steps, in the recipes `modern` and
  /// `thorough`. On images of MNIST that were not learned from, read row by row, 1e-2 was better than 4e-3 for all cells but
  /// the plain one; where steps are hundreds, it has not been tried.
  ///
  /// - Parameters:
  ///   - cell: What reads the sequences.
  ///   - steps: Of the longest.
  /// - Returns: The learning rate.
  public static func learningRate(of cell: CellKind, steps: Int) -> Float { cell == .rnn || steps > 100 ? 4e-3 : 1e-2 }

  /// Adapts a recipe to one's own series, which are often few and long: gated recurrent units, answers that count the more
  /// the more has been read, batches small enough for several updates in an epoch, and epochs for some hundreds of updates.
  /// A fifth of the sequences is set apart, each class with its share; of fewer than 500 none, for there is cross-validation
  /// in five parts, where there may be.
  ///
  /// Chosen on parts of the training series of six data sets of the UCR and UEA archives that were not learned from.
  ///
  /// - Parameters:
  ///   - count: How many sequences there are to learn from.
  ///   - crossValidates: Whether there may be cross-validation: only where they have classes.
  public mutating func adapt(toSeries count: Int, crossValidates: Bool = true) {
    cell = .gru
    learningRate = 4e-3
    objective = .weighted
    isStratified = true
    let apart = min(5000, count / 5)
    if crossValidates && (2..<500).contains(count) {
      folds = min(5, count)
    } else {
      validationCount = apart
    }
    let learned = max(1, count - apart)
    batchSize = min(128, max(4, learned / 8))
    let updates = (learned + batchSize - 1) / batchSize
    epochs = max(epochs, (Self.updatesOfSeries + updates - 1) / updates)
  }

  /// How many updates a run on one's own series has at least by default. Networks of 600 and 1000 were worse, and surer of
  /// their mistakes; of 150, some had learned nothing yet.
  private static let updatesOfSeries = 300

  /// The decay of `adamw` where a plan has none of its own: PyTorch's default.
  public static let usualWeightDecay: Float = 0.01

  /// An optimizer for `model`; the schedule sets its learning rate.
  func makeOptimizer(for model: SequenceClassifier) -> any Optimizer<SequenceClassifier> {
    func averaging(_ base: some Optimizer<SequenceClassifier>) -> any Optimizer<SequenceClassifier> {
      guard let weightAveraging else { return base }
      return WeightAveraging(base, for: model, decay: weightAveraging)
    }
    return averaging(optimizer.make(for: model, weightDecay: weightDecay ?? Self.usualWeightDecay))
  }

  /// A network with initial weights.
  func makeModel(inputSize: Int, outputs: Int, on device: Device) -> SequenceClassifier {
    var random = RandomGenerator(seed: seed).stream(.initialization)
    var model = makeModel(inputSize: inputSize, outputs: outputs, using: &random, on: device)
    if let rememberedSteps {
      for index in model.layers.indices {
        model.layers[index] = model.layers[index].rememberingFromTheStart(over: rememberedSteps, using: &random)
      }
      for index in model.reverseLayers.indices {
        model.reverseLayers[index] = model.reverseLayers[index].rememberingFromTheStart(
          over: rememberedSteps, using: &random)
      }
    }
    return model
  }

  private func makeModel(
    inputSize: Int, outputs: Int, using random: inout RandomGenerator, on device: Device
  ) -> SequenceClassifier {
    switch recipe {
    case .assignment:
      // TensorFlow drew the weights of the assignment's LSTM cell uniformly by default. An IRNN is one by its identity.
      return SequenceClassifier(
        inputSize: inputSize, hiddenSize: hiddenSize, classes: outputs, cell: cell, layers: layers,
        bidirectional: bidirectional ?? false, precision: precision, layerInitializer: .normal(),
        recurrentInitializer: cell == .irnn ? .identity : .glorotUniform, using: &random, on: device)
    case .modern, .thorough:
      return SequenceClassifier(
        inputSize: inputSize, hiddenSize: hiddenSize, classes: outputs, cell: cell, layers: layers,
        bidirectional: bidirectional ?? false, precision: precision, using: &random, on: device)
    }
  }
}

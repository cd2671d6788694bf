import Foundation
import Recurrent
import Tensors

/// A run, put down in the middle: the model, the optimizer's averages, and where the run is. Random numbers need no state
/// of their own, for they follow from the plan's seed and the position.
public struct Checkpoint: Sendable {
  /// What decides the outcome.
  public var plan: TrainingPlan
  /// Where the run is.
  public var progress: TrainingProgress
  /// The training set, the sequences for validation included.
  public var data: DataIdentity
  /// The network at that point.
  public var model: SequenceClassifier
  /// What the optimizer remembers.
  public var optimizer: OptimizerState
  /// The instructions it was computed with; others round differently.
  public var instructionSet: InstructionSet
}

extension InstructionSet: Codable {}

extension Checkpoint {
  private static let formatKey = "unroll.checkpoint"
  private static let optimizerPrefix = "optimizer."

  /// What the metadata says besides the model's own description.
  fileprivate struct Position: Codable {
    var plan: TrainingPlan
    var progress: TrainingProgress
    var data: DataIdentity
    var optimizerStep: Int
    var instructionSet: InstructionSet

    enum CodingKeys: String, CodingKey {
      case plan, progress, data
      case optimizerStep = "optimizer_step"
      case instructionSet = "instruction_set"
    }
  }

  /// Writes the checkpoint as a safetensors file, which is a model file too.
  ///
  /// - Parameters:
  ///   - model: What a model file says besides the parameters, which are the checkpoint's own.
  ///   - url: The file to write.
  /// - Throws: `FileError` if the file cannot be written; an earlier one is left whole then.
  public func save(as model: TrainedModel, to url: URL) throws {
    var arrays = self.model.namedArrays()
    for (name, tensor) in optimizer.tensors {
      arrays[Self.optimizerPrefix + name] = SafetensorsArray(shape: tensor.shape, floats: tensor.floats)
    }
    var metadata = try model.metadata()
    metadata[Self.formatKey] = try JSONText.encode(
      Position(
        plan: plan, progress: progress, data: data, optimizerStep: optimizer.step, instructionSet: instructionSet))
    try Safetensors.save(arrays: arrays, metadata: metadata, to: url)
  }

  /// Reads a checkpoint.
  ///
  /// - Parameters:
  ///   - url: A file that `save(as:to:)` wrote.
  ///   - device: Where to put the tensors.
  /// - Returns: The checkpoint, and the model with what its file says besides the parameters.
  /// - Throws: `FileError`, `SafetensorsError` or `ModelFileError` if it cannot be read, is damaged, or is something else.
  public static func load(from url: URL, on device: Device) throws -> (checkpoint: Checkpoint, model: TrainedModel) {
    let (arrays, metadata) = try Safetensors.loadArrays(from: url)
    return try load(arrays: arrays, metadata: metadata, path: url.path, on: device)
  }

  /// Reads a checkpoint from what a file holds; errors name `path`.
  package static func load(
    arrays: [String: SafetensorsArray], metadata: [String: String], path: String, on device: Device
  ) throws -> (checkpoint: Checkpoint, model: TrainedModel) {
    guard let text = metadata[formatKey] else {
      throw ModelFileError.notAModel(
        path: path, found: "no \(formatKey) in its metadata", expected: "a checkpoint of unroll train")
    }
    guard let position = try? JSONText.decode(Position.self, from: text), position.isSound else {
      throw ModelFileError.notAModel(
        path: path, found: "a \(formatKey) that is not a position in a run", expected: "plan and progress")
    }
    let (parameters, averages) = separate(arrays, metadata)
    let model = try TrainedModel(arrays: parameters, metadata: metadata, path: path, on: device)
    guard position.suits(model) else {
      throw ModelFileError.notAModel(
        path: path, found: "a plan and a model of different sizes", expected: "those of one run")
    }
    let state = try optimizerState(
      averages, step: position.optimizerStep, plan: position.plan, for: model.classifier, path: path, on: device)
    let checkpoint = Checkpoint(
      plan: position.plan, progress: position.progress, data: position.data, model: model.classifier,
      optimizer: state, instructionSet: position.instructionSet)
    return (checkpoint, model)
  }

  /// The arrays of a model file that are the model's, and those that are the optimizer's if it is a checkpoint.
  static func separate(
    _ arrays: [String: SafetensorsArray], _ metadata: [String: String]
  ) -> (parameters: [String: SafetensorsArray], averages: [String: SafetensorsArray]) {
    guard metadata[formatKey] != nil else { return (arrays, [:]) }
    return (
      arrays.filter { !$0.key.hasPrefix(optimizerPrefix) }, arrays.filter { $0.key.hasPrefix(optimizerPrefix) }
    )
  }

  /// The optimizer's averages, checked against what an optimizer of the plan's kind has.
  private static func optimizerState(
    _ arrays: [String: SafetensorsArray], step: Int, plan: TrainingPlan, for model: SequenceClassifier, path: String,
    on device: Device
  ) throws -> OptimizerState {
    var state = plan.makeOptimizer(for: model).state
    var source = NamedArrays(arrays, path: path)
    source.check(
      state.tensors.map { (optimizerPrefix + $0.key, $0.value.shape) }.sorted { $0.0 < $1.0 })
    try source.finish()
    state.step = step
    for (name, tensor) in state.tensors {
      state.tensors[name] = Tensor(source.floats(optimizerPrefix + name), shape: tensor.shape, on: device)
    }
    return state
  }
}

extension Checkpoint.Position {
  /// Whether the numbers can be a run's: what is read from a file must not trap later.
  fileprivate var isSound: Bool {
    let counts = [progress.epoch, progress.batch, progress.correct, progress.seen, optimizerStep]
    return counts.allSatisfy { (0...Int(Int32.max)).contains($0) } && progress.epoch <= plan.epochs
      && plan.isSound(for: data)
  }

  /// Whether `model` can be one that the plan began with.
  fileprivate func suits(_ model: TrainedModel) -> Bool {
    let input = model.input
    let classifier = model.classifier
    return classifier.hiddenSize == plan.hiddenSize && classifier.cell == plan.cell
      && classifier.layers.count == plan.layers && classifier.isBidirectional == (plan.bidirectional ?? false)
      && (classifier.precision == plan.precision || !classifier.device.supports(plan.precision))
      && input.features == data.features && input.steps >= data.steps  // fewer where it learned from a prefix
  }
}

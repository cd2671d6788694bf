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
  /// The number of sequences in the training set, those for validation included.
  public var sequences: Int
  /// The network at that point.
  public var model: SequenceClassifier
  /// What the optimizer remembers.
  public var optimizer: OptimizerState
  /// The instructions it was computed with; others round differently.
  public var instructionSet: InstructionSet
}

extension Checkpoint {
  private static let formatKey = "unroll.checkpoint"
  private static let optimizerPrefix = "optimizer."

  /// What the metadata says besides the model's own description.
  fileprivate struct Position: Codable {
    var plan: TrainingPlan
    var progress: TrainingProgress
    var sequences: Int
    var optimizerStep: Int
    var instructionSet: String
  }

  /// Writes the checkpoint as a safetensors file, which is a model file too.
  ///
  /// - Parameter model: What a model file says besides the parameters.
  /// - Throws: `FileError` if the file cannot be written; an earlier one is left whole then.
  public func save(as model: TrainedModel, to url: URL) throws {
    var arrays = model.namedArrays()
    for (name, tensor) in optimizer.tensors {
      arrays[Self.optimizerPrefix + name] = SafetensorsArray(shape: tensor.shape, floats: tensor.floats)
    }
    var metadata = try model.metadata()
    metadata[Self.formatKey] = try JSONText.encode(
      Position(
        plan: plan, progress: progress, sequences: sequences, optimizerStep: optimizer.step, instructionSet: instructionSet.rawValue))
    try Safetensors.save(arrays: arrays, metadata: metadata, to: url)
  }

  /// Reads a checkpoint.
  ///
  /// - Returns: The checkpoint, and the model with what its file says besides the parameters.
  /// - Throws: `FileError`, `SafetensorsError` or `ModelFileError` if it cannot be read, is damaged, or is something else.
  public static func load(from url: URL, on device: Device) throws -> (checkpoint: Checkpoint, model: TrainedModel) {
    var (arrays, metadata) = try Safetensors.loadArrays(from: url)
    guard let text = metadata[formatKey] else {
      throw ModelFileError.notAModel(
        path: url.path, found: "no \(formatKey) in its metadata", expected: "a checkpoint of unroll train")
    }
    guard let position = try? JSONText.decode(Position.self, from: text), position.isSound,
      let instructionSet = InstructionSet(rawValue: position.instructionSet)
    else {
      throw ModelFileError.notAModel(
        path: url.path, found: "a \(formatKey) that is not a position in a run", expected: "plan and progress")
    }
    let moments = arrays.filter { $0.key.hasPrefix(optimizerPrefix) }
    for name in moments.keys { arrays[name] = nil }
    let model = try TrainedModel(arrays: arrays, metadata: metadata, path: url.path, on: device)
    let state = try optimizerState(
      moments, step: position.optimizerStep, plan: position.plan, for: model.classifier, path: url.path, on: device)
    let checkpoint = Checkpoint(
      plan: position.plan, progress: position.progress, sequences: position.sequences, model: model.classifier, optimizer: state,
      instructionSet: instructionSet)
    return (checkpoint, model)
  }

  /// The optimizer's averages, checked against what an optimizer of the plan's kind has.
  private static func optimizerState(
    _ arrays: [String: SafetensorsArray], step: Int, plan: TrainingPlan, for model: SequenceClassifier, path: String,
    on device: Device
  ) throws -> OptimizerState {
    var state = plan.optimizer.make(for: model).state
    var problems = Set(arrays.keys).subtracting(state.tensors.keys.map { optimizerPrefix + $0 }).sorted().map {
      "\($0) is unexpected"
    }
    state.step = step
    for (name, tensor) in state.tensors {
      guard let array = arrays[optimizerPrefix + name], array.shape == tensor.shape else {
        let found = arrays[optimizerPrefix + name].map { "has shape \($0.shape)" } ?? "is missing"
        problems.append("\(optimizerPrefix + name) \(found), expected shape \(tensor.shape)")
        continue
      }
      state.tensors[name] = Tensor(try array.floats(), shape: tensor.shape, on: device)
    }
    guard problems.isEmpty else { throw ModelFileError.wrongArrays(path: path, problems: problems) }
    return state
  }
}

extension Checkpoint.Position {
  /// Whether the numbers can be a run's: what is read from a file must not trap later.
  fileprivate var isSound: Bool {
    let counts = [progress.epoch, progress.batch, progress.correct, progress.seen, plan.validationCount, optimizerStep]
    return counts.allSatisfy { $0 >= 0 } && plan.hiddenSize >= 1 && plan.epochs >= 1 && plan.batchSize >= 1
      && plan.learningRate > 0 && plan.learningRate.isFinite && plan.maxGradientNorm.map { $0 > 0 } ?? true
      && progress.epoch <= plan.epochs
  }
}

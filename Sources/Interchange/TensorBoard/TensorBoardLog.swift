import Datasets
import Foundation
import Recurrent
import Tensors
import Training

/// A run of training as TensorBoard shows it, in an `EventFile` of its folder.
///
///     let log = try TensorBoardLog(in: folder, of: trainer, reading: data)
///     while !trainer.isFinished {
///       let epoch = try trainer.trainEpoch { try log.record($0, of: trainer) }
///       try log.record(epoch, of: trainer)
///     }
///
/// Scalars by epoch: `loss/train`, `loss/validation`, `accuracy/train`, `accuracy/validation`, `learning_rate` and
/// `sequences_per_second`; every 50 updates `loss/batches`, the mean over these. Histograms by epoch: `weights/…` of
/// every parameter of what training has led to, and `gates/…` of every gate of every layer, over all units and steps of
/// a few sequences. The network, its random numbers and its bits are left alone.
public final class TensorBoardLog {
  /// Updates from one point of `loss/batches` to the next.
  public static let updatesPerPoint = 50
  /// Sequences whose gates are looked at, those for validation first.
  public static let sequenceCount = 8

  private let file: EventFile
  /// What the gates are looked at with: [steps, features] each.
  private let sequences: [Tensor]
  /// Up to where `loss/batches` is told.
  private var told: TrainingProgress

  /// A log of what `trainer` does from here on.
  ///
  /// - Parameters:
  ///   - folder: Where the file is created, which is there.
  ///   - trainer: At the beginning of a run, or where it goes on.
  ///   - data: What it learns from.
  ///   - date: The moment that the file's name tells.
  /// - Throws: `FileError` if the file cannot be created or written.
  public init(
    in folder: URL, of trainer: Trainer, reading data: SequenceData, at date: Date = Date()
  ) throws(FileError) {
    let rows = (trainer.validationRows + trainer.trainingRows).prefix(Self.sequenceCount)
    sequences = rows.map { row in data.batch([row]).sequences.selected(0, alongAxis: 0) }
    told = trainer.progress
    file = try EventFile(in: folder, at: date)
  }

  /// To be called after each batch, with where the run is.
  ///
  /// - Throws: `FileError` with `.write`.
  public func record(_ progress: TrainingProgress, of trainer: Trainer) throws(FileError) {
    if told.epoch != progress.epoch { told = TrainingProgress() }
    guard progress.batch % Self.updatesPerPoint == 0, progress.seen > told.seen else { return }
    let loss = (progress.lossSum - told.lossSum) / Double(progress.seen - told.seen)
    told = progress
    try file.append(["loss/batches": loss], step: progress.epoch * trainer.batchesPerEpoch + progress.batch)
  }

  /// To be called after each epoch, with what it measured.
  ///
  /// - Throws: `FileError` with `.write`.
  public func record(_ epoch: EpochMetrics, of trainer: Trainer) throws(FileError) {
    try file.append(
      [
        "loss/train": epoch.loss, "learning_rate": epoch.learningRate,
        "sequences_per_second": epoch.sequencesPerSecond,
      ], step: epoch.epoch)
    for (tag, value) in [
      ("accuracy/train", epoch.accuracy), ("loss/validation", epoch.validationLoss),
      ("accuracy/validation", epoch.validationAccuracy),
    ] {
      if let value { try file.append([tag: value], step: epoch.epoch) }
    }
    let model = trainer.result
    try file.append(weights(of: model) + gates(of: model), step: epoch.epoch)
  }

  /// Accuracy after each of some numbers of steps, with that number in the place of the epoch.
  ///
  /// - Parameters:
  ///   - steps: The accuracies.
  ///   - name: What they are called behind `accuracy_by_steps/`.
  /// - Throws: `FileError` with `.write`.
  public func record(_ steps: [StepAccuracy], named name: String) throws(FileError) {
    for row in steps { try file.append(["accuracy_by_steps/\(name)": row.accuracy], step: row.step) }
  }

  private func weights(of model: SequenceClassifier) -> [(tag: String, histogram: Histogram)] {
    model.parameterPaths.map { path in ("weights/\(path.name)", Histogram(of: path.parameter(of: model).floats)) }
  }

  /// A bidirectional network has no gates after a step that could be told, and plain cells have none at all.
  private func gates(of model: SequenceClassifier) -> [(tag: String, histogram: Histogram)] {
    guard !model.isBidirectional, model.cell.hasGates else { return [] }
    let traces = sequences.map { model.trace($0) }
    return traces.first?.layers.enumerated().flatMap { number, layer in
      layer.gates.enumerated().map { index, gate in
        let values = traces.flatMap { $0.layers[number].gates[index].values.floats }
        let name = gate.quantity.name.replacing(" ", with: "_")
        return ("gates/layer_\(number + 1)/\(name)", Histogram(of: values, in: 0...1))
      }
    } ?? []
  }
}

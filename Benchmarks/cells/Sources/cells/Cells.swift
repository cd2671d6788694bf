import ArgumentParser
import Foundation
import Unroll

/// Trains one network around a cell that has no fused op, and prints its validation accuracy as one line of JSON.
@main
struct Cells: ParsableCommand {
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case lstm
    case layerNorm = "layer-norm"
  }

  @Option(help: "Folder with MNIST's files, instead of the cache.") var data: String?
  @Option var cell = Kind.lstm
  @Option(help: "Share of hidden states that stay as they are.") var zoneoutHidden: Float = 0
  @Option(help: "Share of cell states that stay as they are.") var zoneoutCell: Float = 0
  @Option var epochs = 3
  @Option var seed: UInt64 = 1
  @Option(help: "Training sequences set apart for validation.") var validation = 5000
  @Option var threads = 2

  func validate() throws {
    guard (0..<1).contains(zoneoutHidden), (0..<1).contains(zoneoutCell) else {
      throw ValidationError("zoneout is a share from 0 to below 1")
    }
    guard epochs >= 1, (1..<60_000).contains(validation), threads >= 1 else {
      throw ValidationError("epochs, validation and threads are at least 1, and validation leaves some of 60,000")
    }
  }

  func run() throws {
    let digits = try DatasetStore().load("mnist", data: data)
    let preprocessing = Preprocessing(height: digits.train.height, width: digits.train.width)
    let data = SequenceData(digits.train, preprocessing, on: Device(threads: threads))
    let start = Date()
    let accuracy =
      switch cell {
      case .lstm:
        try train(data) { LSTM(inputSize: hiddenSize, hiddenSize: hiddenSize, using: &$0, on: data.device).cell }
      case .layerNorm:
        try train(data) {
          LayerNormLSTMCell(inputSize: hiddenSize, hiddenSize: hiddenSize, using: &$0, on: data.device)
        }
      }
    let seconds = Date().timeIntervalSince(start) / Double(epochs)
    print(#"{"validation_accuracy": \#(accuracy), "seconds_per_epoch": \#(seconds), "version": "\#(unrollVersion)"}"#)
  }

  private func train<Cell: RecurrentCell>(_ data: SequenceData, _ cell: (inout RandomGenerator) -> Cell) throws
    -> Double
  where Cell.State == LSTMState {
    if zoneoutHidden == 0 && zoneoutCell == 0 {
      var training = StepwiseTraining(cell, data, seed: seed, epochs: epochs, validation: validation)
      return try training.run()
    }
    var training = StepwiseTraining(
      { Zoneout(cell(&$0), hiddenRate: zoneoutHidden, cellRate: zoneoutCell) }, data, seed: seed, epochs: epochs,
      validation: validation,
      prepare: { cell, batchSize, random in
        cell.masks = cell.drawMasks(
          batchSize: batchSize, steps: data.steps, hiddenSize: hiddenSize, using: &random, on: data.device)
      },
      finish: { $0.masks = nil })
    return try training.run()
  }
}

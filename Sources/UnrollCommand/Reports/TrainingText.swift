import Unroll

extension Trainer {
  /// How far the run is, on one line.
  func progressText(at position: TrainingProgress, _ style: TerminalStyle) -> String {
    let done = Double(position.batch) / Double(batchesPerEpoch)
    let rate = Double(position.seen) / max(position.seconds, 1e-9)
    let left = (Double(plan.epochs - position.epoch) - done) * Double(sequencesPerEpoch) / rate
    return """
      epoch \(position.epoch + 1)/\(plan.epochs) \(style.bar(done, width: 16)) loss \(fixed(position.loss, 4))  \
      accuracy \(percent(position.accuracy))  \(grouped(Int(rate))) seq/s  \(duration(left)) left
      """
  }
}

extension EpochMetrics {
  /// The epoch on one line, of `epochs`.
  func line(of epochs: Int) -> String {
    var line = "epoch \(epoch)/\(epochs)  loss \(fixed(loss, 4))  accuracy \(percent(accuracy))"
    if let validationLoss, let validationAccuracy {
      line += "  validation loss \(fixed(validationLoss, 4))  accuracy \(percent(validationAccuracy))"
    }
    return line + "  \(grouped(Int(sequencesPerSecond))) seq/s  \(duration(seconds))"
  }
}

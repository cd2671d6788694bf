import Unroll

extension Trainer {
  /// How far the run is, on one line behind a heading; a bar takes the room that is left in it.
  func progressText(at position: TrainingProgress, on terminal: Terminal, heading: String = "") -> String {
    let done = Double(position.batch) / Double(batchesPerEpoch)
    let rate = Double(position.seen) / max(position.seconds, 1e-9)
    let left = (Double(plan.epochs - position.epoch) - done) * Double(sequencesPerEpoch) / rate
    let epoch = "\(heading)epoch \(position.epoch + 1)/\(plan.epochs)"
    let accuracy = asksForNumber ? "" : "accuracy \(percent(position.accuracy))  "
    let numbers =
      "loss \(fixed(position.loss, 4))  \(accuracy)\(grouped(Int(rate))) seq/s  \(duration(left)) left"
    // One column stays empty, and two are between the parts.
    let room = min(24, terminal.width - 3 - epoch.count - numbers.count)
    return room < 4 ? "\(epoch)  \(numbers)" : "\(epoch) \(terminal.style.bar(done, width: room)) \(numbers)"
  }
}

extension EpochMetrics {
  /// The epoch on one line, of `epochs`.
  func line(of epochs: Int) -> String {
    var line = "epoch \(epoch)/\(epochs)  loss \(fixed(loss, 4))"
    if let accuracy { line += "  accuracy \(percent(accuracy))" }
    if let validationLoss { line += "  validation loss \(fixed(validationLoss, 4))" }
    if let validationAccuracy { line += "  accuracy \(percent(validationAccuracy))" }
    return line + "  \(grouped(Int(sequencesPerSecond))) seq/s  \(duration(seconds))"
  }
}

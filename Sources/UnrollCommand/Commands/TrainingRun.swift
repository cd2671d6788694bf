import ArgumentParser
import Foundation
import Unroll

/// A run of `unroll train`: the trainer, its folder, and what is shown of it.
struct TrainingRun {
  private let flags: Train
  private let folder: RunFolder
  private let store: DatasetSource
  private let dataset: String
  private let classNames: [String]
  private let preprocessing: Preprocessing
  private let trainer: Trainer
  private let device: Device
  private let metrics: LineFile
  private var progress = ProgressLine()

  /// A new run in a folder of its own.
  init(plan: TrainingPlan, flags: Train, on device: Device) throws {
    let dataset = flags.dataset ?? "mnist"
    let folder = flags.output.map { RunFolder(path: $0) } ?? .unused(for: dataset)
    guard !folder.isTaken else {
      throw FileError(.create, path: folder.url.path, reason: .system(EEXIST))
    }
    // Before anything takes time: is there a place for the results?
    try folder.create()
    self.flags = flags
    self.folder = folder
    self.dataset = dataset
    self.device = device
    store = try DatasetStore().open(dataset, data: flags.data, showsProgress: !flags.quiet)
    let split = try store.load(.train)
    classNames = split.classes
    preprocessing = Preprocessing(height: split.images.height, width: split.images.width)
    trainer = try Trainer(
      plan, data: SequenceData(split.images, preprocessing, on: device), classes: classNames.count)
    try AtomicFile.write(
      JSONText.encode(Configuration(dataset: dataset, plan: plan, device: device), pretty: true) + "\n",
      to: folder.configuration)
    metrics = try LineFile(appendingTo: folder.metrics)
  }

  /// A run that goes on in `folder`.
  init(resuming folder: RunFolder, flags: Train, on device: Device) throws {
    let (checkpoint, model) = try Checkpoint.load(from: folder.checkpoint, on: device)
    try flags.checkAgreement(with: checkpoint.plan, dataset: model.dataset)
    self.flags = flags
    self.folder = folder
    self.device = device
    dataset = model.dataset
    classNames = model.classNames
    preprocessing = model.preprocessing
    store = try DatasetStore().open(dataset, data: flags.data, showsProgress: !flags.quiet)
    let images = try store.load(.train).images
    guard images.height == preprocessing.height, images.width == preprocessing.width else {
      throw InputError(
        description: """
          \(dataset): images of \(images.height)×\(images.width) pixels, but the run began with \
          \(preprocessing.height)×\(preprocessing.width)
          """)
    }
    trainer = try Trainer(resuming: checkpoint, data: SequenceData(images, preprocessing, on: device))
    try folder.trimMetrics(toEpochs: checkpoint.progress.epoch)
    metrics = try LineFile(appendingTo: folder.metrics)
    if checkpoint.instructionSet != device.instructionSet {
      try StandardStream.error.writeLine(
        """
        unroll: note: this run began with \(checkpoint.instructionSet.rawValue) instructions and goes on with \
        \(device.instructionSet.rawValue); it will not be the same to the last bit
        """)
    }
  }

  // MARK: Training

  /// Trains to the end of the plan.
  ///
  /// - Throws: `ExitCode` 130 after Ctrl-C, when the checkpoint is written.
  mutating func train() throws {
    try say("\(dataset): \(grouped(trainer.sequencesPerEpoch)) sequences; \(device); writing to \(folder.url.relativePath)")
    while !trainer.isFinished {
      let epoch = try trainer.trainEpoch { position in
        try show(position)
        return !Interruption.isRequested
      }
      guard let epoch else { throw try stopped() }
      try metrics.append(JSONText.encode(epoch))
      try saveCheckpoint()
      try say(line(for: epoch))
    }
  }

  private mutating func show(_ position: TrainingProgress) throws {
    guard !flags.quiet else { return }
    let trainer = trainer
    let done = Double(position.batch) / Double(trainer.batchesPerEpoch)
    let rate = Double(position.seen) / max(position.seconds, 1e-9)
    let left = (Double(trainer.plan.epochs - position.epoch) - done) * Double(trainer.sequencesPerEpoch) / rate
    try progress.update(
      """
      epoch \(position.epoch + 1)/\(trainer.plan.epochs) \(TerminalStyle().bar(done, width: 16)) \
      loss \(fixed(position.loss, 4))  accuracy \(percent(position.accuracy))  \(grouped(Int(rate))) seq/s  \
      \(duration(left)) left
      """)
  }

  private func line(for epoch: EpochMetrics) -> String {
    var line = """
      epoch \(epoch.epoch)/\(trainer.plan.epochs)  loss \(fixed(epoch.loss, 4))  accuracy \(percent(epoch.accuracy))
      """
    if let loss = epoch.validationLoss, let accuracy = epoch.validationAccuracy {
      line += "  validation loss \(fixed(loss, 4))  accuracy \(percent(accuracy))"
    }
    return line + "  \(grouped(Int(epoch.sequencesPerSecond))) seq/s  \(duration(epoch.seconds))"
  }

  private mutating func stopped() throws -> ExitCode {
    try saveCheckpoint()
    try progress.printLine(
      "unroll: stopped; go on with: unroll train --resume \(folder.url.relativePath)")
    return interruptedStatus
  }

  private func saveCheckpoint() throws { try trainer.checkpoint.save(as: model, to: folder.checkpoint) }

  private var model: TrainedModel {
    TrainedModel(
      classifier: trainer.model, classNames: classNames, preprocessing: preprocessing, dataset: dataset)
  }

  /// Prints a line above the progress, unless it is to be quiet.
  private mutating func say(_ line: String) throws {
    if !flags.quiet { try progress.printLine(line) }
  }

  // MARK: The end

  /// Writes the model, reads the test set, once, and reports.
  mutating func finish() throws {
    try model.save(to: folder.model)
    let split = try store.load(.test)
    guard split.classes.count <= classNames.count else {
      throw InputError(
        description: "\(dataset): the test set has \(split.classes.count) classes, the training set \(classNames.count)")
    }
    let test = SequenceData(split.images, preprocessing, on: device)
    if !flags.quiet { try progress.update("reading the test set after every number of steps") }
    guard let steps = StepsReport(of: model, on: test, shouldStop: { Interruption.isRequested }) else {
      throw try stopped()
    }
    try progress.clear()
    let summary = RunSummary(
      testAccuracy: steps.final.accuracy, epochSeconds: trainer.progress.epochSeconds, seed: trainer.plan.seed,
      threads: device.threads, peakResidentBytes: peakResidentBytes())
    try steps.write(to: folder)
    try AtomicFile.write(JSONText.encode(summary, pretty: true) + "\n", to: folder.summary)
    if flags.json {
      try StandardStream.output.writeLine(
        JSONText.encode(Results(output: folder.url.relativePath, summary: summary, report: steps)))
    } else {
      try StandardStream.output.write(steps.text(Terminal(.output)))
      try StandardStream.output.writeLine(
        """

        test accuracy \(percent(summary.testAccuracy)) after \(steps.final.step) steps, trained in \
        \(duration(summary.trainSeconds)); everything is in \(folder.url.relativePath)
        """)
    }
  }

  /// What `--json` prints.
  private struct Results: Encodable {
    let output: String
    let summary: RunSummary
    let report: StepsReport
  }

  /// What `config.json` holds: the plan, and the versions that it was carried out with.
  private struct Configuration: Encodable {
    let dataset: String
    let plan: TrainingPlan
    let threads: Int
    let instructionSet: String
    let version = unrollVersion
    let system = ProcessInfo.processInfo.operatingSystemVersionString
    let started = ISO8601DateFormatter().string(from: Date())

    init(dataset: String, plan: TrainingPlan, device: Device) {
      self.dataset = dataset
      self.plan = plan
      threads = device.threads
      instructionSet = device.instructionSet.rawValue
    }
  }
}

/// The most memory that this process has had resident, in bytes.
private func peakResidentBytes() -> Int {
  var usage = rusage()
  #if canImport(Darwin)
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
  #else
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024  // Linux counts kilobytes
  #endif
}

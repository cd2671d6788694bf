import Foundation
import Unroll

/// A run of `unroll train`: the trainer, its folder, and what is shown of it.
struct TrainingRun {
  private let flags: Train
  private let folder: RunFolder
  private let data: RunData
  private let trainer: Trainer
  private let device: Device
  private let metrics: LineFile
  private var progress = ProgressLine()

  /// A new run in a folder of its own.
  init(flags: Train, on device: Device) throws {
    if let precision = flags.plan.precision { try device.checkSupport(of: precision) }
    let dataset = chosenDataset(flags.dataset)
    func claim() throws -> ClaimedFolder {
      try flags.output.map { try RunFolder(path: $0).claim() } ?? RunFolder.claimNew(for: dataset)
    }
    // Before anything takes time: is there a place for the results? It is taken when there is something to put there.
    try claim().release()
    data = try RunData(dataset, from: flags.data, for: nil, showsProgress: !flags.quiet, on: device)
    let plan = flags.plan.plan(count: data.train.count)
    trainer = try Trainer(plan, data: data.train, classes: data.classNames.count)
    let place = try claim()
    do {
      let configuration = RunConfiguration(dataset: data.dataset, plan: plan, device: device)
      try AtomicFile.write(JSONText.encode(configuration, pretty: true) + "\n", to: place.folder.configuration)
      metrics = try LineFile(appendingTo: place.folder.metrics)
    } catch {
      place.release()
      throw error
    }
    folder = place.folder
    self.flags = flags
    self.device = device
  }

  /// A run that goes on in `folder`.
  init(resuming folder: RunFolder, flags: Train, on device: Device) throws {
    guard FileManager.default.fileExists(atPath: folder.checkpoint.path) else {
      throw InputError.missing(
        "\(folder.url.relativePath): no run to go on with; a folder with a checkpoint.safetensors was expected")
    }
    let (checkpoint, model) = try Checkpoint.load(from: folder.checkpoint, on: device)
    try flags.checkAgreement(with: checkpoint.plan, dataset: model.dataset)
    try device.checkSupport(
      of: checkpoint.plan.precision, asked: "--resume \(folder.url.relativePath): a run with --precision bf16")
    data = try RunData(model.dataset, from: flags.data, for: model, showsProgress: !flags.quiet, on: device)
    trainer = try Trainer(resuming: checkpoint, data: data.train)
    try folder.trimMetrics(toEpochs: checkpoint.progress.epoch)
    metrics = try LineFile(appendingTo: folder.metrics)
    self.folder = folder
    self.flags = flags
    self.device = device
    if checkpoint.instructionSet != device.instructionSet {
      StandardStream.error.tryWriteLine(
        """
        unroll: note: this run began with \(checkpoint.instructionSet.rawValue) instructions and goes on with \
        \(device.instructionSet.rawValue); it will not be the same to the last bit
        """)
    }
  }

  /// Trains to the end of the plan.
  ///
  /// - Throws: `Interruption.Request` after Ctrl-C.
  mutating func train() throws {
    say("\(data.dataset): \(grouped(trainer.sequencesPerEpoch)) sequences; \(device); writing to \(shownFolder)")
    let (trainer, terminal) = (trainer, progress.terminal)
    while !trainer.isFinished {
      let epoch = try trainer.trainEpoch { position in
        show(trainer.progressText(at: position, on: terminal))
        try Interruption.check()
      }
      try metrics.append(JSONText.encode(epoch))
      try saveCheckpoint()
      say(epoch.line(of: trainer.plan.epochs))
    }
  }

  /// Writes the model, evaluates it, and reports.
  ///
  /// - Throws: `Interruption.Request` after Ctrl-C.
  mutating func finish() throws {
    var model = model
    model.temperatures = try temperatures()
    try model.save(to: folder.model)
    progress.clear()
    let skipsSteps = flags.skipsSteps
    show(skipsSteps ? "reading the test set" : "reading the test set after every number of steps")
    let steps = skipsSteps ? nil : try StepsReport(of: model, on: data.test, betweenBatches: Interruption.check)
    let testAccuracy = steps?.final.accuracy ?? trainer.result.evaluate(data.test).accuracy
    progress.clear()
    let summary = RunSummary(
      testAccuracy: testAccuracy, epochSeconds: trainer.progress.epochSeconds, seed: trainer.plan.seed,
      threads: device.threads, peakResidentBytes: peakResidentBytes())
    try steps?.write(to: folder)
    try AtomicFile.write(JSONText.encode(summary, pretty: true) + "\n", to: folder.summary)
    if flags.json {
      let results = Results(output: folder.url.relativePath, summary: summary, report: steps)
      return try StandardStream.output.writeLine(JSONText.encode(results))
    }
    if let steps { try StandardStream.output.write(steps.text(Terminal(.output)) + "\n") }
    try StandardStream.output.writeLine(
      """
      test accuracy \(percent(summary.testAccuracy)) after \(data.test.steps) steps, trained in \
      \(duration(summary.trainSeconds)); everything is in \(shownFolder)
      """)
  }

  /// Leaves a checkpoint, and says how to go on from it.
  mutating func putDown() throws {
    try saveCheckpoint()
    let program = CommandLine.arguments.first ?? "unroll"
    let data = flags.data.map { " --data \(shellQuoted($0))" } ?? ""
    progress.printLine("unroll: stopped; go on with: \(shellQuoted(program)) train --resume \(shownFolder)\(data)")
  }

  private func saveCheckpoint() throws { try trainer.checkpoint.save(as: model, to: folder.checkpoint) }

  private var model: TrainedModel { data.model(trainer.result, trainedBy: trainer.plan) }

  /// What makes the finished model's probabilities credible, if sequences were set apart to find out.
  private mutating func temperatures() throws -> [Float]? {
    guard let validation = model.validation else { return nil }
    show("reading the validation set")
    let rows = validation.rows(of: data.train.count).validation
    return try trainer.result.answersAfterEveryStep(data.train, rows: rows, betweenBatches: Interruption.check)
      .temperatures()
  }

  private var shownFolder: String { shellQuoted(folder.url.relativePath) }

  /// Shows how far the run is, unless it is to be quiet.
  private mutating func show(_ text: @autoclosure () -> String) {
    if !flags.quiet { progress.update(text()) }
  }

  /// Prints a line above the progress, unless it is to be quiet.
  private mutating func say(_ line: String) {
    if !flags.quiet { progress.printLine(line) }
  }

  /// What `--json` prints.
  private struct Results: Encodable {
    let output: String
    let summary: RunSummary
    let report: StepsReport?
  }
}

import Foundation
import Unroll

/// A run of `unroll train`: the trainer, its folder, and what is shown of it.
struct TrainingRun {
  private let flags: Train
  private let folder: RunFolder
  /// The folder of a new run, as it was taken.
  private let place: ClaimedFolder?
  private let data: RunData
  private let trainer: Trainer
  private let device: Device
  private let metrics: LineFile
  private let crossValidation: CrossValidation?
  /// For TensorBoard, if that is wanted.
  private let log: TensorBoardLog?
  private var progress: ProgressLine

  /// A new run in a folder of its own.
  init(flags: Train, on device: Device) throws {
    let keys = ["dataset", "view", "series", "teacher", "plan"]
    let file = try flags.config.map { try ConfigurationFile(contentsOf: $0, keys: keys) }
    let told: SequenceView? = try file?.choice("view")
    let view = flags.view ?? told ?? .rows
    var progress = ProgressLine(isQuiet: flags.quiet)
    let (place, data, (trainer, crossValidation), metrics) = try flags.begin(
      following: file, plan: file, on: device, open: { try flags.open($0, following: file) }
    ) { opened, plan, teacher in
      let plan = try plan(opened.shape(readAs: view))
      if let note = opened.note { progress.say(note) }
      let data = try opened.prepared(as: view, plan: plan, on: device)
      if let folds = plan.folds, plan.bidirectional ?? false, data.test.steps > Self.stepsToBeginAgain {
        throw UsageError(
          description: """
            --folds \(folds): asks after every step, for which a bidirectional network begins again; for \(data.test.steps) \
            steps that would take long
            """)
      }
      let trainer = try Trainer(
        plan, data: data.train, outputs: data.target.outputs, teacher: teacher?.teacher(for: data))
      if let note = teacher?.note(on: plan, of: data) { progress.say(note) }
      return (data, (trainer, try plan.crossValidation(of: data.train)), RunConfiguration(data, plan: plan))
    }
    do {
      log = flags.tensorboard ? try TensorBoardLog(in: place.folder.url, of: trainer, reading: data.train) : nil
    } catch {
      place.abandon()
      throw error
    }
    (self.data, self.trainer, self.crossValidation, self.metrics) = (data, trainer, crossValidation, metrics)
    (self.place, folder) = (place, place.folder)
    self.flags = flags
    self.progress = progress
    self.device = device
  }

  /// A run that goes on in `folder`.
  init(resuming folder: RunFolder, flags: Train, on device: Device) throws {
    guard FileManager.default.fileExists(atPath: folder.checkpoint.path) else {
      throw InputError.missing(
        "\(folder.url.relativePath): no run to go on with; a folder with a checkpoint.safetensors was expected")
    }
    let (checkpoint, model) = try Checkpoint.load(from: folder.checkpoint, on: device)
    try flags.checkAgreement(with: checkpoint.plan, on: model)
    try device.checkSupport(
      of: checkpoint.plan.precision, asked: "--resume \(folder.url.relativePath): a run with --precision bf16")
    data = try ModelData(of: model, from: flags.data, showsProgress: !flags.quiet).opened()
      .prepared(input: model.input, target: model.target, on: device)
    trainer = try Trainer(
      resuming: checkpoint, data: data.train, teacher: folder.teacher(for: checkpoint.plan, reading: data))
    try folder.trimMetrics(toEpochs: checkpoint.progress.epoch)
    metrics = try LineFile(appendingTo: folder.metrics)
    crossValidation = try trainer.plan.crossValidation(of: data.train)
    log = flags.tensorboard ? try TensorBoardLog(in: folder.url, of: trainer, reading: data.train) : nil
    self.folder = folder
    place = nil
    self.flags = flags
    progress = ProgressLine(isQuiet: flags.quiet)
    self.device = device
    device.noteOtherInstructions(than: checkpoint.instructionSet)
  }

  /// Trains to the end of the plan.
  ///
  /// - Throws: `Interruption.Request` after Ctrl-C.
  mutating func train() throws {
    progress.say(
      "\(data.dataset): \(grouped(trainer.sequencesPerEpoch)) sequences; \(device); writing to \(shownFolder)")
    let (trainer, terminal, log) = (trainer, progress.terminal, log)
    while !trainer.isFinished {
      let epoch = try trainer.trainEpoch { position in
        progress.update(trainer.progressText(at: position, on: terminal))
        try log?.record(position, of: trainer)
        try Interruption.check()
      }
      try metrics.append(JSONText.encode(epoch))
      try log?.record(epoch, of: trainer)
      try saveCheckpoint()
      progress.say(epoch.line(of: trainer.plan.epochs))
    }
  }

  /// Writes the model, evaluates it, and reports.
  ///
  /// - Throws: `Interruption.Request` after Ctrl-C.
  mutating func finish() throws {
    let unseen = try answersToUnseen()
    var model = model
    model.temperatures = unseen?.temperatures()
    try model.save(to: folder.model)
    progress.clear()
    if trainer.asksForNumber { return try finishEstimating(model) }
    let skipsSteps = flags.skipsSteps || beginsAgainTooOften
    if beginsAgainTooOften && !flags.skipsSteps {
      progress.say(
        """
        unroll: note: a bidirectional network begins again for each number of steps; for \(data.test.steps) that would take \
        long, so it is left out, and probabilities are not calibrated; unroll steps does it all the same
        """)
    }
    progress.update(skipsSteps ? "reading the test set" : "reading the test set after every number of steps")
    let steps = skipsSteps ? nil : try StepsReport(of: model, on: data.test, betweenBatches: Interruption.check)
    let testAccuracy = steps?.final.accuracy ?? trainer.result.evaluate(data.test).accuracy
    progress.clear()
    if let steps {
      try steps.write(to: folder)
      try log?.record(steps.steps, named: "the_rest_not_read")
      if let blank = steps.stepsBlankFront { try log?.record(blank, named: "blank_in_front") }
    }
    let summary = try writeSummary(
      testAccuracy: testAccuracy, crossValidatedAccuracy: crossValidation == nil ? nil : unseen?.accuracy)
    if flags.json {
      return try Train.writeJSON(Results(output: folder.url.relativePath, summary: summary, report: steps))
    }
    if let steps { try StandardStream.output.write(steps.text(Terminal(.output)) + "\n") }
    try StandardStream.output.writeLine(
      """
      test accuracy \(percent(testAccuracy)) after \(data.test.steps) steps, trained in \
      \(duration(summary.trainSeconds)); everything is in \(shownFolder)
      """)
  }

  /// The same for a network that estimates a number.
  private mutating func finishEstimating(_ model: TrainedModel) throws {
    progress.update("reading the test set")
    let report = try ErrorReport(of: model, on: data.test, betweenBatches: Interruption.check)
    progress.clear()
    try report.write(to: folder)
    let summary = try writeSummary(error: report.final)
    if flags.json {
      return try Train.writeJSON(Results(output: folder.url.relativePath, summary: summary, report: report))
    }
    if !flags.skipsSteps { try StandardStream.output.write(report.text(Terminal(.output)) + "\n") }
    try StandardStream.output.writeLine(
      """
      \(report.finalSentence), trained in \(duration(summary.trainSeconds)); everything is in \(shownFolder)
      """)
  }

  /// Writes the outcome in a few numbers.
  private func writeSummary(
    testAccuracy: Double? = nil, crossValidatedAccuracy: Double? = nil, error: NumberEvaluation? = nil
  ) throws -> RunSummary {
    let summary = RunSummary(
      testAccuracy: testAccuracy, error: error, crossValidatedAccuracy: crossValidatedAccuracy,
      epochSeconds: trainer.progress.epochSeconds, seed: trainer.plan.seed, threads: device.threads,
      peakResidentBytes: peakResidentBytes())
    try AtomicFile.write(JSONText.encode(summary, pretty: true) + "\n", to: folder.summary)
    return summary
  }

  /// After a failure: gives the folder up if there is nothing to go on with yet.
  func abandon() { place?.abandon() }

  /// Leaves a checkpoint, and says how to go on from it.
  mutating func putDown() throws {
    try saveCheckpoint()
    progress.printLine(flags.goOnSentence(folder))
  }

  private func saveCheckpoint() throws { try trainer.checkpoint.save(as: model, to: folder.checkpoint) }

  private var model: TrainedModel { data.model(trainer.result, trainedBy: trainer.plan) }

  /// Whether an answer after every step would take hours.
  private var beginsAgainTooOften: Bool { trainer.model.isBidirectional && data.test.steps > Self.stepsToBeginAgain }

  /// The most steps after each of which a bidirectional network is asked, for it begins again each time.
  private static let stepsToBeginAgain = 100

  /// What is answered to training sequences by who has not learned from them, if there are any: it makes the finished
  /// model's probabilities credible.
  private mutating func answersToUnseen() throws -> StepAnswers? {
    if trainer.asksForNumber || beginsAgainTooOften { return nil }
    if let crossValidation {
      let terminal = progress.terminal
      let answers = try crossValidation.answers(to: data.train, plan: trainer.plan, classes: data.target.outputs) {
        part, trainer, position in
        let heading = "fold \(part + 1)/\(crossValidation.parts.count)  "
        progress.update(trainer.progressText(at: position, on: terminal, heading: heading))
        try Interruption.check()
      }
      try answers.save(to: folder.crossValidation)
      progress.say(
        """
        cross-validation: \(percent(answers.accuracy)) of \(grouped(answers.count)) training sequences, each answered by a \
        network that has not learned from it
        """)
      return answers
    }
    guard let validation = model.validation else { return nil }
    progress.update("reading the validation set")
    let rows = validation.rows(labels: data.train.labels).validation
    return try trainer.result.answersAfterEveryStep(data.train, rows: rows, betweenBatches: Interruption.check)
  }

  private var shownFolder: String { folder.shownPath }

  /// What `--json` prints.
  private struct Results<Report: Encodable>: Encodable {
    let output: String
    let summary: RunSummary
    let report: Report?
  }
}

import Foundation
import Unroll

/// A study of `unroll ceiling`: its networks, its folder, and what is shown of it.
struct CeilingRun {
  private let flags: Ceiling
  private let folder: RunFolder
  /// The folder of a new study, as it was taken.
  private let place: ClaimedFolder?
  private let data: RunData
  private var study: CeilingStudy
  private let trials: LineFile
  /// The network that is being trained.
  private var trainer: Trainer?
  private var progress: ProgressLine

  /// A new study in a folder of its own.
  init(flags: Ceiling, on device: Device) throws {
    let keys = ["dataset", "view", "teacher", "study"]
    let file = try flags.config.map { try ConfigurationFile(contentsOf: $0, keys: keys) }
    let section = try file?.section("study", keys: ["plan", "steps", "learning_rates"])
    if let view: SequenceView = try file?.choice("view"), view != .rows {
      throw UsageError(description: "\(flags.config ?? ""): view \(view.rawValue): a study reads images row by row")
    }
    var progress = ProgressLine(isQuiet: flags.quiet)
    let (place, data, study, trials) = try flags.begin(
      following: file, plan: section, on: device, open: { try flags.open($0) }
    ) { opened, plan, teacher in
      let plan = try plan(opened.shape(readAs: .rows))
      let data = try opened.prepared(as: .rows, plan: plan, on: device), steps = data.train.steps
      // A learning rate that was given is the only one.
      let rates = flags.plan.learningRate == nil ? try section?.list("learning_rates", LearningRateList.limits) : nil
      let design = try CeilingDesign(
        plan, steps: flags.steps?.numbers(upTo: steps) ?? section?.list("steps", StepList.limits(upTo: steps)),
        learningRates: flags.learningRates?.values ?? rates, sequenceSteps: steps)
      if let note = teacher?.note(on: plan, of: data) { progress.say(note) }
      let study = try CeilingStudy(
        design, training: data.train, test: data.test, classes: data.classNames.count,
        teacher: teacher?.teacher(for: data))
      return (data, study, RunConfiguration(data, study: design))
    }
    (self.data, self.study, self.trials) = (data, study, trials)
    (self.place, folder) = (place, place.folder)
    self.flags = flags
    self.progress = progress
  }

  /// A study that goes on in `folder`.
  init(resuming folder: RunFolder, flags: Ceiling, on device: Device) throws {
    guard FileManager.default.fileExists(atPath: folder.ceilingTrials.path) else {
      throw InputError.missing(
        "\(folder.url.relativePath): no study to go on with; a folder with a ceiling.jsonl was expected")
    }
    let begun = try folder.begunStudy()
    try flags.checkAgreement(with: begun)
    try device.checkSupport(
      of: begun.study.plan.precision, asked: "--resume \(folder.url.relativePath): a study with --precision bf16")
    data = try flags.open(begun.dataset).prepared(
      as: .rows, plan: begun.study.plan, on: device)
    let identity = DataIdentity(of: data.train)
    guard identity == begun.data else { throw TrainingError.otherData(found: identity, expected: begun.data) }
    trials = try LineFile(appendingTo: folder.ceilingTrials)
    let done = try folder.trials(of: begun.study)
    study = try CeilingStudy(
      begun.study, training: data.train, test: data.test, classes: data.classNames.count,
      teacher: folder.teacher(for: begun.study.plan, reading: data), trials: done,
      networks: folder.networks(of: begun.study, after: done, reading: data))
    self.folder = folder
    place = nil
    self.flags = flags
    progress = ProgressLine(isQuiet: flags.quiet)
    device.noteOtherInstructions(than: begun.instructionSet)
  }

  /// Trains all networks that are still to be trained.
  ///
  /// - Throws: `Interruption.Request` after Ctrl-C.
  mutating func train() throws {
    progress.say(
      """
      \(data.dataset): \(grouped(data.train.count - study.design.plan.validationCount)) sequences; \
      \(data.train.device); \(leastNetworks) networks; writing to \(shownFolder)
      """)
    let terminal = progress.terminal
    while let candidate = study.next {
      let heading = "\(study.trials.count + 1)/\(max(leastNetworks, study.trials.count + 1)) \(name(candidate))  "
      // A copy, for what is shown meanwhile changes this run too.
      var study = study
      let trial = try study.train(candidate, from: checkpoint) { trainer, position in
        self.trainer = trainer
        progress.update(trainer.progressText(at: position, on: terminal, heading: heading))
        try Interruption.check()
      }
      (self.study, trainer) = (study, nil)
      let contestant = candidate.contestant
      if study.design.chosen(contestant, among: study.trials) == trial, let network = study.networks[contestant] {
        try data.model(network, trainedBy: study.design.plan).save(to: folder.model(of: contestant))
      }
      // Last: a network whose file could not be written is trained again.
      try trials.append(JSONText.encode(trial))
      unlink(folder.checkpoint.path)
      progress.say(line(trial))
    }
  }

  /// Reads the test set, and reports.
  ///
  /// - Throws: `Interruption.Request` after Ctrl-C.
  mutating func finish(beside other: AccuracyTable?) throws {
    progress.clear()
    progress.update("reading the test set with each network")
    let report = CeilingReport(
      try study.rows(betweenBatches: Interruption.check), beside: other, stepNames: data.input.stepNames,
      dataset: data.dataset)
    progress.clear()
    try report.write(to: folder)
    if flags.json {
      let results = Results(
        output: folder.url.relativePath, networks: study.trials.count,
        largestShortfall: report.rows.worst.map { -$0.difference.value }, rows: report.rows)
      return try Ceiling.writeJSON(results)
    }
    try StandardStream.output.write(report.text(Terminal(.output)) + "\n")
    try StandardStream.output.writeLine("\(report.shortfall); everything is in \(shownFolder)")
  }

  /// After a failure: gives the folder up if there is nothing to go on with yet.
  func abandon() { place?.abandon() }

  /// Leaves a checkpoint of the network that is being trained, and says how to go on.
  mutating func putDown() throws {
    if let trainer {
      try trainer.checkpoint.save(as: data.model(trainer.result, trainedBy: trainer.plan), to: folder.checkpoint)
    }
    progress.printLine(flags.goOnSentence(folder))
  }

  /// Where the network was put down that is to be trained next; the study knows whether it is that one.
  private var checkpoint: Checkpoint? {
    get throws {
      guard FileManager.default.fileExists(atPath: folder.checkpoint.path) else { return nil }
      return try Checkpoint.load(from: folder.checkpoint, on: data.train.device).checkpoint
    }
  }

  /// Networks that are trained if no specialist has to be trained again.
  private var leastNetworks: Int { study.design.contestants.count * study.design.learningRates.count }

  private func name(_ contestant: CeilingContestant) -> String {
    switch contestant {
    case .anytime: "anytime"
    case .specialist(let steps): "\(steps) \(data.input.stepNames)"
    }
  }

  private func name(_ candidate: CeilingCandidate) -> String {
    name(candidate.contestant) + (study.design.learningRates.count > 1 ? ", rate \(candidate.learningRate)" : "")
  }

  private func line(_ trial: CeilingTrial) -> String {
    let name = name(trial.candidate)
    guard !trial.right.isEmpty else { return "\(name)  training diverged" }
    var line = "\(name)  validation accuracy \(percent(trial.score))"
    if trial.candidate.contestant == .anytime {
      line += ", mean of \(trial.right.count) numbers of \(data.input.stepNames)"
    }
    if let difference = trial.difference {
      line += ", anytime \(percent(trial.score + difference.value))"
      if study.next?.contestant == trial.candidate.contestant && study.next?.seed != study.design.plan.seed {
        line += ": trails by more than noise, trained again"
      }
    }
    return line + "  \(duration(trial.seconds))"
  }

  private var shownFolder: String { folder.shownPath }

  /// What `--json` prints.
  private struct Results: Encodable {
    let output: String
    let networks: Int
    let largestShortfall: Double?
    let rows: [CeilingRow]

    enum CodingKeys: String, CodingKey {
      case output, networks, rows
      case largestShortfall = "largest_shortfall"
    }
  }
}

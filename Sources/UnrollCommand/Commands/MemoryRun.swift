import Foundation
import Unroll

/// A study of `unroll memory`: its networks, its folder, and what is shown of it.
struct MemoryRun {
  private let flags: Memory
  private let folder: RunFolder
  private let device: Device
  private var study: MemoryStudy
  private let trials: LineFile
  private var progress: ProgressLine

  /// A new study in a folder of its own.
  init(flags: Memory, on device: Device) throws {
    let file = try flags.config.map { try ConfigurationFile(contentsOf: $0, keys: ["memory"]) }
    let design = try flags.design.design(following: file)
    let (place, lines) = try flags.begin(Memory.name, RunConfiguration(memory: design, device: device))
    (folder, trials) = (place.folder, lines)
    study = MemoryStudy(design, on: device)
    self.flags = flags
    self.device = device
    progress = ProgressLine(isQuiet: flags.quiet)
  }

  /// A study that goes on in `folder`.
  init(resuming folder: RunFolder, flags: Memory, on device: Device) throws {
    let begun = try folder.begunMemoryStudy()
    try flags.design.checkAgreement(with: begun.memory)
    trials = try LineFile(appendingTo: folder.memoryTrials)
    study = MemoryStudy(begun.memory, trials: try folder.trials(of: begun.memory), on: device)
    self.folder = folder
    self.flags = flags
    self.device = device
    progress = ProgressLine(isQuiet: flags.quiet)
    device.noteOtherInstructions(than: begun.instructionSet)
  }

  /// Trains all networks that are still to be trained. The table and the pictures in the folder are kept up to date.
  ///
  /// - Throws: `Interruption.Request` after Ctrl-C.
  mutating func train() throws {
    let design = study.design
    progress.say(
      """
      \(design.tasks.map(\.rawValue).joined(separator: ", ")); \(design.cells.map(\.rawValue).joined(separator: ", ")) of \
      \(design.hiddenSize) units; \(device); at most \(design.mostTrials) networks; writing to \(folder.shownPath)
      """)
    while let candidate = study.next {
      let heading = "\(study.trials.count + 1)/\(design.mostTrials) \(name(candidate))"
      let start = ContinuousClock.now
      // A copy, for what is shown meanwhile changes this run too.
      var study = study
      let trial = try study.train(candidate) { trainer in
        progress.update(trainer.progressText(behind: heading, since: start))
        try Interruption.check()
      }
      self.study = study
      try trials.append(JSONText.encode(trial))
      try report.write(to: folder)
      progress.say(line(trial))
    }
  }

  /// Shows the outcome.
  mutating func finish() throws {
    progress.clear()
    let report = report
    try report.write(to: folder)
    if flags.json {
      let results = Results(
        output: folder.url.relativePath, networks: study.trials.count, rows: report.rows, gradients: report.gradients)
      return try Memory.writeJSON(results)
    }
    try StandardStream.output.write(report.text(Terminal(.output)) + "\n")
    try StandardStream.output.writeLine("everything is in \(folder.shownPath)")
  }

  /// Says how to go on; what is finished is kept.
  mutating func putDown() {
    progress.printLine(flags.goOnSentence(folder, with: ""))
  }

  private var report: MemoryReport { MemoryReport(study) }

  private func name(_ candidate: MemoryCandidate) -> String {
    """
    \(candidate.task.rawValue), \(candidate.length) steps, \(candidate.cell.rawValue), rate \(candidate.learningRate), \
    seed \(candidate.seed)
    """
  }

  private func line(_ trial: MemoryTrial) -> String {
    let name = name(trial.candidate)
    guard let validation = trial.validation else {
      return "\(name)  training diverged after \(trial.updates) updates  \(duration(trial.seconds))"
    }
    let outcome = trial.isSolved ? "solved" : "not solved"
    return
      "\(name)  \(outcome) after \(trial.updates) updates, error \(fixed(validation, 4))  \(duration(trial.seconds))"
  }

  /// What `--json` prints.
  private struct Results: Encodable {
    let output: String
    let networks: Int
    let rows: [MemoryRow]
    let gradients: [InputGradientRow]
  }
}

extension MemoryTrainer {
  /// How far training is, on one line behind a heading, if it began at `start`.
  fileprivate func progressText(behind heading: String, since start: ContinuousClock.Instant) -> String {
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let left = seconds / Double(updates) * Double(mostUpdates - updates)
    let error = validation.map { "  error \(fixed($0, 4))" } ?? ""
    return "\(heading)  update \(updates)/\(mostUpdates)\(error)  at most \(duration(left)) left"
  }
}

import Foundation
import Unroll

extension RunReport {
  var title: String {
    let name = runs.count <= 3 ? list(runs.map(\.name)) : "\(runs.count) runs"
    return common(\.run.datasetName).map { "\(name), on \($0)" } ?? name
  }

  /// The outcome in plain words, and what the colours stand for.
  var opening: [HTMLPage.Block] {
    [.paragraph(outcome)] + (whyEarly.map { [.paragraph($0)] } ?? [])
      + [
        .key(
          runs.map { run in
            let plan = run.run.configuration.plan
            return HTMLPage.KeyEntry(
              color: run.color, name: run.name,
              text: """
                recipe \(plan.recipe.rawValue), asked for the class \(asked(plan.objective)); \
                \(run.run.summary.epochs == 1 ? "1 epoch" : "\(run.run.summary.epochs) epochs") on \
                \(run.run.datasetName)
                """)
          })
      ]
  }

  /// Where all this comes from.
  var closing: [HTMLPage.Block] {
    let folders = list(runs.map { shellQuoted($0.run.path) })
    return [.note("Made by unroll report, version \(unrollVersion), from \(folders).")]
  }

  /// When an objective asks for the class.
  func asked(_ objective: Objective) -> String {
    switch objective {
    case .last: "after the last \(unitName) alone"
    case .every: "after every \(unitName)"
    case .randomPrefix: "after a random number of \(unit)"
    case .weighted: "after every \(unitName), some of them counting more"
    }
  }

  private var outcome: String {
    let halves = runs.compactMap { run in run.run.accuracy(afterShare: 0.5).map { (run.name, $0) } }
    let ends = runs.map { ($0.name, $0.run.testAccuracy) }
    let all = stepCount.map { "all \($0) \(unit)" } ?? "the whole sequence"
    guard !halves.isEmpty else { return "After \(all), \(rightly(ends))." }
    let half = stepCount.map { "half the \(unit) (\(($0 + 1) / 2) of \($0))" } ?? "half the sequence"
    return "After \(half), \(rightly(halves)). After \(all), \(rightly(ends)).\(runs.count == 1 ? reached : "")"
  }

  /// Who answers rightly how often.
  private func rightly(_ accuracies: [(name: String, accuracy: Double)]) -> String {
    let sorted = accuracies.sorted { $0.accuracy > $1.accuracy }
    guard sorted.count > 3, let best = sorted.first, let worst = sorted.last else {
      let shares = sorted.enumerated().map { index, run in
        index == 0
          ? "\(run.name) answers rightly \(rounded(run.accuracy)) of the time" : "\(run.name) \(rounded(run.accuracy))"
      }
      return list(shares)
    }
    return """
      answers are right from \(rounded(worst.accuracy)) (\(worst.name)) to \(rounded(best.accuracy)) of the time \
      (\(best.name))
      """
  }

  private var reached: String {
    let reached = results[0].reached ?? []
    let sentences = reached.compactMap { goal in
      goal.steps.map { "\(fixed(100 * goal.accuracy, 0))\u{A0}% after \($0)" }
    }
    return sentences.isEmpty ? "" : " It reaches \(list(sentences)) \(unit)."
  }

  /// A share for a sentence: the tables have more digits.
  private func rounded(_ share: Double) -> String { fixed(100 * share, 1) + "\u{A0}%" }

  /// Why curves differ, where some networks were asked at the end alone and others earlier too.
  private var whyEarly: String? {
    let late = runs.filter { $0.run.configuration.plan.objective == .last && $0.run.steps != nil }
    let early = runs.filter { $0.run.configuration.plan.objective != .last && $0.run.steps != nil }
    guard !late.isEmpty, !early.isEmpty else { return nil }
    func named(_ runs: [ReportedRun]) -> String { runs.count <= 3 ? list(runs.map(\.name)) : "\(runs.count) runs" }
    let guessing = guess.map { " Guessing is right \(rounded($0)) of the time." } ?? ""
    return """
      In training, \(named(early)) \(early.count == 1 ? "was" : "were") asked for the class before the end too, \
      \(named(late)) after the last \(unitName) alone: what \(late.count == 1 ? "it says" : "they say") earlier was never \
      trained.\(guessing)
      """
  }

  /// The accuracy of guessing, where all runs have as many classes.
  var guess: Double? { common(\.run.model?.classNames.count).flatMap { $0 }.map { 1 / Double($0) } }
}

extension FinishedRun {
  /// The data set's name, or the last part of its path.
  var datasetName: String {
    DatasetStore().knows(configuration.dataset)
      ? configuration.dataset : URL(fileURLWithPath: configuration.dataset).lastPathComponent
  }
}

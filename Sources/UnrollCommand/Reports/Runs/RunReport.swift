import Unroll

/// A run among those that are compared.
struct ReportedRun {
  let run: FinishedRun
  /// What it is called, everywhere on the page.
  let name: String
  /// The palette's colour that it has, everywhere on the page.
  let color: Int
  /// What its network makes of its test set.
  let examination: Examination
}

/// Runs side by side, as a page and as a table.
struct RunReport {
  /// At least one.
  let runs: [ReportedRun]

  /// The table.
  var results: [RunResults] { runs.map { RunResults($0.run, named: $0.name) } }

  /// The page: what a newcomer wants to see comes first.
  var page: HTMLPage {
    HTMLPage(
      title: title,
      blocks: opening + stepsSection + resultsSection + settingsSection + blankFrontSection + learningSection
        + earlySection + calibrationSection + confusionSection + mistakesSection + closing)
  }

  /// What the steps are called.
  var unit: String { (common(\.run.view) ?? nil)?.stepNames ?? "steps" }

  /// One of them.
  var unitName: String { (common(\.run.view) ?? nil)?.stepName ?? "step" }

  /// The steps of every run's sequences; `nil` if they differ, so that lines are drawn over shares.
  var stepCount: Int? { common(\.run.stepCount) ?? nil }

  /// What all runs have in common; `nil` if nothing.
  func common<Value: Equatable>(_ value: (ReportedRun) -> Value) -> Value? {
    let first = value(runs[0])
    return runs.allSatisfy { value($0) == first } ? first : nil
  }

  /// Names as one says them: "a", "a and b", "a, b and c".
  func list(_ names: [String]) -> String {
    names.count < 2 ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
  }

  /// What runs lack that a section is about, one sentence for each.
  func lacking(_ what: (FinishedRun) -> Bool, _ sentence: (ReportedRun) -> String) -> [HTMLPage.Block] {
    runs.filter { what($0.run) }.map { .note(sentence($0)) }
  }
}

import Unroll

extension RunReport {
  /// What came out.
  var resultsSection: [HTMLPage.Block] {
    func row(_ name: String, _ value: (RunResults) -> String?) -> [String] { [name] + results.map { value($0) ?? "–" } }
    let goals = RunResults.goals.enumerated().map { index, goal in
      row("\(unit) to \(fixed(100 * goal, 0)) %") { results in
        results.reached.map { $0[index].steps.map(String.init) ?? "never" }
      }
    }
    let accuracies = [
      row("test accuracy") { percent($0.testAccuracy) },
      row("its 95 % interval") { results in
        results.low.flatMap { low in results.high.map { "\(fixed(100 * low, 2)) – \(fixed(100 * $0, 2)) %" } }
      },
      row("after half the \(unit)") { $0.accuracyAfterHalf.map(percent) },
    ]
    let costs = [
      row("parameters") { $0.parameters.map(grouped) },
      row("epochs") { String($0.epochs) },
      row("seconds of training") { fixed($0.trainSeconds, 1) },
      row("memory at most") { fixed(Double($0.peakResidentBytes) / 1e6, 0) + " MB" },
    ]
    let machine = [
      row("threads") { String($0.threads) },
      row("instructions") { $0.instructionSet.rawValue },
      row("system") { $0.system },
      row("version") { $0.version },
    ]
    let same = machine.filter { Set($0.dropFirst()).count == 1 }
    return [
      .heading("Results"),
      .note(
        """
        Of the test images, after the last \(unitName) where nothing else is said. Accuracies whose intervals overlap may \
        differ by chance. "\(unit) to 90 %" is how many are read before that accuracy is reached for the first time.
        """),
      table(accuracies + goals + costs + machine.filter { !same.contains($0) }, isNumeric: true),
    ]
      + (same.isEmpty
        ? []
        : [.note("Made with \(same.map { "\($0[0]): \($0[1])" }.joined(separator: "; ")).")])
  }

  /// What was chosen.
  var settingsSection: [HTMLPage.Block] {
    let rows = RunSettings(of: runs.map(\.run)).rows
    let differing = rows.filter(\.differs), same = rows.filter { !$0.differs }
    func table(_ rows: [RunSettings.Row]) -> HTMLPage.Block {
      self.table(rows.map { [$0.name] + $0.values }, isNumeric: false)
    }
    if runs.count == 1 { return [.heading("Choices"), .details(summary: "All choices of this run", [table(rows)])] }
    let difference: HTMLPage.Block =
      differing.isEmpty
      ? .paragraph("Nothing: the runs were made with the same choices.") : table(differing)
    return [
      .heading("What differs between the runs"), difference,
      .details(summary: "What is the same", [table(same)]),
    ]
  }

  /// Accuracies after a quarter, half, three quarters and all.
  var marksTable: HTMLPage.Block {
    let shares = [0.25, 0.5, 0.75, 1]
    let rows = shares.map { share in
      let place =
        stepCount.map { "\(Int((share * Double($0)).rounded(.up))) \(unit)" } ?? "\(fixed(100 * share, 0)) % read"
      return [place] + runs.map { $0.run.accuracy(afterShare: share).map(percent) ?? "–" }
    }
    return table(rows, isNumeric: true)
  }

  private func table(_ rows: [[String]], isNumeric: Bool) -> HTMLPage.Block {
    .table(header: [""] + runs.map(\.name), rows: rows, numeric: isNumeric ? Set(1...runs.count) : [])
  }
}

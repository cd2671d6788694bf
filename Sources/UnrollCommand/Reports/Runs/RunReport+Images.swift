import Foundation
import Unroll

extension RunReport {
  private var examined: [(run: ReportedRun, findings: Examination.Findings, classes: [String])] {
    runs.compactMap { run in
      run.examination.findings.flatMap { findings in run.run.model.map { (run, findings, $0.classNames) } }
    }
  }

  /// Which class is taken for which.
  var confusionSection: [HTMLPage.Block] {
    let maps = examined.map { run, findings, classes in
      let matrix = findings.evaluation.confusion
      // Other names do not fit above the columns.
      let areShort = Self.areShort(classes)
      let map = HeatMap(
        title: "Which class \(run.name) takes for which", rowAxis: "true", columnAxis: "answer",
        rowLabels: areShort ? classes : classes.enumerated().map { "\($1) \($0)" },
        columnLabels: areShort ? classes : classes.indices.map(String.init),
        values: matrix.map { $0.map(Double.init) }, scale: .counts(limit: nil), format: .integer,
        emphasizesDiagonal: true)
      return HTMLPage.Block.group([
        .heading(run.name, level: 3, color: run.color),
        .figure(map.svg(width: areShort ? 600 : 720, showsTitle: false), caption: scored(findings)),
      ])
    }
    let blocks: [HTMLPage.Block] =
      maps.isEmpty
      ? []
      : [
        .note(
          """
          Each row is a class, each column an answer, each number how many test images of that class got that answer after \
          the last \(unitName): right answers on the diagonal, confusions beside it.
          """), .gallery(maps, minimumWidth: 440),
      ]
    return [.heading("Which class is taken for which")] + blocks + notExamined
  }

  /// The wrong answers that networks were surest about, as pictures.
  var mistakesSection: [HTMLPage.Block] {
    let blocks = examined.flatMap { run, findings, classes -> [HTMLPage.Block] in
      let pictures = zip(findings.mistakes, findings.pictures).map { mistake, image in
        HTMLPage.Picture(
          source: "data:image/png;base64," + Data(image.png).base64EncodedString(),
          description: "image \(mistake.row), \(classes[mistake.label]), taken for \(classes[mistake.answer])",
          lines: [
            "\(classes[mistake.label]), not \(classes[mistake.answer])", percent(Double(mistake.probability)),
            "#\(mistake.row)",
          ])
      }
      return [.heading(run.name, level: 3, color: run.color), .note(scored(findings))]
        + (pictures.isEmpty ? [] : [.pictures(pictures, width: Self.areShort(classes) ? 72 : 100)])
    }
    let reading: [HTMLPage.Block] =
      blocks.isEmpty
      ? []
      : [
        .note(
          """
          The test images whose wrong answer a network was surest about: what the image is, what it was taken for, and the \
          probability of that answer, calibrated where images were set apart. The numbers are those of unroll predict.
          """)
      ]
    return [.heading("Surest mistakes")] + reading + blocks + notExamined
  }

  /// Whether classes are called by digits or the like.
  private static func areShort(_ classes: [String]) -> Bool { classes.allSatisfy { $0.count <= 3 } }

  private func scored(_ findings: Examination.Findings) -> String {
    let evaluation = findings.evaluation
    let data = findings.isOwnData ? "test images" : "images of the folder given with --data"
    return "\(grouped(evaluation.count - evaluation.correct)) of \(grouped(evaluation.count)) \(data) wrong."
  }

  /// Whose test set was not read, and why.
  private var notExamined: [HTMLPage.Block] {
    runs.compactMap { run in
      switch run.examination {
      case .done: nil
      case .skipped: nil
      case .missing(let obstacle): .note("\(run.name): left out, for \(obstacle).")
      }
    } + (runs.contains { $0.isSkipped } ? [.note("Left out with --no-images.")] : [])
  }
}

extension ReportedRun {
  fileprivate var isSkipped: Bool {
    if case .skipped = examination { true } else { false }
  }
}

import Foundation
import Unroll

/// The one anytime network beside a specialist for each number of steps, as table, charts and files.
struct CeilingReport {
  /// The outcome of the study.
  let rows: [CeilingRow]
  private let other: AccuracyTable?
  private let stepNames: String
  private let dataset: String

  /// A report of a study's rows, with accuracies from elsewhere to show beside them, of images read as `stepNames`.
  init(_ rows: [CeilingRow], beside other: AccuracyTable?, stepNames: String, dataset: String) {
    self.rows = rows
    self.other = other
    self.stepNames = stepNames
    self.dataset = dataset
  }

  /// Writes the table and the pictures.
  func write(to folder: RunFolder) throws {
    try AtomicFile.write(rows.csv, to: folder.ceilingTable)
    try AtomicFile.write(chart.svg(), to: folder.ceilingPicture)
    try AtomicFile.write(differencesChart.svg(), to: folder.ceilingDifferencesPicture)
  }

  /// The table and the chart, for a terminal or a file.
  func text(_ terminal: Terminal) -> String {
    let chart = chart.text(width: min(terminal.width, 100), height: 20, style: terminal.style)
    return "\(table.text(style: terminal.style))\n\n\(chart)\n"
  }

  /// Where the anytime network is furthest behind its specialist, as a sentence's beginning.
  var shortfall: String {
    guard let worst = rows.worst else { return "nothing was compared" }
    let (low, high) = worst.difference.interval
    let place = "after \(worst.step) \(stepNames)"
    guard worst.difference.value < 0 else { return "the anytime network is nowhere behind a specialist" }
    return """
      largest shortfall of the anytime network: \(points(-worst.difference.value)) points \(place) (95 % interval \
      \(points(-high)) to \(points(-low)))
      """
  }

  private var table: TextTable {
    var table = TextTable(
      header: [stepNames, "anytime", "specialist", "difference", "± 95 %", "last step", "seeds"]
        + (other.map { [$0.name] } ?? []))
    for row in rows {
      table.append(
        [
          String(row.step), percent(row.anytime.test), percent(row.specialist.test), signed(row.difference.value),
          points(row.difference.interval.high - row.difference.value), percent(row.lastStep.test), String(row.attempts),
        ] + (other.map { [$0.accuracies[row.step].map(percent) ?? "–"] } ?? []))
    }
    return table
  }

  private var subtitle: String { "\(dataset), test set; bands are 95 % intervals" }

  /// The numbers of steps themselves, where they are few.
  private var xAxis: LineChart.Axis {
    LineChart.Axis(
      label: "\(stepNames) read", ticks: rows.count <= 12 ? rows.map { Double($0.step) } : nil, format: .integer)
  }

  private var chart: LineChart {
    func line(_ name: String, _ accuracy: KeyPath<CeilingRow, CeilingRow.Accuracy>, isDashed: Bool = false)
      -> LineChart.Series
    {
      let points = rows.map { row in
        let accuracy = row[keyPath: accuracy]
        return LineChart.Point(x: Double(row.step), y: accuracy.test, low: accuracy.low, high: accuracy.high)
      }
      return LineChart.Series(name: name, points: points, isDashed: isDashed)
    }
    var series = [
      line("trained for the last step", \.lastStep, isDashed: true),
      line("a specialist for each number of \(stepNames)", \.specialist), line("one anytime network", \.anytime),
    ]
    if let other {
      let points = rows.compactMap { row in
        other.accuracies[row.step].map { LineChart.Point(x: Double(row.step), y: $0) }
      }
      series.insert(LineChart.Series(name: other.name, points: points, isDashed: true), at: 0)
    }
    return LineChart(
      title: "One anytime network and its ceiling", subtitle: subtitle, xAxis: xAxis,
      yAxis: LineChart.Axis(label: "accuracy", format: .percent), series: series)
  }

  /// Half a point is hard to see beside accuracies from nothing to all.
  private var differencesChart: LineChart {
    let points = rows.map { row in
      let (low, high) = row.difference.interval
      return LineChart.Point(x: Double(row.step), y: row.difference.value, low: low, high: high)
    }
    return LineChart(
      title: "The anytime network minus the specialist", subtitle: subtitle, xAxis: xAxis,
      yAxis: LineChart.Axis(label: "difference of accuracies", format: .percent),
      series: [LineChart.Series(name: "", points: points)],
      references: [.horizontal(y: 0, label: "as good"), .horizontal(y: -Self.goal, label: "half a point behind")])
  }

  /// How far behind the anytime network may be.
  private static let goal = 0.005
}

/// A difference of shares in percentage points.
private func points(_ difference: Double) -> String { fixed(100 * difference, 2) }

/// The same with its sign, also above 0.
private func signed(_ difference: Double) -> String { (difference > 0 ? "+" : "") + points(difference) }

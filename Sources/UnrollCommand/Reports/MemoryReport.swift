import Foundation
import Unroll

/// Over how many steps cells remember, and how gradients fall with distance, as tables, charts and files.
struct MemoryReport {
  /// A row for each task, length and cell.
  let rows: [MemoryRow]
  /// A row for each task, cell and distance from the end.
  let gradients: [InputGradientRow]
  private let design: MemoryDesign

  /// A report of what has been trained so far.
  init(_ study: MemoryStudy) {
    rows = study.rows
    gradients = study.gradients
    design = study.design
  }

  /// Writes the tables and the pictures.
  func write(to folder: RunFolder) throws {
    try AtomicFile.write(rows.csv, to: folder.memoryTable)
    try AtomicFile.write(gradients.csv, to: folder.gradientsTable)
    for task in design.tasks {
      try AtomicFile.write(chart(of: task).svg(), to: folder.memoryPicture(of: task))
      for afterTraining in [false, true] {
        try AtomicFile.write(
          gradientsChart(of: task, afterTraining: afterTraining).svg(),
          to: folder.gradientsPicture(of: task, afterTraining: afterTraining))
      }
    }
  }

  /// The tables and the charts, for a terminal or a file.
  func text(_ terminal: Terminal) -> String {
    design.tasks.map { task in
      let charts =
        [chart(of: task), gradientsChart(of: task, afterTraining: false)]
        + [gradientsChart(of: task, afterTraining: true)]
      let pictures = charts.map { $0.text(width: min(terminal.width, 100), height: 20, style: terminal.style) }
      return ([table(of: task).text(style: terminal.style)] + pictures).joined(separator: "\n\n") + "\n"
    }.joined(separator: "\n")
  }

  /// For each cell and length: how many seeds solved the task, their median number of updates, and the median error.
  private func table(of task: MemoryTask) -> TextTable {
    var table = TextTable(header: [task.rawValue, "steps"] + design.lengths.map(String.init))
    for cell in design.cells {
      let its = rows.filter { $0.task == task && $0.cell == cell }
      func line(_ name: String, _ what: String, _ text: (MemoryRow) -> String?) {
        table.append([name, what] + its.map { text($0) ?? "–" })
      }
      line(cell.rawValue, "solved") { $0.seeds == 0 ? nil : "\($0.solved)/\($0.seeds)" }
      line("", "updates") { $0.updates.map { fixed($0, 0) } }
      line("", "error") { $0.error.map { fixed($0, 4) } }
    }
    return table
  }

  /// The median error against the length. Squared errors lie orders of magnitude apart; shares of wrong answers may be 0.
  private func chart(of task: MemoryTask) -> LineChart {
    let series = design.cells.map { cell in
      let points = rows.filter { $0.task == task && $0.cell == cell }.compactMap { row in
        row.error.map { error in
          LineChart.Point(x: Double(row.length), y: error, low: row.lowestError, high: row.highestError)
        }
      }
      return LineChart.Series(name: cell.rawValue, points: points)
    }
    return LineChart(
      title: task.title,
      subtitle:
        "median and range of \(design.seeds) seeds; \(design.hiddenSize) units, at most \(design.updates) updates",
      xAxis: LineChart.Axis(
        label: "steps", ticks: design.lengths.map(Double.init), format: .integer, scale: .logarithmic),
      yAxis: task.errorAxis, series: series,
      references: [
        .horizontal(y: task.baseline, label: task.baselineName), .horizontal(y: task.solvedError, label: "solved"),
      ])
  }

  private func gradientsChart(of task: MemoryTask, afterTraining: Bool) -> LineChart {
    let its = gradients.filter { $0.task == task }
    let series = design.cells.map { cell in
      LineChart.Series(
        name: cell.rawValue,
        points: its.filter { $0.cell == cell }.map {
          LineChart.Point(x: Double($0.distance), y: afterTraining ? $0.after : $0.before)
        })
    }
    return LineChart(
      title: "\(task.title): gradients \(afterTraining ? "after" : "before") training",
      subtitle:
        "mean of \(MemoryDesign.gradientCount) sequences of \(design.gradientLength) steps, median of the seeds",
      xAxis: LineChart.Axis(label: "steps before the last", format: .integer),
      yAxis: LineChart.Axis(label: "‖∂loss/∂x‖", scale: .logarithmic), series: series)
  }
}

extension MemoryTask {
  fileprivate var title: String { self == .adding ? "The adding problem" : "The temporal order problem" }

  fileprivate var baselineName: String { self == .adding ? "always answering 1" : "guessing" }

  fileprivate var errorAxis: LineChart.Axis {
    switch self {
    case .adding: LineChart.Axis(label: "mean squared error", scale: .logarithmic)
    case .temporalOrder: LineChart.Axis(label: "wrong answers", range: 0...0.8, format: .percent)
    }
  }
}

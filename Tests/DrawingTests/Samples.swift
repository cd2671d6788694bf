import Drawing

/// Charts as the tool draws them.
enum Samples {
  /// Two lines that end in the same point, as accuracy by rows does.
  static let accuracyByRows = LineChart(
    title: "How many rows does the network need?", subtitle: "MNIST test set, 10,000 images; shaded: 95 % interval",
    xAxis: .init(label: "rows", ticks: [1, 4, 8, 12, 16, 20, 24, 28], format: .integer),
    yAxis: .init(label: "accuracy", range: 0...1, format: .percent),
    series: [
      .init(name: "rows not read", points: rows { 0.1 + 0.889 * (1 - $0 * $0) }),
      .init(name: "blank rows in front", points: rows { 0.1 + 0.889 * (1 - $0) * (1 - $0) }, isDashed: true),
    ],
    references: [.horizontal(y: 0.1, label: "guessing")],
    notes: [.init(x: 28, y: 0.989, text: "28 rows: 98.9 %")])

  /// Two lines that end apart, as training and validation loss do.
  static let loss = LineChart(
    title: "Loss", subtitle: "one seed", xAxis: .init(label: "epoch", format: .integer),
    yAxis: .init(label: "cross-entropy"),
    series: [
      .init(name: "training", points: (1...12).map { .init(x: Double($0), y: 0.35 / Double($0)) }),
      .init(name: "validation", points: (1...12).map { .init(x: Double($0), y: 0.3 / Double($0) + 0.06) }),
    ],
    references: [.vertical(x: 9, label: "best")])

  /// 28 points of `curve`, which gets how much of the image is missing, 0...1.
  private static func rows(_ curve: (Double) -> Double) -> [LineChart.Point] {
    (1...28).map { row in
      let y = curve(1 - Double(row - 1) / 27)
      return LineChart.Point(x: Double(row), y: y, low: y - 0.01, high: y + 0.01)
    }
  }
}
